import type { Database } from 'better-sqlite3-multiple-ciphers';

/*
 * A change that was sent is frozen until its outcome is known: `mine` is what was sent, and an edit that comes
 * meanwhile is a row of its own, after it.
 */
export function createChanges(db: Database): void {
  db.exec(`
    CREATE TABLE change (
      -- Order in which the clinician made the changes.
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      patient TEXT NOT NULL,
      type TEXT NOT NULL,
      resource TEXT NOT NULL,
      action TEXT NOT NULL CHECK (action IN ('create', 'update', 'delete')),
      -- acknowledged, withdrawn: settled; the row stays until the cache has followed.
      state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'conflict', 'parked', 'acknowledged', 'withdrawn')),
      title TEXT NOT NULL,
      author TEXT NOT NULL,
      changed_at TEXT NOT NULL,

      -- The version that the clinician saw. Null for a create, and for an edit of what is being sent.
      base_version TEXT,
      base_body TEXT,
      -- What the clinician wrote; null for a delete.
      mine TEXT,
      -- Their newer version; a version without a body is a deletion.
      theirs_version TEXT,
      theirs_body TEXT,

      attempts INTEGER NOT NULL DEFAULT 0,
      -- A lower bound of the server's time when it was first sent.
      sent_after TEXT,
      -- The server was reset since the base was seen.
      doubted INTEGER NOT NULL DEFAULT 0,
      -- JSON: why it is parked.
      problem TEXT,

      -- What the cache is to hold once the change is settled; no body: nothing.
      final_resource TEXT,
      final_version TEXT,
      final_body TEXT,
      -- Server time of a deletion.
      final_at TEXT,

      CHECK (action = 'delete' OR mine IS NOT NULL),
      CHECK (state <> 'conflict' OR theirs_version IS NOT NULL)
    ) STRICT;
    CREATE INDEX change_by_resource ON change (type, resource, sequence);
    CREATE INDEX change_by_patient ON change (patient);

    -- The server's id of what was created here, for a page that shows the local one still.
    CREATE TABLE alias (
      type TEXT NOT NULL,
      local TEXT NOT NULL,
      server TEXT NOT NULL,
      PRIMARY KEY (type, local)
    ) STRICT, WITHOUT ROWID;

    -- Versions that our own changes made, by the version they were made of: no news to who made them.
    CREATE TABLE own_version (
      type TEXT NOT NULL,
      resource TEXT NOT NULL,
      base TEXT NOT NULL,
      version TEXT NOT NULL,
      PRIMARY KEY (type, resource, base)
    ) STRICT, WITHOUT ROWID;
  `);
}
