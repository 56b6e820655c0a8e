import type { NoteText } from '../../../preload/contract/notes.ts';
import { HIDDEN } from '../ingest/buckets.ts';
import { parseExact } from '../json.ts';
import type { ReadDb } from '../open.ts';
import { sql } from '../statements.ts';
import { noteTextView } from '../views/notes.ts';
import { createLookup, knownPatient, termOf, unsentOf } from './sections.ts';

/** A document of a patient with its text, or null where it is another's, was withdrawn or isn't cached. */
export function readNote(db: ReadDb, patientId: string, noteId: string): NoteText | null {
  const pid = knownPatient(db, patientId);
  if (pid === undefined) return null;
  const row = sql(
    db,
    `SELECT body, local FROM resource WHERE type = ? AND id = ? AND patient = ? AND bucket <> ${HIDDEN}`,
  ).get(termOf(db, 'DocumentReference'), noteId, pid) as { body: string; local: number } | undefined;
  return row ? noteTextView(parseExact(row.body), createLookup(db), unsentOf(row.local)) : null;
}
