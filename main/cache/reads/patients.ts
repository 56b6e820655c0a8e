import type { AskedScope, PatientPage, PatientRow, PatientSort } from '../../../preload/contract/patients.ts';
import { joinDates } from '../birth-words.ts';
import { queryWords } from '../fold.ts';
import { wordKind } from '../ingest/words.ts';
import { getMeta, runKeys } from '../meta.ts';
import type { ReadDb } from '../open.ts';
import type { PatientListRequest, PatientLists, PatientListsRequest } from '../operations.ts';
import { type ListSight, needCurrent, type RowSight } from '../sight.ts';
import { soundsOfWord } from '../sounds.ts';
import { sql } from '../statements.ts';
import { readMarks, type TestPatients } from './marks.ts';
import { membersOf, type ScopeMembers, wardsOf } from './scopes.ts';
import { similarTo } from './similar.ts';
import { teamPatients } from './standing.ts';

interface Row {
  readonly id: string;
  readonly family: string;
  readonly given: string;
  readonly prefix: string;
  readonly birthDate: string | null;
  readonly deceased: string | null;
  readonly sex: PatientRow['sex'];
  readonly mrn: string | null;
  readonly location: string | null;
  readonly lastUpdated: string | null;
}

const COLUMNS = `id, family, given, prefix, birth_date AS birthDate, deceased, sex, mrn, location,
  last_updated AS lastUpdated`;

interface Order {
  readonly column: string;
  readonly index: string;
  /** The column runs against the order: the younger has the later date of birth. */
  readonly reversed: boolean;
}

const orders: Readonly<Record<Exclude<PatientSort, 'list'>, Order>> = {
  name: { column: 'name_key', index: 'patient_by_name', reversed: false },
  location: { column: 'location_key', index: 'patient_by_location', reversed: false },
  age: { column: 'birth_date', index: 'patient_by_age', reversed: true },
  updated: { column: 'updated', index: 'patient_by_update', reversed: false },
};

const WORDS_MAX = 10;
const WARDS_MAX = 500;
const LAST = '\u{10FFFF}';

/**
 * The clinician's patients that match and that may be seen, in order. Those without a value to sort by come last either
 * way, and after all of them those whose names only sound like what was typed. Who may not be seen is not counted; what
 * may not be seen of somebody is neither found by nor sorted by.
 */
export function patientList(db: ReadDb, request: PatientListRequest, practitioner: string): PatientPage {
  const { sight, scope = { list: 'mine' } } = request;
  needCurrent(db, sight);
  const told = toldIn(sight);
  const hidden = hiddenPatients(db, sight, practitioner);
  const members = membersOf(db, scope, { unfinished: request.unfinished, located: told.location });
  const isListed = (pid: number) => !hidden.has(pid) && (members === null || members.places.has(pid));
  const listed = (pids: readonly number[]) => pids.filter(isListed);
  const exact = ordered(listed(matches(db, request, told)), request, members);
  const known = new Set(exact);
  const sounding = request.exact ? [] : soundMatches(db, request);
  const alike = listed(sounding).filter((pid) => !known.has(pid));
  const matching = [...exact, ...alike];
  const page = matching.slice(request.offset, request.offset + request.limit);
  const isSimilar = similarTo(db, isListed);
  const items = page.flatMap((pid) => {
    const row = readRow(db, pid, told, request.testPatients);
    if (!row) return [];
    const appointment = members?.appointments.get(pid) ?? null;
    return { ...row, alike: !known.has(pid), similar: isSimilar(pid), appointment };
  });
  return { items, total: matching.length, ...panelState(db, hidden.size) };
}

const toldIn = ({ careTeam, panel }: ListSight) => ({
  location: careTeam.location && panel.location,
  updated: careTeam.updated && panel.updated,
});

/** In the order of the list itself, where that is asked for and it has one. */
function ordered(pids: number[], { sort, descending }: PatientListRequest, members: ScopeMembers | null): number[] {
  if (sort !== 'list' || members === null) return pids;
  const places = members.places;
  const sorted = pids.toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
  return descending ? sorted.reverse() : sorted;
}

/** How many are on each list. */
export function patientLists(db: ReadDb, request: PatientListsRequest, practitioner: string): PatientLists {
  const { sight, from, to, unfinished } = request;
  needCurrent(db, sight);
  const located = toldIn(sight).location;
  const hidden = hiddenPatients(db, sight, practitioner);
  const panel = new Set(sql(db, 'SELECT pid FROM patient WHERE panel = 1 AND known = 1').pluck().all() as number[]);
  const count = (pids: Iterable<number>) => [...pids].filter((pid) => panel.has(pid) && !hidden.has(pid)).length;
  const countOf = (scope: AskedScope) => count(membersOf(db, scope, { unfinished, located })?.places.keys() ?? []);
  const wards = located ? [...wardsOf(db)].map(([ward, pids]) => ({ ward, count: count(pids) })) : [];
  return {
    mine: count(panel),
    wards: wards.filter((ward) => ward.count > 0).slice(0, WARDS_MAX),
    appointments: countOf({ list: 'appointments', from, to }),
    recent: countOf({ list: 'recent' }),
    unfinished: countOf({ list: 'unfinished' }),
  };
}

/** Known patients of the panel who may not be seen: decided for each label and relation, looked up for each patient. */
function hiddenPatients(db: ReadDb, { newest, careTeam, panel }: ListSight, practitioner: string): ReadonlySet<number> {
  const all = [0, ...labelsOfPatients(db)].filter((label) => label <= newest);
  const open = [careTeam, panel].map(({ labels }) => new Set(labels));
  const hidden = new Set<number>();
  if (all.every((label) => open.every((labels) => labels.has(label)))) return hidden;
  const related = teamPatients(db, practitioner);
  const rows = sql(db, 'SELECT pid, label FROM patient WHERE panel = 1 AND known = 1').all();
  for (const { pid, label } of rows as { pid: number; label: number }[]) {
    if (!open[related.has(pid) ? 0 : 1]?.has(label)) hidden.add(pid);
  }
  return hidden;
}

function labelsOfPatients(db: ReadDb): number[] {
  return sql(db, `SELECT lid FROM label WHERE type = 'Patient'`).pluck().all() as number[];
}

/** All that match, in order, as integers: read from indexes alone, so that counting costs nothing more. */
function matches(db: ReadDb, request: PatientListRequest, told: Pick<RowSight, 'location' | 'updated'>): number[] {
  const { query, descending, found = [] } = request;
  const sort = request.sort === 'list' ? 'name' : request.sort;
  const isTold = (sort !== 'location' || told.location) && (sort !== 'updated' || told.updated);
  const { column, index, reversed } = orders[isTold ? sort : 'name'];
  const direction = descending === reversed ? 'ASC' : 'DESC';
  const words = queryWords(joinDates(query)).slice(0, WORDS_MAX);
  const kinds = ` AND w.kind ${told.location ? `<> ${wordKind.sound}` : `= ${wordKind.patient}`}`;
  const conditions = words.map(
    () => `AND p.pid IN (SELECT w.pid FROM patient_word w WHERE w.word >= ? AND w.word < ?${kinds})`,
  );
  const byWords = conditions.join(' ');
  // What has no words is found by nothing else.
  const others = words.length > 0 ? `(TRUE ${byWords})` : 'FALSE';
  const condition = found.length === 0 ? byWords : `AND (p.id IN (SELECT value FROM json_each(?)) OR ${others})`;
  const bounds = [
    ...(found.length > 0 ? [JSON.stringify(found)] : []),
    ...words.flatMap((word) => [word, `${word}${LAST}`]),
  ];
  // In two parts, so that each comes out of the index in order; NULLS LAST would be sorted.
  const part = (nullness: string, order: string) =>
    sql(
      db,
      `SELECT p.pid FROM patient p INDEXED BY ${index}
       WHERE p.panel = 1 AND p.known = 1 AND p.${column} ${nullness} ${condition} ORDER BY ${order}`,
    )
      .pluck()
      .all(...bounds) as number[];
  return [...part('IS NOT NULL', `p.${column} ${direction}, p.id ${direction}`), ...part('IS NULL', 'p.id')];
}

/**
 * Patients by name each word of whose query begins a word of theirs or sounds like one; none where no word has a sound.
 */
function soundMatches(db: ReadDb, { query }: PatientListRequest): number[] {
  const words = queryWords(joinDates(query)).slice(0, WORDS_MAX);
  const heard = words.map((word) => ({ word, sounds: soundsOfWord(word) }));
  if (!heard.some(({ sounds }) => sounds.length > 0)) return [];
  const conditions = heard.map(
    ({ sounds }) => `AND p.pid IN (
      SELECT pid FROM patient_word WHERE word >= ? AND word < ? AND kind = ${wordKind.patient}
      UNION SELECT pid FROM patient_word
        WHERE word IN (${sounds.map(() => '?').join(', ')}) AND kind = ${wordKind.sound})`,
  );
  return sql(
    db,
    `SELECT p.pid FROM patient p INDEXED BY patient_by_name
     WHERE p.panel = 1 AND p.known = 1 ${conditions.join(' ')} ORDER BY p.name_key, p.id`,
  )
    .pluck()
    .all(...heard.flatMap(({ word, sounds }) => [word, `${word}${LAST}`, ...sounds])) as number[];
}

/** One patient's row, or null; without what follows from records that may not be seen. */
export function readRow(
  db: ReadDb,
  pid: number,
  told: Pick<RowSight, 'location' | 'updated'>,
  testPatients: TestPatients = [],
): PatientRow | null {
  const row = sql(db, `SELECT ${COLUMNS} FROM patient WHERE pid = ?`).get(pid) as Row | undefined;
  if (!row) return null;
  const { location, lastUpdated, ...rest } = rowView(row);
  const marks = readMarks(db, row.id, testPatients);
  return { ...rest, marks, location: told.location ? location : null, lastUpdated: told.updated ? lastUpdated : null };
}

/** The list is complete once the panel is known and every Patient of it is here. Who is hidden doesn't count. */
function panelState(db: ReadDb, hidden: number): Pick<PatientPage, 'panel' | 'asOf' | 'complete'> {
  const { panel, known } = sql(
    db,
    'SELECT count(*) AS panel, coalesce(sum(known), 0) AS known FROM patient WHERE panel = 1',
  ).get() as { panel: number; known: number };
  const asOf = getMeta(db, runKeys.panelAsOf);
  return { panel: panel - hidden, asOf, complete: asOf !== null && panel === known };
}

function rowView(row: Row): Omit<PatientRow, 'marks'> {
  return {
    id: row.id,
    name: { family: row.family, given: row.given, prefix: row.prefix },
    birthDate: row.birthDate,
    deceased: row.deceased === null || row.deceased === 'false' ? false : row.deceased === 'true' || row.deceased,
    sex: row.sex,
    mrn: row.mrn,
    location: row.location,
    lastUpdated: row.lastUpdated,
    appointment: null,
    alike: false,
    similar: false,
  };
}
