import type { Migration } from '../../cache/schema/migrate.ts';

/** How far each server knew the log at last. */
export const enrolmentTables: Migration = (db) => {
  db.exec(`CREATE TABLE enrolled (server TEXT PRIMARY KEY, size INTEGER NOT NULL) STRICT, WITHOUT ROWID;`);
};
