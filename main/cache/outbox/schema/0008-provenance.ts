import type { Database } from 'better-sqlite3-multiple-ciphers';

/**
 * The Provenance of a change: it goes when the change was taken, and with it when that is withdrawn. Null where it was
 * written before there was any, or where the sign-in doesn't cover it.
 */
export function addProvenance(db: Database): void {
  db.exec('ALTER TABLE change ADD COLUMN provenance TEXT');
}
