import type { Parameters, ParametersParameter } from 'fhir/r4';
import type { NewTask, SyncTask } from '../cache/operations.ts';
import type { BulkClient, Manifest } from '../fhir/bulk.ts';
import type { RawError } from '../fhir/raw.ts';
import type { Capabilities } from './capabilities.ts';
import { nameFiles } from './export-files.ts';
import type { Fetching } from './fetch.ts';
import { recordTypes, referencedTypes } from './plan.ts';
import { type Failure, failed, type RunResult, stopped } from './run-options.ts';

export interface ExportPlan {
  /** Patients who are fetched whole, and are members of the Group. */
  readonly patients: readonly string[];
  readonly group: string | null;
  /** False where the others of the Group are here already, and only these patients are to be exported. */
  readonly isWholeGroup: boolean;
  readonly capabilities: Capabilities;
  readonly bulk: BulkClient | undefined;
}

/**
 * The first download of a Group that policy names, and later one of its new members, where the server offers exports.
 * What a new member's records say is older than the cursor, so no search for changes would bring it.
 */
export function exportTasks({ patients, group, isWholeGroup, capabilities, bulk }: ExportPlan): NewTask[] {
  if (!bulk || group === null || !capabilities.exportsGroups || patients.length === 0) return [];
  const types = [...recordTypes, ...referencedTypes].filter((type) => type === 'Patient' || capabilities.hasType(type));
  const query = `_outputFormat=application%2Ffhir%2Bndjson&_type=${types.join(',')}`;
  const members = isWholeGroup ? '' : `&${MEMBERS}=${patients.map((id) => `Patient/${id}`).join(',')}`;
  return [
    {
      label: 'All records',
      resourceType: 'Group',
      url: `Group/${group}/$export?${query}${members}`,
      patients,
      kind: 'export',
      // The changes of those who are known don't wait for it.
      phase: isWholeGroup ? 'safety' : 'changes',
    },
  ];
}

const MEMBERS = 'patient';

/** Only a POST can say whose records an export is to hold (Bulk Data Access 2.0, query parameters). */
function kickOffOf(url: string): { url: string; parameters?: Parameters } {
  const [path = '', query = ''] = url.split('?');
  const asked = new URLSearchParams(query);
  const members = asked.get(MEMBERS);
  if (members === null) return { url };
  const parameter: ParametersParameter[] = [...asked]
    .filter(([name]) => name !== MEMBERS)
    .map(([name, valueString]) => ({ name, valueString }));
  const patients = members.split(',').map((reference) => ({ name: MEMBERS, valueReference: { reference } }));
  return { url: path, parameters: { resourceType: 'Parameters', parameter: [...parameter, ...patients] } };
}

const POLL_FIRST_MS = 1_000;
const POLL_MAX_MS = 60_000;
/** Longest wait that a server can ask for; a timer of more than 24 days would come due at once. */
const LONGEST_MS = 60 * 60_000;
/** Answers to the kick-off that say that there is no export for this client. */
const notOffered: ReadonlySet<number | null> = new Set([400, 403, 404, 405, 406, 422, 501]);

/** Answers while an export is waited for after which it can be asked for again. */
const passing: ReadonlySet<number> = new Set([401, 429, 502, 503, 504]);

/** Where an export stands, as the cache keeps it with the lines that are stored. */
interface Cursor {
  readonly status: string;
  /** By what the list of its files is known again; null before it was told. */
  readonly list: string | null;
  /** Lines of a file that are stored. */
  readonly lines: Readonly<Record<string, number>>;
  /** Files of which everything is stored. */
  readonly done: readonly string[];
}

/**
 * A bulk export: begun, waited for, and its files stored line by line. The place in each file moves with the lines that
 * are stored, so that an export which is cut off repeats at most one portion.
 */
export async function fetchExport(
  fetching: Fetching,
  task: SyncTask,
  searchInstead: () => Promise<void>,
): Promise<RunResult> {
  const { options, onStored } = fetching;
  const { bulk, cache, signal } = options;
  onStored(task, 0);
  if (!bulk) return giveUp(searchInstead);
  let cursor = task.next === null ? null : (JSON.parse(task.next) as Cursor);
  if (cursor === null) {
    const begun = await bulk.begin(kickOffOf(task.url), signal);
    if (!begun.ok) return notOffered.has(begun.error.status) ? giveUp(searchInstead) : exportFailed(begun.error);
    cursor = { status: begun.value.status, list: null, lines: {}, done: [] };
    await cache.write.setCursor({ seq: task.seq, next: JSON.stringify(cursor) });
  }
  const waited = await waitFor(fetching, bulk, cursor.status);
  // The server has forgotten the export, or can't make it.
  if (!waited.ok && waited.error.status !== null && !passing.has(waited.error.status)) {
    await bulk.cancel(cursor.status);
    return giveUp(searchInstead);
  }
  if (!waited.ok) return exportFailed(waited.error);
  const stored = await storeFiles(fetching, bulk, task, cursor, waited.value);
  if (!stored.ok) return stored;
  const state = stored.isWhole && waited.value.error.length === 0 ? 'done' : 'incomplete';
  await cache.write.endTask({ seq: task.seq, state, transactionTime: waited.value.transactionTime });
  await bulk.cancel(cursor.status);
  return { ok: true };
}

async function giveUp(searchInstead: () => Promise<void>): Promise<RunResult> {
  await searchInstead();
  return { ok: true };
}

function exportFailed({ code, retryAfter }: RawError): Failure {
  return failed({ code, retryAfter });
}

async function waitFor(
  { options, isStopping, sendMore }: Fetching,
  bulk: BulkClient,
  status: string,
): Promise<{ ok: true; value: Manifest } | { ok: false; error: RawError }> {
  const { timers, random, signal, stopping } = options;
  const ending = stopping ? AbortSignal.any([signal, stopping]) : signal;
  for (let polls = 0; ; polls += 1) {
    const answer = await bulk.poll(status, signal);
    const retryAfter = answer.ok ? answer.value.retryAfter : answer.error.retryAfter;
    if (answer.ok && answer.value.manifest) return { ok: true, value: answer.value.manifest };
    if (!answer.ok && answer.error.status !== 429) return answer;
    const step = Math.min(POLL_MAX_MS, POLL_FIRST_MS * 1.5 ** polls) * (0.75 + random() / 2);
    await sendMore();
    await timers.wait(Math.min(Math.max(step, (retryAfter ?? 0) * 1000), LONGEST_MS), ending);
    if (isStopping()) return { ok: false, error: { code: 'cancelled', status: null, retryAfter: null } };
  }
}

/**
 * What was stored of a list of other files counts for nothing: all of them are read then. Whole is what has as many lines
 * as the server says: a file that is cut off between two lines looks like one that ends there.
 */
async function storeFiles(
  fetching: Fetching,
  bulk: BulkClient,
  task: SyncTask,
  found: Cursor,
  manifest: Manifest,
): Promise<Failure | { ok: true; isWhole: boolean }> {
  const { write } = fetching.options.cache;
  const { files, list } = nameFiles(manifest);
  const cursor = found.list === list ? found : { ...found, list, lines: {}, done: [] };
  if (cursor !== found) await write.setCursor({ seq: task.seq, next: JSON.stringify(cursor) });
  let done = cursor.done;
  for (const { file, name, deletions } of files) {
    if (done.includes(name)) continue;
    const stored = await storeFile(fetching, bulk, task, {
      url: file.url,
      name,
      deletions,
      line: cursor.lines[name] ?? 0,
      serverTime: manifest.transactionTime,
    });
    if (!stored.ok) return stored;
    if (file.count !== null && stored.lines < file.count) continue;
    done = [...done, name];
    await write.setCursor({ seq: task.seq, next: JSON.stringify({ ...cursor, lines: {}, done }) });
  }
  return { ok: true, isWhole: done.length === files.length };
}

async function storeFile(
  { options, onStored, isStopping, sendMore }: Fetching,
  bulk: BulkClient,
  task: SyncTask,
  {
    url,
    name,
    deletions,
    line,
    serverTime,
  }: { url: string; name: string; deletions: boolean; line: number; serverTime: string },
): Promise<Failure | { ok: true; lines: number }> {
  const { cache, signal, onChanged } = options;
  // A soft end comes between two portions; what is under way is stored first.
  const ending = new AbortController();
  const stop = () => ending.abort();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted || isStopping()) stop();
  let at = line;
  const read = await bulk.lines(
    url,
    line,
    async (lines) => {
      const result = await cache.write.applyLines({
        seq: task.seq,
        file: name,
        lines,
        line: at,
        deletions,
        serverTime,
      });
      at += lines.length;
      onChanged(result.patients);
      if (result.news) options.onChanges?.();
      onStored(task, result.stored);
      await sendMore();
      if (isStopping()) stop();
    },
    ending.signal,
  );
  signal.removeEventListener('abort', stop);
  if (read.ok) return { ok: true, lines: at };
  return ending.signal.aborted ? stopped('cancelled') : exportFailed(read.error);
}
