import type { NoteText } from '../../../preload/contract/notes.ts';
import { idKey } from '../id-key.ts';
import { HIDDEN } from '../ingest/buckets.ts';
import { parseExact } from '../json.ts';
import type { ReadDb } from '../open.ts';
import { needCurrent, type Sight, shownLabels } from '../sight.ts';
import { sql } from '../statements.ts';
import { noteTextView } from '../views/notes.ts';
import { createLookup, knownPatient, termOf, unsentOf } from './sections.ts';

/** A document of a patient with its text, or null where it is another's, may not be seen, was withdrawn or isn't cached. */
export function readNote(db: ReadDb, patientId: string, noteId: string, sight: Sight): NoteText | null {
  needCurrent(db, sight);
  const pid = knownPatient(db, patientId);
  if (pid === undefined) return null;
  const row = sql(
    db,
    `SELECT body, local FROM resource WHERE type = ? AND key = ? AND id = ? AND patient = ? AND bucket <> ${HIDDEN}
     AND label IN (${shownLabels(sight, 'DocumentReference')})`,
  ).get(termOf(db, 'DocumentReference'), idKey(noteId), noteId, pid) as { body: string; local: number } | undefined;
  return row ? noteTextView(parseExact(row.body), createLookup(db, pid, sight), unsentOf(row.local)) : null;
}
