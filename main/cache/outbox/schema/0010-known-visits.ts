import type { Database } from 'better-sqlite3-multiple-ciphers';

/** Ids of the patient's records of the same type that the chart had when a numbered one was made, as a JSON list. */
export function addKnownVisits(db: Database): void {
  db.exec(`ALTER TABLE numbered ADD COLUMN known TEXT NOT NULL DEFAULT '[]'`);
}
