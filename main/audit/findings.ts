import type { Finding } from '../../preload/contract/audit.ts';
import type { ReadDb, WriteDb } from '../cache/open.ts';
import { sql } from '../cache/statements.ts';

/** A finding that no entry tells of yet. */
export type PendingFinding = Finding & { readonly id: number };

/** Keeps what was found; the same thing once. */
export function keepFinding(db: WriteDb, { code, log, first, end }: Finding): void {
  sql(db, 'INSERT OR IGNORE INTO finding (code, log, first, "end") VALUES (?, ?, ?, ?)').run(code, log, first, end);
}

/** What no entry tells of yet. */
export function pendingFindings(db: ReadDb): PendingFinding[] {
  const text = 'SELECT id, code, log, first, "end" FROM finding WHERE seq IS NULL ORDER BY id LIMIT 100';
  return sql(db, text).all() as PendingFinding[];
}

/** The entry that tells of a finding. */
export function settleFinding(db: WriteDb, { id, seq }: { id: number; seq: number }): void {
  sql(db, 'UPDATE finding SET seq = ? WHERE id = ?').run(seq, id);
}
