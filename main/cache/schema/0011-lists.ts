import type { Database } from 'better-sqlite3-multiple-ciphers';
import { defineIdKey } from '../id-key.ts';
import { patientSummary } from '../ingest/patient.ts';
import { wordKind, writeWords } from '../ingest/words.ts';
import type { WriteDb } from '../open.ts';

/**
 * What the clinician has opened, by when; and the words by which patients are found, anew: by date of birth and by sound
 * too.
 */
export function createLists(db: Database): void {
  db.exec(`
    CREATE TABLE opened (pid INTEGER PRIMARY KEY REFERENCES patient, at INTEGER NOT NULL) STRICT;
    CREATE INDEX opened_by_time ON opened (at);
  `);
  defineIdKey(db);
  const rows = db
    .prepare(
      `SELECT p.pid, r.body FROM patient p
       JOIN resource r ON r.type = (SELECT tid FROM term WHERE text = 'Patient') AND r.key = id_key(p.id) AND r.id = p.id
       WHERE p.known = 1`,
    )
    .all() as { pid: number; body: string }[];
  for (const { pid, body } of rows) {
    const { words, sounds } = patientSummary(JSON.parse(body));
    writeWords(db as WriteDb, pid, wordKind.patient, words);
    writeWords(db as WriteDb, pid, wordKind.sound, sounds);
  }
}
