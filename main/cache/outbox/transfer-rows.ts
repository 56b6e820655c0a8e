import type { ReadDb, WriteDb } from '../open.ts';
import { sql } from '../statements.ts';
import type { Row } from './rows.ts';

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
