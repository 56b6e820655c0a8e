import type { Database } from 'better-sqlite3-multiple-ciphers';

/*
 * Fields that policy marks, or that are sealed, are encrypted once more in what is stored (fields/layer.ts): their key,
 * wrapped, and the index by which equal values of some are found.
 */
export function createSealedFields(db: Database): void {
  db.exec(`
    CREATE TABLE field_key (id INTEGER PRIMARY KEY CHECK (id = 1), wrapped BLOB NOT NULL) STRICT;

    -- Keyed hashes of values, of those fields of which policy allows it.
    CREATE TABLE field_index (hash BLOB NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY (hash, rid)) STRICT, WITHOUT ROWID;
    CREATE INDEX field_index_by_record ON field_index (rid);
  `);
}
