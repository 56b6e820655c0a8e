import type { Database } from 'better-sqlite3-multiple-ciphers';
import type { WriteDb } from '../open.ts';
import { rebuildSearch } from '../search/rebuild.ts';
import { createIdKeys } from './0006-id-keys.ts';

/*
 * The search index (main/cache/search). Codes, references, units and parameters are integers; each table is clustered
 * by what it is asked for, and has the record's patient before the record, so that a patient's or a panel's rows are
 * found, and counted by patient, without the records themselves. Patient 0 is none.
 *
 * A later change of what is indexed needs a migration that fills the index anew, as 0012-search.ts does.
 */
export function createSearchTables(db: Database): void {
  db.exec(`
    -- \`Observation.code\`.
    CREATE TABLE search_parameter (param INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

    -- Every distinct concept: all codings of a CodeableConcept with their displays, and its text.
    CREATE TABLE search_concept (kid INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, sort TEXT NOT NULL) STRICT;
    CREATE TABLE search_concept_code (
      code TEXT NOT NULL, system TEXT NOT NULL, kid INTEGER NOT NULL, PRIMARY KEY (code, system, kid)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE search_concept_text (
      text TEXT NOT NULL, kid INTEGER NOT NULL, PRIMARY KEY (text, kid)
    ) STRICT, WITHOUT ROWID;

    -- \`Type/id\` and URLs that are referred to, and systems of identifiers.
    CREATE TABLE search_target (tid INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE search_unit (
      uid INTEGER PRIMARY KEY, system TEXT NOT NULL, code TEXT NOT NULL, unit TEXT NOT NULL,
      UNIQUE (system, code, unit)
    ) STRICT;

    -- Every record by type. \`updated\` is \`meta.lastUpdated\` in milliseconds, 0 where there is none.
    CREATE TABLE search_record (
      type INTEGER NOT NULL, patient INTEGER NOT NULL, rid INTEGER NOT NULL, updated INTEGER NOT NULL,
      PRIMARY KEY (type, patient, rid)
    ) STRICT, WITHOUT ROWID;

    -- Concept 0: the parameter has a value, of which nothing can be compared.
    CREATE TABLE search_token (
      param INTEGER NOT NULL, kid INTEGER NOT NULL, patient INTEGER NOT NULL, rid INTEGER NOT NULL,
      PRIMARY KEY (param, kid, patient, rid)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE search_identifier (
      param INTEGER NOT NULL, value TEXT NOT NULL, system INTEGER NOT NULL, patient INTEGER NOT NULL,
      rid INTEGER NOT NULL, PRIMARY KEY (param, value, system, patient, rid)
    ) STRICT, WITHOUT ROWID;
    -- Without the reference that makes the record its patient's.
    CREATE TABLE search_reference (
      param INTEGER NOT NULL, tid INTEGER NOT NULL, patient INTEGER NOT NULL, rid INTEGER NOT NULL,
      PRIMARY KEY (param, tid, patient, rid)
    ) STRICT, WITHOUT ROWID;

    -- Milliseconds. Long intervals stand in a second table too, so that a look at the others needn't reach far back.
    CREATE TABLE search_date (
      param INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL, patient INTEGER NOT NULL,
      rid INTEGER NOT NULL, PRIMARY KEY (param, low, high, patient, rid)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE search_date_long (
      param INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL, patient INTEGER NOT NULL,
      rid INTEGER NOT NULL, PRIMARY KEY (param, low, high, patient, rid)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE search_date_of (
      rid INTEGER NOT NULL, param INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL,
      PRIMARY KEY (rid, param, low, high)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE search_string (
      param INTEGER NOT NULL, value TEXT NOT NULL, patient INTEGER NOT NULL, rid INTEGER NOT NULL,
      PRIMARY KEY (param, value, patient, rid)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE search_string_of (
      rid INTEGER NOT NULL, param INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (rid, param, value)
    ) STRICT, WITHOUT ROWID;

    -- With the concept that stands beside the quantity, or 0.
    CREATE TABLE search_quantity (
      param INTEGER NOT NULL, kid INTEGER NOT NULL, uid INTEGER NOT NULL, value REAL NOT NULL,
      patient INTEGER NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY (param, kid, uid, value, patient, rid)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE search_quantity_kind (
      param INTEGER NOT NULL, kid INTEGER NOT NULL, uid INTEGER NOT NULL, PRIMARY KEY (param, kid, uid)
    ) STRICT, WITHOUT ROWID;

    -- The words only; the text is taken from the record. Its shadow tables are tables of this database like any other.
    CREATE VIRTUAL TABLE search_text USING fts5 (
      narrative, content, content='', tokenize = 'unicode61 remove_diacritics 2', detail = full
    );
    -- What is deleted leaves the index at once, not at the next merge.
    INSERT INTO search_text (search_text, rank) VALUES ('secure-delete', 1);
  `);
  createIdKeys(db);
  rebuildSearch(db as WriteDb);
}
