import type { Database } from 'better-sqlite3-multiple-ciphers';

/** When, in milliseconds, the server wrote versions that a history of the run has told of and that were not here. */
export function createTold(db: Database): void {
  db.exec(`CREATE TABLE told (
    type INTEGER NOT NULL REFERENCES term,
    id TEXT NOT NULL,
    updated INTEGER NOT NULL,
    PRIMARY KEY (type, id)
  ) STRICT, WITHOUT ROWID`);
}
