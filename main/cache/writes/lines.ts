import { startOf } from '../dates.ts';
import type { Facts } from '../ingest/facts.ts';
import { items, parseReference, text } from '../json.ts';
import type { PageResult, SyncTask, WriteOperations } from '../operations.ts';
import { typesOf } from '../task-types.ts';
import { beginPage, type Deletion, removeAll, storeAll, type Writer } from './page.ts';
import { advanceTask, markFlawed, pendingTask } from './run.ts';

type Lines = Parameters<WriteOperations['applyLines']>[0];

/** What `sync_task.next` holds of a bulk export; the rest of it is the engine's. */
interface ExportCursor {
  /** Lines that are stored, by name of the file. */
  readonly lines: Readonly<Record<string, number>>;
}

/** Stores lines of a bulk export's file, and the place after them, together (design rule 1). */
export function applyLines(writer: Writer, args: Lines): PageResult & { removed: number } {
  const { db } = writer;
  const { seq, file, lines, line, deletions, serverTime } = args;
  const task = pendingTask(db, seq);
  const arrival = beginPage(writer, task, serverTime);
  const cursor = JSON.parse(task.next ?? '{}') as Partial<ExportCursor>;
  const next = { ...cursor, lines: { ...cursor.lines, [file]: line + lines.length } };
  const result = deletions
    ? {
        stored: 0,
        unchanged: 0,
        rejected: 0,
        ...removeAll(
          writer,
          lines.flatMap((one) => deletionsOf(one, serverTime)),
        ),
      }
    : { ...storeAll(writer, lines, arrival, wantedBy(task)), removed: 0 };
  if (result.rejected > 0) markFlawed(db, seq);
  advanceTask(db, seq, 'pending', JSON.stringify(next));
  return result;
}

/** A Group may have other members than the clinician's patients, and a server may send other types than were asked for. */
function wantedBy(task: SyncTask): (facts: Facts) => boolean {
  const types = new Set(typesOf(task));
  const patients = new Set(task.patients);
  return ({ type, patient }) => types.has(type) && (patient === null || patients.has(patient));
}

/** A line of a `deleted` file: a transaction Bundle of DELETE entries (Bulk Data Access 2.0, export manifest). */
function deletionsOf(line: string, at: string): Deletion[] {
  let bundle: unknown;
  try {
    bundle = JSON.parse(line);
  } catch {
    return [];
  }
  return items(bundle, 'entry').flatMap((entry) => {
    const reference = text(entry, 'request', 'method') === 'DELETE' && parseReference(text(entry, 'request', 'url'));
    return reference ? [{ ...reference, versionId: '', at: startOf(at) }] : [];
  });
}
