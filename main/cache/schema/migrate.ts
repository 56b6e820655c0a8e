import type { Database } from 'better-sqlite3-multiple-ciphers';
import { CodedError } from '../store-error.ts';

/** One numbered step of a schema; its place in the list is its number. */
export type Migration = (db: Database) => void;

/** Number of the last migration that the file has seen; 0 for one without any. */
export function schemaVersion(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

/** Brings a database up to the last migration in one transaction, or leaves it as it was. */
export function migrate(db: Database, migrations: readonly Migration[]): void {
  const from = schemaVersion(db);
  if (from > migrations.length) throw new CodedError('cache-newer-schema');
  if (from === migrations.length) return;
  const run = db.transaction(() => {
    for (const step of migrations.slice(from)) step(db);
    db.pragma(`user_version = ${migrations.length}`);
  });
  run.immediate();
}
