import type { Database } from 'better-sqlite3-multiple-ciphers';

/** Drafts of vital signs beside those of notes, which were all that there were. */
export function addDraftTypes(db: Database): void {
  db.exec(`
    ALTER TABLE draft RENAME TO note_draft;
    CREATE TABLE draft (
      patient TEXT NOT NULL,
      type TEXT NOT NULL,
      -- The record that is changed; empty for a new one.
      resource TEXT NOT NULL,
      -- Null where the record says what it is.
      kind TEXT,
      -- The version of the record that the clinician saw; empty for a new one, and for one that was never sent.
      version TEXT NOT NULL,
      title TEXT NOT NULL,
      -- The text of a note; number and unit of a vital sign as JSON.
      body TEXT NOT NULL,
      changed_at TEXT NOT NULL,
      -- JSON: the labels of the record that is changed.
      labels TEXT,
      PRIMARY KEY (patient, type, resource)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO draft (patient, type, resource, kind, version, title, body, changed_at, labels)
      SELECT patient, 'DocumentReference', note, kind, version, title, body, changed_at, labels FROM note_draft;
    DROP TABLE note_draft;
  `);
}
