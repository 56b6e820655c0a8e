import type { Database } from 'better-sqlite3-multiple-ciphers';

/** How many resources the first page of a search said that it finds; null where it didn't say, or has no second page. */
export function createTotals(db: Database): void {
  db.exec('ALTER TABLE sync_task ADD COLUMN total INTEGER');
}
