import type { Database } from 'better-sqlite3-multiple-ciphers';

/** Drafts of what policy marks are encrypted beside the database's own encryption, as the record will be. */
export function addSealedDrafts(db: Database): void {
  db.exec('ALTER TABLE draft ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0');
}
