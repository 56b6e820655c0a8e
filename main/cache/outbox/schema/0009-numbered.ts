import type { Database } from 'better-sqlite3-multiple-ciphers';

/**
 * Records that were made here with a number that was reserved for this workstation, and records of the server that may
 * be the same visit or specimen. Both outlive the change: others may register the same long after it was sent.
 */
export function createNumbered(db: Database): void {
  db.exec(`
    CREATE TABLE numbered (
      type TEXT NOT NULL,
      -- Local id.
      resource TEXT NOT NULL,
      patient TEXT NOT NULL,
      system TEXT NOT NULL,
      value TEXT NOT NULL,
      title TEXT NOT NULL,
      made_at TEXT NOT NULL,
      PRIMARY KEY (type, resource)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE duplicate (
      id TEXT PRIMARY KEY,
      type TEXT NOT NULL,
      resource TEXT NOT NULL,
      kind TEXT NOT NULL CHECK (kind IN ('other-patient', 'same-number', 'overlap', 'same-type')),
      -- Id of the server's record, and its text; none of another patient's.
      other TEXT NOT NULL,
      body TEXT,
      found_at TEXT NOT NULL,
      -- A person has looked at both, and wants both.
      kept INTEGER NOT NULL DEFAULT 0,
      UNIQUE (type, resource, other)
    ) STRICT;
  `);
}
