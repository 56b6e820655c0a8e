import type { WriteDb } from '../open.ts';
import { sql } from '../statements.ts';

/** Most charts that are remembered. */
const OPENED_MAX = 50;

/** Remembers that a chart was opened; of a patient who isn't known, nothing. */
export function noteOpened(db: WriteDb, patientId: string, at: number): void {
  sql(
    db,
    `INSERT INTO opened (pid, at) SELECT pid, ? FROM patient WHERE id = ?
     ON CONFLICT (pid) DO UPDATE SET at = excluded.at`,
  ).run(at, patientId);
  sql(db, 'DELETE FROM opened WHERE pid NOT IN (SELECT pid FROM opened ORDER BY at DESC LIMIT ?)').run(OPENED_MAX);
}
