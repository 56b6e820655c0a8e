import type { Database } from 'better-sqlite3-multiple-ciphers';

/**
 * Text that a clinician has typed and not saved. Here and not in the cache, because the cache may be made anew from the
 * server, and a draft can't; but never a change: nothing that sends looks at it.
 */
export function createDrafts(db: Database): void {
  db.exec(`
    CREATE TABLE draft (
      patient TEXT NOT NULL,
      -- The note that is amended; empty for a new one.
      note TEXT NOT NULL,
      kind TEXT NOT NULL,
      -- The version of the note that the clinician saw; empty for a new one, and for one that was never sent.
      version TEXT NOT NULL,
      title TEXT NOT NULL,
      body TEXT NOT NULL,
      changed_at TEXT NOT NULL,
      PRIMARY KEY (patient, note)
    ) STRICT, WITHOUT ROWID;
  `);
}
