import type { Database } from 'better-sqlite3-multiple-ciphers';
import { labelsText } from '../ingest/labels.ts';
import { createNames } from '../ingest/names.ts';
import type { WriteDb } from '../open.ts';

/** Milliseconds of a FHIR instant. */
const ms = (text: string) => `CAST(round(1000 * unixepoch(${text}, 'subsec')) AS INTEGER)`;
/** When the answer came that changes a section; before the first one told its time, when the section says it is of. */
const NOW = `coalesce((SELECT ${ms('value')} FROM meta WHERE key = 'run.answeredAt'), ${ms('NEW.as_of')})`;
const NOTE = `
  INSERT INTO section_past (patient, type, since, state, as_of)
  SELECT NEW.patient, NEW.type, ${NOW}, NEW.state, NEW.as_of WHERE ${NOW} IS NOT NULL
  ON CONFLICT DO UPDATE SET state = excluded.state, as_of = excluded.as_of;`;

/**
 * What has to be remembered to show a chart as it was known here (past/build.ts): how each section stood from when on,
 * and when each run was finished. Times are milliseconds of the server's clock.
 */
export function createPast(db: Database): void {
  db.exec(`
    CREATE TABLE section_past (
      patient INTEGER NOT NULL REFERENCES patient,
      type INTEGER NOT NULL REFERENCES term,
      since INTEGER NOT NULL,
      state TEXT NOT NULL,
      as_of TEXT,
      PRIMARY KEY (patient, type, since)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE sync_past (at INTEGER PRIMARY KEY, as_of TEXT NOT NULL) STRICT;

    INSERT INTO section_past (patient, type, since, state, as_of)
      SELECT patient, type, ${ms('as_of')}, state, as_of FROM section_state WHERE as_of IS NOT NULL;
    INSERT INTO sync_past (at, as_of) SELECT ${ms('value')}, value FROM meta WHERE key = 'run.asOf';

    -- Whatever writes a section's state. Its age alone is no news: that follows from the runs.
    CREATE TRIGGER section_begun AFTER INSERT ON section_state BEGIN ${NOTE} END;
    CREATE TRIGGER section_changed AFTER UPDATE OF state ON section_state WHEN OLD.state <> NEW.state
      BEGIN ${NOTE} END;

    -- Versions of which no answer told the time, and those that an acknowledged change replaced.
    UPDATE resource SET stored_at = ${ms('last_updated')}
      WHERE stored_at IS NULL AND local = 0 AND last_updated IS NOT NULL;
    UPDATE history SET known_from = ${ms('last_updated')} WHERE known_from IS NULL AND last_updated IS NOT NULL;
    UPDATE history SET known_until = coalesce(
        (SELECT n.known_from FROM history n
         WHERE n.type = history.type AND n.id = history.id AND n.hid > history.hid ORDER BY n.hid LIMIT 1),
        (SELECT r.stored_at FROM resource r WHERE r.type = history.type AND r.key = id_key(history.id)
           AND r.id = history.id))
      WHERE known_until IS NULL AND ended <> 'local';
  `);
  numberLabels(db as WriteDb);
}

/** Access is decided by numbers of labels: earlier versions of before had none where no current one was labelled alike. */
function numberLabels(db: WriteDb): void {
  const names = createNames(db);
  const rows = db.prepare(
    `SELECT t.text AS type, h.body FROM history h JOIN term t ON t.tid = h.type
     WHERE instr(h.body, '"security"') > 0 OR instr(h.body, '\\u00') > 0 ORDER BY h.hid`,
  );
  for (const { type, body } of rows.all() as { type: string; body: string }[]) {
    names.label(type, labelsText(JSON.parse(body)));
  }
}
