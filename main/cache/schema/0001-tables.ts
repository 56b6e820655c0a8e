import type { Database } from 'better-sqlite3-multiple-ciphers';

/*
 * What is not written need not be encrypted: types, codes and patients are integers, dates are milliseconds, and the
 * chart's index is one clustered table.
 *
 * `recency` is minus the clinical date in milliseconds, so that ascending order is newest first; NO_DATE sorts last.
 * `bucket` is the place of a record in its section (ingest/buckets.ts); 9 is never shown.
 */
export function createTables(db: Database): void {
  db.exec(`
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

    -- Resource types and observation codes.
    CREATE TABLE term (tid INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;

    -- Every patient that anything refers to; \`known\` once the Patient resource itself is here.
    CREATE TABLE patient (
      pid INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      panel INTEGER NOT NULL DEFAULT 0,
      known INTEGER NOT NULL DEFAULT 0,
      family TEXT NOT NULL DEFAULT '',
      given TEXT NOT NULL DEFAULT '',
      prefix TEXT NOT NULL DEFAULT '',
      name_key TEXT,
      birth_date TEXT,
      deceased TEXT,
      sex TEXT NOT NULL DEFAULT 'unknown',
      mrn TEXT,
      location TEXT,
      location_key TEXT,
      updated INTEGER,
      last_updated TEXT
    ) STRICT;
    -- Each order of the list, without the rows themselves.
    CREATE INDEX patient_by_name ON patient (panel, known, name_key, id);
    CREATE INDEX patient_by_location ON patient (panel, known, location_key, id);
    CREATE INDEX patient_by_age ON patient (panel, known, birth_date, id);
    CREATE INDEX patient_by_update ON patient (panel, known, updated, id);

    -- Folded words by which a patient is found: of names and identifiers (kind 0), of the location (kind 1).
    CREATE TABLE patient_word (
      word TEXT NOT NULL,
      pid INTEGER NOT NULL REFERENCES patient,
      kind INTEGER NOT NULL,
      PRIMARY KEY (word, pid, kind)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX patient_word_by_patient ON patient_word (pid, word, kind);

    CREATE TABLE resource (
      rid INTEGER PRIMARY KEY,
      type INTEGER NOT NULL REFERENCES term,
      id TEXT NOT NULL,
      version_id TEXT NOT NULL,
      last_updated TEXT,
      patient INTEGER REFERENCES patient,
      bucket INTEGER NOT NULL,
      code INTEGER NOT NULL,
      recency INTEGER NOT NULL,
      subsetted INTEGER NOT NULL,
      body TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX resource_by_id ON resource (type, id);

    -- The chart's index: one patient's records of one type, in the order in which they are shown.
    CREATE TABLE entry (
      patient INTEGER NOT NULL,
      type INTEGER NOT NULL,
      bucket INTEGER NOT NULL,
      code INTEGER NOT NULL,
      recency INTEGER NOT NULL,
      rid INTEGER NOT NULL,
      PRIMARY KEY (patient, type, bucket, code, recency, rid)
    ) STRICT, WITHOUT ROWID;

    -- Who belongs to an active care team, from when until when (milliseconds), by place among the participants.
    CREATE TABLE care_team_member (
      member TEXT NOT NULL,
      rid INTEGER NOT NULL REFERENCES resource,
      part INTEGER NOT NULL,
      patient INTEGER NOT NULL REFERENCES patient,
      starts INTEGER NOT NULL,
      ends INTEGER NOT NULL,
      PRIMARY KEY (member, rid, part)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX care_team_member_by_team ON care_team_member (rid);

    -- Shared resources (locations, practitioners, …) that a cached one refers to.
    CREATE TABLE wanted (
      type INTEGER NOT NULL REFERENCES term,
      id TEXT NOT NULL,
      PRIMARY KEY (type, id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE sync_task (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      label TEXT NOT NULL,
      resource_type TEXT NOT NULL,
      url TEXT NOT NULL,
      patients TEXT,
      next TEXT,
      -- An entry of a page was no resource that could be stored.
      flawed INTEGER NOT NULL DEFAULT 0,
      state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'incomplete', 'refused'))
    ) STRICT;

    CREATE TABLE section_state (
      patient INTEGER NOT NULL REFERENCES patient,
      type INTEGER NOT NULL REFERENCES term,
      state TEXT NOT NULL CHECK (state IN ('complete', 'partial', 'not-permitted')),
      as_of TEXT,
      PRIMARY KEY (patient, type)
    ) STRICT, WITHOUT ROWID;
  `);
}
