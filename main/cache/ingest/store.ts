import { interval, startOf } from '../dates.ts';
import { field, items, parseReference, text } from '../json.ts';
import type { WriteDb } from '../open.ts';
import { sql } from '../statements.ts';
import { CURRENT } from './buckets.ts';
import type { Facts } from './facts.ts';
import type { Names } from './names.ts';
import { patientSummary } from './patient.ts';
import { eachSharedReference } from './references.ts';
import { wordKind, writeWords } from './words.ts';

/** Kept of a version that is replaced. */
interface Stored {
  readonly rid: number;
  readonly versionId: string;
  readonly lastUpdated: string | null;
  readonly patient: number | null;
  readonly bucket: number;
  readonly code: number;
  readonly recency: number;
  readonly subsetted: number;
}

/** Integers of the patients whose chart a stored resource changes: where it is, and where it was before. */
export type Change = { readonly patients: readonly number[] } | 'unchanged';

/** Stores a resource and everything that is derived from it, unless the cache has this version or a newer one. */
export function storeResource(db: WriteDb, names: Names, facts: Facts): Change {
  const type = names.term(facts.type);
  const before = sql(
    db,
    `SELECT rid, version_id AS versionId, last_updated AS lastUpdated, patient, bucket, code, recency, subsetted
     FROM resource WHERE type = ? AND id = ?`,
  ).get(type, facts.id) as Stored | undefined;
  if (before && !replaces(db, facts, before)) return 'unchanged';
  const patient = facts.patient === null ? null : names.patient(facts.patient);
  const code = facts.code === null ? 0 : names.term(facts.code);
  const rid = before ? replace(db, facts, before, type, patient, code) : insert(db, facts, type, patient, code);
  if (patient !== null) {
    sql(db, 'INSERT INTO entry (patient, type, bucket, code, recency, rid) VALUES (?, ?, ?, ?, ?, ?)').run(
      patient,
      type,
      facts.bucket,
      code,
      facts.recency,
      rid,
    );
  }
  derive(db, names, facts, rid, patient);
  const moved = before?.patient !== null && before?.patient !== undefined && before.patient !== patient;
  return { patients: [...(patient === null ? [] : [patient]), ...(moved ? [before.patient] : [])] };
}

/** Pages overlap and may be read again: the same version changes nothing, and an older one doesn't come back. */
function replaces(db: WriteDb, facts: Facts, before: Stored): boolean {
  const sameVersion =
    facts.versionId === '' && before.versionId === ''
      ? facts.body === bodyOf(db, before.rid)
      : facts.versionId === before.versionId;
  if (sameVersion) return before.subsetted === 1 && !facts.subsetted;
  const [mine, theirs] = [startOf(before.lastUpdated), startOf(facts.lastUpdated)];
  return mine === null || theirs === null || theirs >= mine;
}

function bodyOf(db: WriteDb, rid: number): string {
  return (sql(db, 'SELECT body FROM resource WHERE rid = ?').get(rid) as { body: string }).body;
}

function insert(db: WriteDb, facts: Facts, type: number, patient: number | null, code: number): number {
  const done = sql(
    db,
    `INSERT INTO resource (type, id, version_id, last_updated, patient, bucket, code, recency, subsetted, body)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    type,
    facts.id,
    facts.versionId,
    facts.lastUpdated,
    patient,
    facts.bucket,
    code,
    facts.recency,
    Number(facts.subsetted),
    facts.body,
  );
  return Number(done.lastInsertRowid);
}

function replace(
  db: WriteDb,
  facts: Facts,
  before: Stored,
  type: number,
  patient: number | null,
  code: number,
): number {
  if (before.patient !== null) {
    sql(
      db,
      'DELETE FROM entry WHERE patient = ? AND type = ? AND bucket = ? AND code = ? AND recency = ? AND rid = ?',
    ).run(before.patient, type, before.bucket, before.code, before.recency, before.rid);
  }
  sql(
    db,
    `UPDATE resource SET version_id = ?, last_updated = ?, patient = ?, bucket = ?, code = ?, recency = ?,
     subsetted = ?, body = ? WHERE rid = ?`,
  ).run(
    facts.versionId,
    facts.lastUpdated,
    patient,
    facts.bucket,
    code,
    facts.recency,
    Number(facts.subsetted),
    facts.body,
    before.rid,
  );
  return before.rid;
}

function derive(db: WriteDb, names: Names, facts: Facts, rid: number, patient: number | null): void {
  if (facts.type === 'Patient' && patient !== null) writePatient(db, facts, patient);
  if (facts.type === 'CareTeam') writeCareTeam(db, facts, rid, patient);
  eachSharedReference(facts.resource, (type, id) => {
    if (names.isNewReference(type, id)) {
      sql(db, 'INSERT OR IGNORE INTO wanted (type, id) VALUES (?, ?)').run(names.term(type), id);
    }
  });
}

function writePatient(db: WriteDb, facts: Facts, pid: number): void {
  const row = patientSummary(facts.resource);
  sql(
    db,
    `UPDATE patient SET known = 1, family = ?, given = ?, prefix = ?, name_key = ?, birth_date = ?, deceased = ?,
     sex = ?, mrn = ? WHERE pid = ?`,
  ).run(row.family, row.given, row.prefix, row.nameKey, row.birthDate, row.deceased, row.sex, row.mrn, pid);
  writeWords(db, pid, wordKind.patient, row.words);
}

function writeCareTeam(db: WriteDb, facts: Facts, rid: number, patient: number | null): void {
  sql(db, 'DELETE FROM care_team_member WHERE rid = ?').run(rid);
  if (patient === null || facts.bucket !== CURRENT) return;
  items(facts.resource, 'participant').forEach((participant, part) => {
    const member = parseReference(text(participant, 'member', 'reference'));
    if (!member) return;
    const periods = [field(facts.resource, 'period'), field(participant, 'period')];
    sql(db, 'INSERT INTO care_team_member (member, rid, part, patient, starts, ends) VALUES (?, ?, ?, ?, ?, ?)').run(
      `${member.type}/${member.id}`,
      rid,
      part,
      patient,
      Math.max(...periods.map((period) => edge(period, 'start', -FOREVER))),
      Math.min(...periods.map((period) => edge(period, 'end', FOREVER))),
    );
  });
}

const FOREVER = 9_000_000_000_000_000;

/** Edge of a period; an edge that is there but can't be read closes the period, as it opens a chart. */
function edge(period: unknown, name: 'start' | 'end', open: number): number {
  const value = field(period, name);
  if (value === undefined) return open;
  return interval(value)?.[name] ?? -open;
}
