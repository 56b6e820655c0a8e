import type { SectionState, Unsent, Withheld } from '../../../preload/contract/chart.ts';
import type { KnownSection } from '../../../preload/contract/sync.ts';
import { NO_DATE, startOf } from '../dates.ts';
import { idKey } from '../id-key.ts';
import { CURRENT, HIDDEN } from '../ingest/buckets.ts';
import { parseExact, parseReference } from '../json.ts';
import { getMeta, runKeys } from '../meta.ts';
import type { ReadDb } from '../open.ts';
import { isBarred, isShown, needCurrent, type Part, type Sight, shownLabels, withheldOf } from '../sight.ts';
import { sql } from '../statements.ts';
import type { Lookup } from '../views/medications.ts';

export interface Knowledge {
  readonly state: SectionState;
  readonly asOf: string | null;
  readonly deletionsUnknown: boolean;
}

/** The integer of a term, or one that nothing has. */
export function termOf(db: ReadDb, text: string): number {
  const row = sql(db, 'SELECT tid FROM term WHERE text = ?').get(text) as { tid: number } | undefined;
  return row?.tid ?? -1;
}

/** The integer of a patient whose Patient resource is cached, or undefined. */
export function knownPatient(db: ReadDb, id: string): number | undefined {
  const row = sql(db, 'SELECT pid FROM patient WHERE id = ? AND known = 1').get(id) as { pid: number } | undefined;
  return row?.pid;
}

/** Types that machine policy leaves out of the cache, as the last sync took it. */
export function leftOut(db: ReadDb): readonly string[] {
  return JSON.parse(getMeta(db, runKeys.leftOut) ?? '[]') as string[];
}

const NOT_KEPT: Knowledge = { state: 'not-kept', asOf: null, deletionsUnknown: false };
const NOT_FETCHED: Knowledge = { state: 'not-fetched', asOf: null, deletionsUnknown: false };

/**
 * What is known of a section that is made of one or more types. A type that the run neither fetched nor plans to fetch
 * is one that the server doesn't have, and no gap, unless there is nothing else.
 */
export function knowledgeOf(db: ReadDb, pid: number, types: readonly string[]): Knowledge {
  const out = leftOut(db);
  const parts = types.flatMap((type) => {
    if (out.includes(type)) return [NOT_KEPT];
    const row = sql(
      db,
      `SELECT state, as_of AS asOf, deletions_unknown = 1 AND state <> 'not-permitted' AS unknown
       FROM section_state WHERE patient = ? AND type = ?`,
    ).get(pid, termOf(db, type)) as (Pick<Knowledge, 'state' | 'asOf'> & { unknown: number }) | undefined;
    if (row) return [{ state: row.state, asOf: row.asOf, deletionsUnknown: row.unknown === 1 }];
    return isPlanned(db, pid, type) ? [NOT_FETCHED] : [];
  });
  const [first = NOT_FETCHED] = parts;
  return {
    state: parts.every(({ state }) => state === first.state) ? first.state : 'partial',
    asOf: oldest(parts.flatMap((part) => (part === NOT_KEPT ? [] : part.asOf))),
    deletionsUnknown: parts.some((part) => part.deletionsUnknown),
  };
}

function isPlanned(db: ReadDb, pid: number, type: string): boolean {
  const row = sql(
    db,
    `SELECT 1 FROM sync_task t, json_each(t.patients) wish JOIN patient p ON p.id = wish.value
     WHERE t.resource_type = ? AND p.pid = ? LIMIT 1`,
  ).get(type, pid);
  return row !== undefined;
}

/** The oldest of several times; null where one of them is unknown. */
export function oldest(times: readonly (string | null)[]): string | null {
  let found: string | null = null;
  for (const time of times) {
    const start = startOf(time);
    if (time === null || start === null) return null;
    if (found === null || start < (startOf(found) ?? 0)) found = time;
  }
  return found;
}

/** What is known of a part of the chart, and what of it is withheld. What policy bars counts as not permitted. */
export function sightOf(db: ReadDb, pid: number, sight: Sight, part: Part): Knowledge & { withheld: Withheld } {
  if (isBarred(sight, part.types)) {
    const withheld = { restricted: null, denied: false };
    return { state: 'not-permitted', asOf: null, deletionsUnknown: false, withheld };
  }
  return { ...knowledgeOf(db, pid, part.types), withheld: withheldOf(db, pid, sight, part) };
}

export interface StoredRecord {
  readonly resource: unknown;
  /** The resource as the server wrote it. */
  readonly body: string;
  readonly bucket: number;
  readonly recency: number;
  readonly id: string;
  readonly local: number;
}

/** The first records of a section in its order: by bucket, then newest first, then by id. */
export function sectionRecords(
  db: ReadDb,
  pid: number,
  type: string,
  range: readonly [from: number, to: number],
  limit: number,
  sight: Sight,
): StoredRecord[] {
  const rows = sql(
    db,
    `SELECT r.body, r.id, r.local, e.bucket, e.recency
     FROM (SELECT * FROM entry WHERE patient = ? AND type = ? AND bucket BETWEEN ? AND ?
             AND label IN (${shownLabels(sight, type)})
           ORDER BY bucket, code, recency, rid LIMIT ?) e
     JOIN resource r ON r.rid = e.rid`,
  ).all(pid, termOf(db, type), ...range, limit) as Omit<StoredRecord, 'resource'>[];
  return rows.map((row) => ({ ...row, resource: parseExact(row.body) })).sort(compareRecords);
}

/** What `resource.local` says to the page. */
export function unsentOf(local: number): Unsent {
  return ([null, 'waiting', 'conflict', 'parked'] as const)[local] ?? null;
}

/** How many records of a section may be seen, shown or not for want of space. */
export function countRecords(
  db: ReadDb,
  pid: number,
  type: string,
  range: readonly [from: number, to: number],
  sight: Sight,
): number {
  const row = sql(
    db,
    `SELECT count(*) AS n FROM entry WHERE patient = ? AND type = ? AND bucket BETWEEN ? AND ?
     AND label IN (${shownLabels(sight, type)})`,
  ).get(pid, termOf(db, type), ...range) as { n: number };
  return row.n;
}

/** The oldest record of a section behind so many that come first. */
export function oldestBeyond(
  db: ReadDb,
  pid: number,
  type: string,
  range: readonly [from: number, to: number],
  first: number,
  sight: Sight,
): number {
  const row = sql(
    db,
    `SELECT max(recency) AS oldest FROM (
       SELECT recency FROM entry WHERE patient = ? AND type = ? AND bucket BETWEEN ? AND ?
         AND label IN (${shownLabels(sight, type)})
       ORDER BY bucket, code, recency, rid LIMIT -1 OFFSET ?) WHERE recency < ${NO_DATE}`,
  ).get(pid, termOf(db, type), ...range, first) as { oldest: number | null };
  return row.oldest ?? NO_DATE;
}

/** The year of the oldest of these, by their places in time (ingest/facts.ts); null where none has a date. */
export function yearOf(recencies: readonly number[]): string | null {
  const dated = recencies.filter((recency) => recency !== NO_DATE);
  return dated.length === 0 ? null : new Date(-Math.max(...dated)).toISOString().slice(0, 4);
}

/** Order within a section. */
export function compareRecords(
  a: Pick<StoredRecord, 'bucket' | 'recency' | 'id'>,
  b: Pick<StoredRecord, 'bucket' | 'recency' | 'id'>,
): number {
  return a.bucket - b.bucket || a.recency - b.recency || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Every kind of record that was fetched of a patient, or was tried to be; null where the patient isn't known. */
export function knownSections(db: ReadDb, patientId: string, sight: Sight): KnownSection[] | null {
  needCurrent(db, sight);
  const pid = knownPatient(db, patientId);
  if (pid === undefined) return null;
  const rows = sql(
    db,
    `SELECT t.text AS resourceType, s.state, s.as_of AS asOf, s.deletions_unknown AS unknown
     FROM section_state s JOIN term t ON t.tid = s.type WHERE s.patient = ? ORDER BY t.text LIMIT 200`,
  ).all(pid) as (Omit<KnownSection, 'deletionsUnknown' | 'count'> & { unknown: number })[];
  const fetched = rows.map(({ unknown, ...section }): KnownSection => {
    const { resourceType } = section;
    if (isBarred(sight, [resourceType])) {
      return { resourceType, state: 'not-permitted', asOf: null, count: 0, deletionsUnknown: false };
    }
    const count = countRecords(db, pid, resourceType, EVERY_BUCKET, sight);
    return { ...section, count, deletionsUnknown: unknown === 1 };
  });
  const out = leftOut(db);
  const absent = out.map((resourceType): KnownSection => {
    const count = countRecords(db, pid, resourceType, EVERY_BUCKET, sight);
    return { resourceType, ...NOT_KEPT, count };
  });
  return [...fetched.filter(({ resourceType }) => !out.includes(resourceType)), ...absent];
}

const EVERY_BUCKET = [0, HIDDEN] as const;

/** Types of which an absence is acted upon: that a record of one is withheld is always told (decision 31). */
const SAFETY: ReadonlySet<string> = new Set([
  'AllergyIntolerance',
  'Condition',
  'MedicationRequest',
  'MedicationStatement',
  'Flag',
]);

/** Whether that nothing is found among a patient's records of some types means that there is nothing; else why not. */
export function completeness(
  db: ReadDb,
  patientId: string,
  types: readonly string[],
  sight: Sight,
): 'complete' | 'not-permitted' | 'not-synced' {
  needCurrent(db, sight);
  const pid = knownPatient(db, patientId);
  if (pid === undefined) return 'not-synced';
  const known = types
    .filter((type) => type !== 'Patient')
    .map((type) => sightOf(db, pid, sight, { types: [type], range: EVERY_BUCKET, safety: SAFETY.has(type) }));
  const isWithheld = known.some(
    ({ state, withheld }) => state === 'not-permitted' || withheld.restricted !== null || withheld.denied,
  );
  if (isWithheld) return 'not-permitted';
  return known.every(({ state }) => state === 'complete') ? 'complete' : 'not-synced';
}

/** `Encounter/<id>` of the patient's encounter in progress; null where none may be seen, or more than one. */
export function currentEncounter(db: ReadDb, patientId: string, sight: Sight): string | null {
  needCurrent(db, sight);
  const pid = knownPatient(db, patientId);
  if (pid === undefined) return null;
  const rows = sql(
    db,
    `SELECT r.id FROM entry e JOIN resource r ON r.rid = e.rid
     WHERE e.patient = ? AND e.type = ? AND e.bucket = ${CURRENT} AND e.label IN (${shownLabels(sight, 'Encounter')})
     LIMIT 2`,
  ).all(pid, termOf(db, 'Encounter')) as { id: string }[];
  return rows.length === 1 && rows[0] ? `Encounter/${rows[0].id}` : null;
}

/** Finds cached resources by reference: shared ones and the patient's own, never another patient's. */
export function createLookup(db: ReadDb, pid: number, sight: Sight): Lookup {
  return (reference) => {
    const found = parseReference(reference);
    if (!found) return undefined;
    const row = sql(db, 'SELECT body, patient, label FROM resource WHERE type = ? AND key = ? AND id = ?').get(
      termOf(db, found.type),
      idKey(found.id),
      found.id,
    ) as { body: string; patient: number | null; label: number } | undefined;
    if (!row || (row.patient !== null && row.patient !== pid)) return undefined;
    return isShown(sight, found.type, row.label) ? JSON.parse(row.body) : undefined;
  };
}
