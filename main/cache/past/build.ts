import { idKey } from '../id-key.ts';
import { type Facts, factsOf } from '../ingest/facts.ts';
import { updateLocations } from '../ingest/location.ts';
import { createNames, type Names } from '../ingest/names.ts';
import { storeResource } from '../ingest/store.ts';
import type { ReadDb, WriteDb } from '../open.ts';
import { writtenState } from '../reads/remembered.ts';
import { createSearchIndex } from '../search/index.ts';
import type { Sight } from '../sight.ts';
import { sql } from '../statements.ts';
import { type PastVersion, rulingLabel, sharedVersion, versionsOf } from './versions.ts';

/**
 * A patient's chart as it was known here at a moment, as a database of its own in memory. It has the tables of the
 * cache, so that whatever reads a chart reads it without knowing, by the labels that are decided on today.
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
  const bodies = copyUnchanged(building, pid);
  for (const version of versionsOf(source, pid, at)) {
    storeVersion(building, version);
    bodies.push(version.body);
  }
  storeShared(building, bodies);
  updateLocations(target, names, new Set([pid]));
  createSearchIndex(target, names).flush();
  copySections(building, pid);
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

/** What has not changed since comes as it is, without being read again; answers the texts. */
function copyUnchanged({ source, target, names, at }: Building, pid: number): string[] {
  const bodies: string[] = [];
  const patients: { facts: Facts; since: number }[] = [];
  const rows = sql(
    source,
    `SELECT r.* FROM entry e JOIN resource r ON r.rid = e.rid
     WHERE e.patient = ? AND r.local = 0 AND r.stored_at <= ?`,
  );
  for (const one of rows.iterate(pid, at)) {
    const row = one as Record<string, unknown> & { type: number; body: string };
    bodies.push(row.body);
    const facts = row.type === names.term('Patient') ? factsOf(row.body) : null;
    if (facts) {
      patients.push({ facts, since: Number(row.stored_at) });
      continue;
    }
    insertRow(target, 'resource', row);
    const { rid, type, bucket, code, recency, label } = row;
    insertRow(target, 'entry', { patient: pid, type, bucket, code, recency, rid, label });
  }
  // Who she is stands in columns too. Stored once the other rows have their numbers.
  for (const { facts, since } of patients) storeResource(target, names, facts, { at: since });
  return bodies;
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

const SHARED =
  /"(?:reference|url)"\s*:\s*"((?:Location|Organization|Practitioner|PractitionerRole|Medication|Binary)\/[A-Za-z0-9\-.]{1,64})"/g;
/** A ward's bed, its ward, its hospital; a role, its person. */
const STEPS_MAX = 4;

/** Records of nobody that these refer to, and what those refer to. */
function storeShared(building: Building, bodies: readonly string[]): void {
  const seen = new Set<string>();
  let texts = bodies;
  for (let step = 0; step < STEPS_MAX && texts.length > 0; step += 1) {
    const found = new Set(texts.flatMap((body) => [...body.matchAll(SHARED)].map((match) => match[1] ?? '')));
    const versions = [...found].flatMap((reference) => {
      if (seen.has(reference)) return [];
      seen.add(reference);
      const [type = '', id = ''] = reference.split('/');
      return sharedVersion(building.source, type, id, building.at) ?? [];
    });
    for (const version of versions) storeVersion(building, version);
    texts = versions.map(({ body }) => body);
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
