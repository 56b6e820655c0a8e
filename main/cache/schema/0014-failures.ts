import type { Database } from 'better-sqlite3-multiple-ciphers';

/** Why the run went on without what a task would have brought: a code of sync; null where it didn't. */
export function createFailures(db: Database): void {
  db.exec('ALTER TABLE sync_task ADD COLUMN failure TEXT');
}
