import { idKey } from '../id-key.ts';
import { factsOf } from '../ingest/facts.ts';
import { updateLocations } from '../ingest/location.ts';
import { createNames, type Names } from '../ingest/names.ts';
import { storeResource } from '../ingest/store.ts';
import { getMeta, runKeys, setMeta } from '../meta.ts';
import type { ReadDb, WriteDb } from '../open.ts';
import { writtenState } from '../reads/remembered.ts';
import { createSearchIndex } from '../search/index.ts';
import type { Sight } from '../sight.ts';
import { sql } from '../statements.ts';
import { type PastVersion, rulingLabel, sharedVersion, versionsOf } from './versions.ts';

/**
 * A patient's chart as it was known here at a moment, as a database of its own in memory. It has the tables of the
 * cache, so that whatever reads a chart reads it without knowing, by the labels that are decided on today. Only what has
 * changed since is there with its text: all else is read from the cache.
 */
export type Past = (patientId: string, at: number, sight: Sight) => ReadDb;

/** Puts pasts together, and keeps the last one as long as nothing is written. `empty` makes a database without a file. */
export function createPast(db: ReadDb, empty: () => WriteDb): { at: Past; forget: () => void } {
  let kept: { readonly key: string; readonly db: WriteDb } | null = null;

  function forget(): void {
    kept?.db.close();
    kept = null;
  }

  return {
    forget,
    at(patientId, at, sight) {
      const key = JSON.stringify([patientId, at, sight, writtenState(db)]);
      if (kept?.key === key) return kept.db;
      forget();
      const target = empty();
      kept = { key, db: target };
      target.transaction(() => build({ source: db, target, names: createNames(target), sight, at }, patientId))();
      return target;
    },
  };
}

interface Building {
  readonly source: ReadDb;
  readonly target: WriteDb;
  readonly names: Names;
  readonly sight: Sight;
  readonly at: number;
}

function build(building: Building, patientId: string): void {
  const { source, target, names, at } = building;
  for (const table of ['term', 'label'] as const) copyAll(source, target, table);
  const row = sql(source, 'SELECT pid FROM patient WHERE id = ?').get(patientId) as { pid: number } | undefined;
  if (!row) return;
  const { pid } = row;
  sql(target, 'INSERT INTO patient (pid, id, panel) VALUES (?, ?, 1)').run(pid, patientId);
  copyUnchanged(building, pid);
  for (const version of versionsOf(source, pid, at)) storeVersion(building, version);
  for (const type of SHARED) copyShared(building, type);
  // Nobody searches a past.
  createSearchIndex(target, names).forget();
  readThrough(source, target);
  updateLocations(target, names, new Set([pid]));
  copySections(building, pid);
  // What isn't kept now isn't here of then either.
  setMeta(target, runKeys.leftOut, getMeta(source, runKeys.leftOut));
}

function copyAll(source: ReadDb, target: WriteDb, table: 'term' | 'label'): void {
  // The schema's own steps name some.
  sql(target, `DELETE FROM ${table}`).run();
  for (const row of source.prepare(`SELECT * FROM ${table}`).iterate()) insertRow(target, table, row as object);
}

function insertRow(target: WriteDb, table: string, row: object): void {
  const names = Object.keys(row);
  sql(target, `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`).run(
    ...Object.values(row),
  );
}

/** All columns of a row but its text. */
const COLUMNS =
  'rid, type, id, version_id, last_updated, patient, bucket, code, recency, subsetted, stored_at, local, label, key';

/** A text that is read from the cache when somebody asks for it. */
const THERE = '';

/** Keeps rows of the cache without their texts. */
function rowKeeper(target: WriteDb): (row: readonly unknown[]) => void {
  const places = COLUMNS.split(', ').map(() => '?');
  const insert = sql(target, `INSERT INTO resource (${COLUMNS}, body) VALUES (${places.join(', ')}, '${THERE}')`);
  return (row) => void insert.run(...row);
}

/** What has not changed since comes as it is, without being read. */
function copyUnchanged({ source, target, names, at }: Building, pid: number): void {
  const keep = rowKeeper(target);
  const patient = names.term('Patient');
  const enter = sql(
    target,
    'INSERT INTO entry (patient, type, bucket, code, recency, rid, label) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const rows = source.prepare(
    `SELECT ${COLUMNS.replaceAll(/(\w+)/g, 'r.$1')} FROM entry e JOIN resource r ON r.rid = e.rid
     WHERE e.patient = ? AND r.local = 0 AND r.stored_at <= ? AND r.type <> ?`,
  );
  for (const one of rows.raw().iterate(pid, at, patient)) {
    const row = one as number[];
    keep(row);
    const [rid, type, , , , , bucket, code, recency, , , , label] = row;
    enter.run(pid, type, bucket, code, recency, rid, label);
  }
  // Who she is stands in columns too. Stored once the other rows have their numbers.
  const own = sql(
    source,
    `SELECT r.body, r.stored_at AS since FROM entry e JOIN resource r ON r.rid = e.rid
     WHERE e.patient = ? AND e.type = ? AND r.local = 0 AND r.stored_at <= ?`,
  );
  for (const { body, since } of own.all(pid, patient, at) as { body: string; since: number }[]) {
    const facts = factsOf(body);
    if (facts) storeResource(target, names, facts, { at: since });
  }
}

/** From now on the texts that are not here are read from the cache, where they are; nothing is stored any more. */
function readThrough(source: ReadDb, target: WriteDb): void {
  target.function('text_of', (rid: unknown) => sql(source, 'SELECT body FROM resource WHERE rid = ?').pluck().get(rid));
  target.exec(`
    ALTER TABLE resource RENAME TO resource_row;
    CREATE TEMP VIEW resource AS
      SELECT ${COLUMNS}, CASE body WHEN '${THERE}' THEN text_of(rid) ELSE body END AS body FROM resource_row;
  `);
}

/** Stores a version as it was stored then, under the label that rules it today. */
function storeVersion({ source, target, names, sight }: Building, version: PastVersion): void {
  const facts = factsOf(version.body);
  if (!facts) return;
  storeResource(target, names, facts, { at: version.since });
  const label = rulingLabel(source, version, sight);
  const row = sql(
    target,
    'SELECT rid, type, patient, bucket, code, recency, label FROM resource WHERE type = ? AND key = ? AND id = ?',
  ).get(names.term(facts.type), idKey(facts.id), facts.id) as StoredKey | undefined;
  if (!row) return;
  if (row.label !== label) relabel(target, row, label);
  if (facts.type === 'Patient') sql(target, 'UPDATE patient SET label = ? WHERE id = ?').run(label, facts.id);
}

interface StoredKey {
  readonly rid: number;
  readonly type: number;
  readonly patient: number | null;
  readonly bucket: number;
  readonly code: number;
  readonly recency: number;
  readonly label: number;
}

function relabel(target: WriteDb, row: StoredKey, label: number): void {
  sql(target, 'UPDATE resource SET label = ? WHERE rid = ?').run(label, row.rid);
  // By its whole key: without it every entry of the type would be looked at for each of its versions.
  sql(
    target,
    `UPDATE entry SET label = @label WHERE patient = @patient AND type = @type AND bucket = @bucket AND code = @code
       AND recency = @recency AND rid = @rid`,
  ).run({ ...row, label });
}

/** Types of records that belong to nobody, and that those of a patient refer to. */
const SHARED = ['Location', 'Organization', 'Practitioner', 'PractitionerRole', 'Medication', 'Binary'] as const;

/** Records of a type that belong to nobody, as they were. */
function copyShared(building: Building, type: (typeof SHARED)[number]): void {
  const { source, target, names, at } = building;
  const keep = rowKeeper(target);
  const rows = source.prepare(
    `SELECT ${COLUMNS} FROM resource
     WHERE type = (SELECT tid FROM term WHERE text = ?) AND patient IS NULL AND stored_at <= ?`,
  );
  for (const row of rows.raw().iterate(type, at)) keep(row as unknown[]);
  const changed = sql(
    source,
    `SELECT DISTINCT id FROM history WHERE type = (SELECT tid FROM term WHERE text = ?) AND patient IS NULL
       AND known_from <= ?`,
  ).pluck();
  const isHere = sql(target, 'SELECT 1 FROM resource WHERE type = ? AND key = ? AND id = ?');
  for (const id of changed.all(type, at) as string[]) {
    const version = isHere.get(names.term(type), idKey(id), id) ? null : sharedVersion(source, type, id, at);
    if (version) storeVersion(building, version);
  }
}

/** How each section stood then, and of when it was: of the last run that was finished with it. */
function copySections({ source, target, at }: Building, pid: number): void {
  const run = sql(source, 'SELECT at, as_of AS asOf FROM sync_past WHERE at <= ? ORDER BY at DESC LIMIT 1').get(at) as
    | { at: number; asOf: string }
    | undefined;
  const rows = sql(
    source,
    `SELECT p.type, p.since, p.state, p.as_of AS asOf, coalesce(s.deletions_unknown, 0) AS unknown
     FROM section_past p LEFT JOIN section_state s ON s.patient = p.patient AND s.type = p.type
     WHERE p.patient = @pid AND p.since = (SELECT max(q.since) FROM section_past q
       WHERE q.patient = p.patient AND q.type = p.type AND q.since <= @at)`,
  ).all({ pid, at }) as { type: number; since: number; state: string; asOf: string | null; unknown: number }[];
  for (const { type, since, state, asOf, unknown } of rows) {
    const isOfRun = state === 'complete' && run !== undefined && run.at >= since;
    insertRow(target, 'section_state', {
      patient: pid,
      type,
      state,
      as_of: isOfRun ? run.asOf : asOf,
      deletions_unknown: unknown,
    });
  }
}
