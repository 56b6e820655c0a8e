import type { Migration } from '../../cache/schema/migrate.ts';
import { appendOnly } from '../append-only.ts';

/** Segments and receipts: both are only ever added to. */
export const deliveryTables: Migration = (db) => {
  db.exec(`
    CREATE TABLE segment (
      first INTEGER PRIMARY KEY,
      "end" INTEGER NOT NULL UNIQUE CHECK ("end" > first),
      name TEXT NOT NULL,
      sha256 TEXT NOT NULL,
      body TEXT NOT NULL,
      time TEXT NOT NULL
    ) STRICT;
    CREATE TABLE receipt (
      id INTEGER PRIMARY KEY,
      target TEXT NOT NULL,
      first INTEGER NOT NULL REFERENCES segment (first),
      receipt TEXT NOT NULL
    ) STRICT;
    CREATE INDEX receipt_target ON receipt (target, first);
    ${['segment', 'receipt'].map(appendOnly).join('')}
  `);
};
