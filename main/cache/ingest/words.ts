import type { WriteDb } from '../open.ts';
import { sql } from '../statements.ts';

/** Where a word comes from; the numbers are kept in the database. */
export const wordKind = { patient: 0, location: 1, sound: 2 } as const;

/** Replaces the words by which a patient is found, of one kind. */
export function writeWords(
  db: WriteDb,
  pid: number,
  kind: (typeof wordKind)[keyof typeof wordKind],
  words: ReadonlySet<string>,
): void {
  sql(db, 'DELETE FROM patient_word WHERE pid = ? AND kind = ?').run(pid, kind);
  for (const word of words) sql(db, 'INSERT INTO patient_word (word, pid, kind) VALUES (?, ?, ?)').run(word, pid, kind);
}
