import type { Database } from 'better-sqlite3-multiple-ciphers';
import { labelsText } from '../ingest/labels.ts';
import { updateLocations } from '../ingest/location.ts';
import { createNames } from '../ingest/names.ts';
import type { WriteDb } from '../open.ts';
import { createIdKeys } from './0006-id-keys.ts';

/*
 * Security labels (ingest/labels.ts). Each set of labels that records of a type have is an integer, 0 for none, so that
 * access is decided once for each and not for each record. They are never deleted: a number is never used twice.
 */
export function createLabels(db: Database): void {
  db.exec(`
    CREATE TABLE label (
      lid INTEGER PRIMARY KEY, type TEXT NOT NULL, labels TEXT NOT NULL, UNIQUE (type, labels)
    ) STRICT;
    ALTER TABLE resource ADD COLUMN label INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE entry ADD COLUMN label INTEGER NOT NULL DEFAULT 0;
    -- Of the Patient resource.
    ALTER TABLE patient ADD COLUMN label INTEGER NOT NULL DEFAULT 0;
    -- Few records have any.
    CREATE INDEX resource_labelled ON resource (label) WHERE label <> 0;
    CREATE INDEX entry_labelled ON entry (patient, type, label) WHERE label <> 0;
  `);
  createIdKeys(db);
  labelRecords(db as WriteDb);
}

interface Labelled {
  readonly rid: number;
  readonly type: string;
  readonly patient: number | null;
  readonly body: string;
}

function labelRecords(db: WriteDb): void {
  const names = createNames(db);
  const patients = new Set<number>();
  // Cheap to ask of the text. A name can be written with escapes (RFC 8259, 7), so that those are looked at too.
  const rows = db.prepare(
    `SELECT r.rid, t.text AS type, r.patient, r.body FROM resource r JOIN term t ON t.tid = r.type
     WHERE instr(r.body, '"security"') > 0 OR instr(r.body, '\\u00') > 0 ORDER BY r.rid`,
  );
  for (const { rid, type, patient, body } of rows.all() as Labelled[]) {
    const label = names.label(type, labelsText(JSON.parse(body)));
    if (label === 0) continue;
    db.prepare('UPDATE resource SET label = ? WHERE rid = ?').run(label, rid);
    if (patient === null) continue;
    db.prepare('UPDATE entry SET label = @label WHERE patient = @patient AND rid = @rid').run({ label, patient, rid });
    if (type === 'Patient') db.prepare('UPDATE patient SET label = ? WHERE pid = ?').run(label, patient);
    patients.add(patient);
  }
  // What the list tells of them is told by records without labels alone.
  updateLocations(db, names, patients);
  for (const pid of patients) {
    db.prepare(
      `UPDATE patient SET (updated, last_updated) = (
         SELECT CAST(round(1000 * unixepoch(last_updated, 'subsec')) AS INTEGER), last_updated FROM resource
         WHERE rid IN (SELECT rid FROM entry WHERE patient = @pid AND label = 0) AND last_updated IS NOT NULL
         ORDER BY unixepoch(last_updated, 'subsec') DESC LIMIT 1)
       WHERE pid = @pid`,
    ).run({ pid });
  }
}
