import type { ReadDb, WriteDb } from '../open.ts';
import { sql } from '../statements.ts';
import { isObject, type Json, type JsonObject, printResource, readResource } from './content.ts';
import { openRows, type Row, updateRow } from './rows.ts';

/** DocumentReferences whose files are not stored yet, by their local ids. */
export function heldDocuments(db: ReadDb): ReadonlySet<string> {
  const rows = sql(db, `SELECT document FROM transfer WHERE record = 'open' AND state <> 'stored'`).all();
  return new Set((rows as { document: string }[]).map(({ document }) => document));
}

/** What became of a record becomes of its file: to be called in the transaction that settles the record. */
export function settleTransfer(db: WriteDb, { type, resource, action }: Row, record: 'sent' | 'withdrawn'): void {
  if (type !== 'DocumentReference' || action !== 'create') return;
  sql(db, `UPDATE transfer SET record = ? WHERE document = ? AND record = 'open'`).run(record, resource);
}

/** The server was reset: whether it has the files still is to be looked at before their records are sent. */
export function doubtTransfers(db: WriteDb): void {
  sql(db, `UPDATE transfer SET state = 'waiting', url = NULL WHERE state = 'stored' AND record = 'open'`).run();
}

/**
 * Writes into a document's unsent texts where its file is stored: also into one that was written meanwhile, on a text of
 * before.
 */
export function keepAddress(db: WriteDb, document: string): void {
  const found = sql(db, `SELECT url FROM transfer WHERE document = ? AND record = 'open' AND state = 'stored'`).get(
    document,
  );
  const { url = null } = (found ?? {}) as { url?: string };
  if (url === null) return;
  for (const { id, mine } of openRows(db, 'DocumentReference', document)) {
    if (mine !== null) updateRow(db, id, { mine: printResource(storedAt(readResource(mine), url)) });
  }
}

/** The document with the address of its file. */
function storedAt(resource: JsonObject, url: string): JsonObject {
  const content: readonly Json[] = Array.isArray(resource.content) ? resource.content : [];
  const [first, ...others] = content;
  if (!isObject(first) || !isObject(first.attachment)) return resource;
  return { ...resource, content: [{ ...first, attachment: { ...first.attachment, url } }, ...others] };
}
