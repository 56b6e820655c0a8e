import { interval, startOf } from '../dates.ts';
import { fieldLayer } from '../fields/layer.ts';
import { idKey } from '../id-key.ts';
import { field, isTrue, items, parseReference, text } from '../json.ts';
import { keysHeld } from '../keys-held.ts';
import type { WriteDb } from '../open.ts';
import { createSearchIndex } from '../search/index.ts';
import { sql } from '../statements.ts';
import { CURRENT } from './buckets.ts';
import type { Facts } from './facts.ts';
import { type Arrival, bury, isBuried } from './graves.ts';
import { type Ending, keepVersion, settleLocal } from './history.ts';
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
  readonly local: number;
}

/** Integers of the patients whose chart a stored resource changes: where it is, and where it was before. */
export type Change = { readonly patients: readonly number[] } | 'unchanged';

/** `resource.local`: whose text the row holds, and what the clinician's change waits for. */
export const localState = { none: 0, waiting: 1, conflict: 2, parked: 3 } as const;
export type LocalState = (typeof localState)[keyof typeof localState];

const NOW: Arrival = { at: null };

/**
 * Stores the server's version of a resource and everything that is derived from it, unless the cache has this version
 * or a newer one. In place of a local text it is always stored: whoever calls has settled the change.
 */
export function storeResource(db: WriteDb, names: Names, given: Facts, arrival: Arrival = NOW): Change {
  const facts = fieldLayer(db).laid(given);
  const type = names.term(facts.type);
  const before = storedRow(db, type, facts.id);
  if (before ? !before.local && !replaces(db, facts, before) : isBuried(db, type, facts, arrival)) return 'unchanged';
  // A version that no answer of the download brought is of the time at which the server made it.
  const until = arrival.at ?? startOf(facts.lastUpdated);
  let came: number | null = null;
  if (before?.local === localState.none) keepReplaced(db, facts, before, until);
  else if (before) came = settleLocal(db, type, facts.id, { versionId: facts.versionId, ended: 'replaced', until });
  const at = came ?? until;
  return write(db, names, facts, before, { local: localState.none, at, given });
}

/** Puts the clinician's own text in place of what the server has, which is kept beside it until the change is settled. */
export function storeLocal(db: WriteDb, names: Names, given: Facts, local: LocalState): Change {
  const facts = fieldLayer(db).laid(given);
  const type = names.term(facts.type);
  const before = storedRow(db, type, facts.id);
  if (before?.local === localState.none) keepVersion(db, before.rid, 'local', null);
  return write(db, names, facts, before, { local, at: null, given });
}

/** Stores a resource again as it is, when other fields are marked than before. */
export function storeAnew(db: WriteDb, names: Names, given: Facts): void {
  const before = storedRow(db, names.term(given.type), given.id);
  if (!before) return;
  const facts = fieldLayer(db).laid(given);
  const { at } = sql(db, 'SELECT stored_at AS at FROM resource WHERE rid = ?').get(before.rid) as { at: number | null };
  const subsetted = facts.subsetted || before.subsetted === 1;
  const version = { versionId: before.versionId, lastUpdated: before.lastUpdated };
  write(db, names, { ...facts, ...version, subsetted }, before, { local: before.local as LocalState, at, given });
}

/** Says what the unsent change of a resource waits for. */
export function setLocal(db: WriteDb, type: string, id: string, local: LocalState): void {
  sql(
    db,
    'UPDATE resource SET local = ? WHERE type = (SELECT tid FROM term WHERE text = ?) AND key = ? AND id = ?',
  ).run(local, type, idKey(id), id);
}

export interface Removal {
  /**
   * `deleted`: the server has deleted it, and an older page doesn't bring it back. `unavailable`: it may not be read any
   * longer. `local`: a clinician's deletion that was not sent yet. `withdrawn`: it never was on the server.
   */
  readonly how: 'deleted' | 'unavailable' | 'local' | 'withdrawn';
  /** Server time of the deletion, or of the answer that told of it, in milliseconds. */
  readonly at: number | null;
}

/** Removes a resource with everything that is derived from it. Its last version is kept in the history. */
export function removeResource(
  db: WriteDb,
  names: Names,
  { type: typeName, id }: { type: string; id: string },
  { how, at }: Removal,
): Change {
  const type = names.term(typeName);
  const before = storedRow(db, type, id);
  if (how === 'deleted' && at !== null) bury(db, type, id, before?.versionId ?? '', at);
  if (!before) {
    if (how !== 'local') settleLocal(db, type, id, { versionId: null, ended: endingOf(how), until: at });
    return 'unchanged';
  }
  if (how !== 'withdrawn') {
    if (before.local === localState.none) keepVersion(db, before.rid, endingOf(how), at);
    else if (how !== 'local') settleLocal(db, type, id, { versionId: null, ended: endingOf(how), until: at });
  }
  eraseRow(db, names, typeName, id, before);
  return { patients: before.patient === null ? [] : [before.patient] };
}

/** Removes everything of one patient: records, earlier versions, and what is known of them. */
export function purgeRecords(db: WriteDb, names: Names, patientId: string): void {
  const pid = names.patient(patientId);
  const rows = sql(
    db,
    `SELECT r.rid, t.text AS type, r.id FROM resource r JOIN term t ON t.tid = r.type
     WHERE r.rid IN (SELECT rid FROM entry WHERE patient = ?)`,
  ).all(pid) as { rid: number; type: string; id: string }[];
  for (const { type, id } of rows) {
    const before = storedRow(db, names.term(type), id);
    if (before) eraseRow(db, names, type, id, before);
  }
  sql(db, 'DELETE FROM history WHERE patient = ?').run(pid);
  sql(db, 'DELETE FROM section_state WHERE patient = ?').run(pid);
  sql(db, 'DELETE FROM section_past WHERE patient = ?').run(pid);
  sql(db, 'DELETE FROM witness WHERE patient = ?').run(pid);
  sql(db, 'DELETE FROM opened WHERE pid = ?').run(pid);
  erasePatient(db, pid);
  writeWords(db, pid, wordKind.location, new Set());
  sql(
    db,
    `UPDATE patient SET location = NULL, location_key = NULL, updated = NULL, last_updated = NULL, left_at = NULL
     WHERE pid = ?`,
  ).run(pid);
  createSearchIndex(db, names).flush();
}

/** Removes up to so many records of a type, of whomever, but for those that hold a clinician's own text. */
export function leaveOutRecords(db: WriteDb, names: Names, typeName: string, most: number): number {
  const type = names.term(typeName);
  const ids = sql(db, 'SELECT id FROM resource WHERE type = ? AND local = 0 LIMIT ?')
    .pluck()
    .all(type, most) as string[];
  for (const id of ids) {
    const before = storedRow(db, type, id);
    if (before) eraseRow(db, names, typeName, id, before);
  }
  // What the server had before a change that waits is needed until that is settled.
  sql(
    db,
    `DELETE FROM history WHERE type = @type AND ended <> 'local'
       AND id NOT IN (SELECT id FROM resource WHERE type = @type AND local <> 0)`,
  ).run({ type });
  for (const table of ['section_state', 'section_past', 'witness'] as const) {
    sql(db, `DELETE FROM ${table} WHERE type = ?`).run(type);
  }
  createSearchIndex(db, names).flush();
  return ids.length;
}

/** Gives a resource the id that the server chose for it. The text is that of the server, stored right after. */
export function renameResource(db: WriteDb, names: Names, type: string, fromId: string, facts: Facts): Change {
  const gone = fromId === facts.id ? 'unchanged' : removeResource(db, names, { type, id: fromId }, WITHDRAWN);
  const stored = storeResource(db, names, facts);
  if (gone === 'unchanged') return stored;
  return { patients: [...new Set([...gone.patients, ...(stored === 'unchanged' ? [] : stored.patients)])] };
}

const WITHDRAWN: Removal = { how: 'withdrawn', at: null };

function endingOf(how: Removal['how']): Ending {
  return how === 'withdrawn' ? 'replaced' : how;
}

function storedRow(db: WriteDb, type: number, id: string): Stored | undefined {
  const key = idKey(id);
  if (!keysHeld(db, 'resource').may(key)) return undefined;
  return sql(
    db,
    `SELECT rid, version_id AS versionId, last_updated AS lastUpdated, patient, bucket, code, recency, subsetted, local
     FROM resource WHERE type = ? AND key = ? AND id = ?`,
  ).get(type, key, id) as Stored | undefined;
}

/**
 * Pages overlap and may be read again: the same version changes nothing, and an older one doesn't come back. Version
 * ids are opaque; a server that was restored gives them out again, so the time belongs to them.
 */
function replaces(db: WriteDb, facts: Facts, before: Stored): boolean {
  const [mine, theirs] = [startOf(before.lastUpdated), startOf(facts.lastUpdated)];
  const sameVersion =
    facts.versionId === '' && before.versionId === ''
      ? facts.body === bodyOf(db, before.rid)
      : facts.versionId === before.versionId && (mine === theirs || mine === null || theirs === null);
  if (sameVersion) return before.subsetted === 1 && !facts.subsetted;
  return mine === null || theirs === null || theirs >= mine;
}

/** A row whose version was forgotten (the server was accepted after a reset) holds the text of one, and no other. */
function keepReplaced(db: WriteDb, facts: Facts, before: Stored, at: number | null): void {
  if (before.versionId === '' && facts.body === bodyOf(db, before.rid)) return;
  keepVersion(db, before.rid, 'replaced', at);
}

function bodyOf(db: WriteDb, rid: number): string {
  return (sql(db, 'SELECT body FROM resource WHERE rid = ?').get(rid) as { body: string }).body;
}

function write(
  db: WriteDb,
  names: Names,
  facts: Facts,
  before: Stored | undefined,
  { local, at, given }: { local: LocalState; at: number | null; given: Facts },
): Change {
  const type = names.term(facts.type);
  const patient = facts.patient === null ? null : names.patient(facts.patient);
  const code = facts.code === null ? 0 : names.term(facts.code);
  if (before) createSearchIndex(db, names).remove(before.rid, facts.type);
  const label = names.label(facts.type, facts.labels);
  const row = { type, patient, code, label, local, at };
  const rid = before ? replace(db, facts, before, row) : insert(db, facts, row);
  if (patient !== null) {
    sql(db, 'INSERT INTO entry (patient, type, bucket, code, recency, rid, label) VALUES (?, ?, ?, ?, ?, ?, ?)').run(
      patient,
      type,
      facts.bucket,
      code,
      facts.recency,
      rid,
      label,
    );
  }
  derive(db, names, facts, rid, patient);
  createSearchIndex(db, names).put(rid, facts);
  fieldLayer(db).index(rid, given);
  const moved = before?.patient !== null && before?.patient !== undefined && before.patient !== patient;
  return { patients: [...(patient === null ? [] : [patient]), ...(moved ? [before.patient] : [])] };
}

interface Row {
  readonly type: number;
  readonly patient: number | null;
  readonly code: number;
  readonly label: number;
  readonly local: LocalState;
  readonly at: number | null;
}

function insert(db: WriteDb, facts: Facts, { type, patient, code, label, local, at }: Row): number {
  const key = idKey(facts.id);
  keysHeld(db, 'resource').add(key);
  const done = sql(
    db,
    `INSERT INTO resource
       (type, id, version_id, last_updated, patient, bucket, code, recency, subsetted, body, stored_at, local, label,
        key)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
    at,
    local,
    label,
    key,
  );
  return Number(done.lastInsertRowid);
}

function replace(db: WriteDb, facts: Facts, before: Stored, { type, patient, code, label, local, at }: Row): number {
  eraseEntry(db, type, before);
  sql(
    db,
    `UPDATE resource SET version_id = ?, last_updated = ?, patient = ?, bucket = ?, code = ?, recency = ?,
     subsetted = ?, body = ?, stored_at = ?, local = ?, label = ? WHERE rid = ?`,
  ).run(
    facts.versionId,
    facts.lastUpdated,
    patient,
    facts.bucket,
    code,
    facts.recency,
    Number(facts.subsetted),
    facts.body,
    at,
    local,
    label,
    before.rid,
  );
  return before.rid;
}

function eraseEntry(db: WriteDb, type: number, before: Stored): void {
  if (before.patient === null) return;
  sql(
    db,
    'DELETE FROM entry WHERE patient = ? AND type = ? AND bucket = ? AND code = ? AND recency = ? AND rid = ?',
  ).run(before.patient, type, before.bucket, before.code, before.recency, before.rid);
}

function eraseRow(db: WriteDb, names: Names, typeName: string, id: string, before: Stored): void {
  createSearchIndex(db, names).remove(before.rid, typeName);
  eraseEntry(db, names.term(typeName), before);
  sql(db, 'DELETE FROM care_team_member WHERE rid = ?').run(before.rid);
  fieldLayer(db).forget(before.rid);
  sql(db, 'DELETE FROM resource WHERE rid = ?').run(before.rid);
  if (typeName === 'Patient') erasePatient(db, names.patient(id));
}

/** The list's row of a patient whose Patient resource is gone: an integer that other records refer to, and no more. */
function erasePatient(db: WriteDb, pid: number): void {
  sql(
    db,
    `UPDATE patient SET known = 0, family = '', given = '', prefix = '', name_key = NULL, birth_date = NULL,
     deceased = NULL, sex = 'unknown', mrn = NULL, label = 0 WHERE pid = ?`,
  ).run(pid);
  writeWords(db, pid, wordKind.patient, new Set());
  writeWords(db, pid, wordKind.sound, new Set());
}

function derive(db: WriteDb, names: Names, facts: Facts, rid: number, patient: number | null): void {
  if (facts.type === 'Patient' && patient !== null) writePatient(db, names, facts, patient);
  if (listsMembers.has(facts.type)) writeMembers(db, names, facts, rid, patient);
  eachSharedReference(facts, (type, id) => {
    if (names.isNewReference(type, id)) {
      sql(db, 'INSERT OR IGNORE INTO wanted (type, id) VALUES (?, ?)').run(names.term(type), id);
    }
  });
}

function writePatient(db: WriteDb, names: Names, facts: Facts, pid: number): void {
  const row = patientSummary(facts.resource);
  const label = names.label(facts.type, facts.labels);
  sql(
    db,
    `UPDATE patient SET known = 1, family = ?, given = ?, prefix = ?, name_key = ?, birth_date = ?, deceased = ?,
     sex = ?, mrn = ?, label = ? WHERE pid = ?`,
  ).run(row.family, row.given, row.prefix, row.nameKey, row.birthDate, row.deceased, row.sex, row.mrn, label, pid);
  writeWords(db, pid, wordKind.patient, row.words);
  writeWords(db, pid, wordKind.sound, row.sounds);
}

/** Types that say whose patients these are. */
const listsMembers: ReadonlySet<string> = new Set(['CareTeam', 'Group', 'List']);

interface Membership {
  /** Reference by which the patient is found: of a participant, or of the Group or List itself. */
  readonly member: string;
  readonly patient: number;
  /** What limits the membership in time. */
  readonly periods: readonly unknown[];
}

function writeMembers(db: WriteDb, names: Names, facts: Facts, rid: number, patient: number | null): void {
  sql(db, 'DELETE FROM care_team_member WHERE rid = ?').run(rid);
  const members = facts.type === 'CareTeam' ? teamMembers(facts, patient) : listMembers(names, facts);
  members.forEach(({ member, patient: pid, periods }, part) => {
    const { starts, ends } = span(periods);
    sql(db, 'INSERT INTO care_team_member (member, rid, part, patient, starts, ends) VALUES (?, ?, ?, ?, ?, ?)').run(
      member,
      rid,
      part,
      pid,
      starts,
      ends,
    );
  });
}

function teamMembers(facts: Facts, patient: number | null): Membership[] {
  if (patient === null || facts.bucket !== CURRENT) return [];
  return items(facts.resource, 'participant').flatMap((participant) => {
    const member = parseReference(text(participant, 'member', 'reference'));
    const periods = [field(facts.resource, 'period'), field(participant, 'period')];
    return member ? [{ member: `${member.type}/${member.id}`, patient, periods }] : [];
  });
}

/** Whether a CareTeam makes its patient one of some members' at a time, in milliseconds. */
export function isOnTeam(facts: Facts, members: readonly string[], at: number | null): boolean {
  const time = at ?? Number.NaN;
  return teamMembers(facts, 0).some(({ member, periods }) => {
    const { starts, ends } = span(periods);
    return members.includes(member) && starts <= time && ends >= time;
  });
}

function span(periods: readonly unknown[]): { starts: number; ends: number } {
  return {
    starts: Math.max(...periods.map((period) => edge(period, 'start', -FOREVER))),
    ends: Math.min(...periods.map((period) => edge(period, 'end', FOREVER))),
  };
}

/** Patients of an active Group (R4 group.html) or a current List (R4 list.html). */
function listMembers(names: Names, { type, id, resource }: Facts): Membership[] {
  const isGroup = type === 'Group';
  if (isGroup ? field(resource, 'active') === false : text(resource, 'status') !== 'current') return [];
  const members = isGroup
    ? items(resource, 'member').filter((member) => !isTrue(member, 'inactive'))
    : items(resource, 'entry').filter((entry) => !isTrue(entry, 'deleted'));
  return members.flatMap((member) => {
    const reference = parseReference(text(member, isGroup ? 'entity' : 'item', 'reference'));
    if (reference?.type !== 'Patient') return [];
    return [{ member: `${type}/${id}`, patient: names.patient(reference.id), periods: [field(member, 'period')] }];
  });
}

const FOREVER = 9_000_000_000_000_000;

/** Edge of a period; an edge that is there but can't be read closes the period, as it opens a chart. */
function edge(period: unknown, name: 'start' | 'end', open: number): number {
  const value = field(period, name);
  if (value === undefined) return open;
  return interval(value)?.[name] ?? -open;
}
