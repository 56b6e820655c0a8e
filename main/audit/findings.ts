import type { Finding } from '../../preload/contract/audit.ts';
import type { ReadDb, WriteDb } from '../cache/open.ts';
import { sql } from '../cache/statements.ts';
import { entryIn } from './entries.ts';
import { indexOfEntry } from './lookup.ts';

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

/** What was found, and the time (milliseconds) of the entry that tells of it. */
export type KnownFinding = Finding & { readonly time: number | null };

/** All that was found, newest first. */
export function knownFindings(db: ReadDb, limit: number): KnownFinding[] {
  const text = `SELECT f.code, f.log, f.first, f."end", e.seq, e.leaf FROM finding f LEFT JOIN entry e ON e.seq = f.seq
    ORDER BY f.id DESC LIMIT ?`;
  const rows = sql(db, text).all(limit) as (Finding & { readonly seq: number | null; readonly leaf: Uint8Array })[];
  return rows.map(({ seq, leaf, ...found }) => ({
    ...found,
    time: seq === null ? null : indexOfEntry(entryIn({ seq, leaf })).time,
  }));
}

/** The entry that tells of a finding. */
export function settleFinding(db: WriteDb, { id, seq }: { id: number; seq: number }): void {
  sql(db, 'UPDATE finding SET seq = ? WHERE id = ?').run(seq, id);
}
