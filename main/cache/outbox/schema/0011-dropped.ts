import type { Database } from 'better-sqlite3-multiple-ciphers';

/**
 * Local ids of creates that were withdrawn: no server will ever know them, so that what refers to one can't be sent,
 * whatever becomes of it before it is its turn.
 */
export function createDropped(db: Database): void {
  db.exec(`
    CREATE TABLE dropped (
      type TEXT NOT NULL,
      -- Local id.
      resource TEXT NOT NULL,
      PRIMARY KEY (resource, type)
    ) STRICT, WITHOUT ROWID;
  `);
}
