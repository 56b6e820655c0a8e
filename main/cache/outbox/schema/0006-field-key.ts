import type { Database } from 'better-sqlite3-multiple-ciphers';

/** The wrapped key of the fields that policy marks (../../fields/key.ts): the outbox has one of its own, and outlives the cache. */
export function createFieldKey(db: Database): void {
  db.exec('CREATE TABLE field_key (id INTEGER PRIMARY KEY CHECK (id = 1), wrapped BLOB NOT NULL) STRICT');
}
