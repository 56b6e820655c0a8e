import type { Database } from 'better-sqlite3-multiple-ciphers';

/**
 * The labels of the note that a draft changes, as JSON: what is known of a note that the cache does not have any longer.
 * Null for a new note, and where it was kept before this was.
 */
export function addDraftLabels(db: Database): void {
  db.exec('ALTER TABLE draft ADD COLUMN labels TEXT');
}
