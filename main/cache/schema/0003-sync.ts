import type { Database } from 'better-sqlite3-multiple-ciphers';
import { startOf } from '../dates.ts';

/*
 * What a sync that goes both ways has to remember. Times are milliseconds of the server's clock, unless said otherwise.
 *
 * `resource.local`: 0 as the server has it; 1, 2, 3: the clinician's own text, whose change waits, conflicts, is parked.
 */
export function createSyncTables(db: Database): void {
  db.exec(`
    ALTER TABLE resource ADD COLUMN stored_at INTEGER;
    ALTER TABLE resource ADD COLUMN local INTEGER NOT NULL DEFAULT 0;

    -- Records of which only a part is here (R4 resource.html#Meta.tag): few, and none in a section that is complete.
    CREATE INDEX resource_subsetted ON resource (patient, type) WHERE subsetted = 1;

    -- When the patient left the panel.
    ALTER TABLE patient ADD COLUMN left_at INTEGER;

    -- Versions that the cache had and has no longer as current ones. \`ended\` 'local': the clinician's own text is in its
    -- place, and it is the current version of the server still.
    CREATE TABLE history (
      hid INTEGER PRIMARY KEY,
      type INTEGER NOT NULL REFERENCES term,
      id TEXT NOT NULL,
      version_id TEXT NOT NULL,
      last_updated TEXT,
      patient INTEGER REFERENCES patient,
      known_from INTEGER,
      known_until INTEGER,
      ended TEXT NOT NULL CHECK (ended IN ('replaced', 'deleted', 'unavailable', 'local')),
      body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX history_by_resource ON history (type, id, hid);
    CREATE INDEX history_by_patient ON history (patient) WHERE patient IS NOT NULL;

    -- Resources that the server deleted, so that a page of before doesn't bring them back.
    CREATE TABLE tombstone (
      type INTEGER NOT NULL REFERENCES term,
      id TEXT NOT NULL,
      version_id TEXT NOT NULL,
      deleted INTEGER NOT NULL,
      PRIMARY KEY (type, id)
    ) STRICT, WITHOUT ROWID;

    -- The newest version seen of each patient's records (patient 0: of what belongs to none), by which a server is
    -- known again: one that was restored from a backup has forgotten the newest first.
    CREATE TABLE witness (
      patient INTEGER PRIMARY KEY,
      type INTEGER NOT NULL REFERENCES term,
      id TEXT NOT NULL,
      version_id TEXT NOT NULL,
      updated INTEGER NOT NULL
    ) STRICT;

    ALTER TABLE sync_task ADD COLUMN kind TEXT NOT NULL DEFAULT 'search'
      CHECK (kind IN ('search', 'teams', 'history', 'sweep', 'read', 'export'));
    ALTER TABLE sync_task ADD COLUMN phase TEXT NOT NULL DEFAULT 'rest'
      CHECK (phase IN ('panel', 'safety', 'changes', 'recent', 'rest', 'references', 'check'));
    -- Server time of the answer that brought the first page.
    ALTER TABLE sync_task ADD COLUMN began INTEGER;
    -- Resources of the cache that a comparison has compared.
    ALTER TABLE sync_task ADD COLUMN compared INTEGER NOT NULL DEFAULT 0;

    -- What a task that compares has seen so far.
    CREATE TABLE seen (
      seq INTEGER NOT NULL,
      id TEXT NOT NULL,
      version_id TEXT NOT NULL,
      updated INTEGER,
      PRIMARY KEY (seq, id)
    ) STRICT, WITHOUT ROWID;

    -- What a comparison has found; each is asked for by its id.
    CREATE TABLE difference (
      type INTEGER NOT NULL REFERENCES term,
      id TEXT NOT NULL,
      why TEXT NOT NULL CHECK (why IN ('missing', 'changed', 'older', 'unknown')),
      PRIMARY KEY (type, id)
    ) STRICT, WITHOUT ROWID;

    -- A plan of before has no phases: it is made anew. What its sections know of themselves stays.
    DELETE FROM sync_task WHERE NOT EXISTS (SELECT 1 FROM meta WHERE key = 'run.complete');
    -- When they left was not kept; from now on their days are counted.
    UPDATE patient SET left_at = (SELECT 1000 * unixepoch(value) FROM meta WHERE key = 'panel.asOf')
      WHERE panel = 0 AND known = 1;
  `);
  fillWitnesses(db);
}

interface Version {
  readonly patient: number;
  readonly type: number;
  readonly id: string;
  readonly versionId: string;
  readonly lastUpdated: string;
}

function fillWitnesses(db: Database): void {
  const newest = new Map<number, Version & { updated: number }>();
  const rows = db.prepare(
    `SELECT coalesce(patient, 0) AS patient, type, id, version_id AS versionId, last_updated AS lastUpdated
     FROM resource WHERE last_updated IS NOT NULL AND version_id <> ''`,
  );
  for (const row of rows.iterate() as Iterable<Version>) {
    const updated = startOf(row.lastUpdated);
    if (updated !== null && updated > (newest.get(row.patient)?.updated ?? Number.NEGATIVE_INFINITY)) {
      newest.set(row.patient, { ...row, updated });
    }
  }
  const insert = db.prepare('INSERT INTO witness (patient, type, id, version_id, updated) VALUES (?, ?, ?, ?, ?)');
  for (const { patient, type, id, versionId, updated } of newest.values()) {
    insert.run(patient, type, id, versionId, updated);
  }
}
