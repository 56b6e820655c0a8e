import type { Database } from 'better-sqlite3-multiple-ciphers';

/**
 * Sections of which the server tells no deletions: it neither has a history of the type, nor lets its ids be compared.
 */
export function createDeletionsColumn(db: Database): void {
  db.exec('ALTER TABLE section_state ADD COLUMN deletions_unknown INTEGER NOT NULL DEFAULT 0');
}
