import type { PatientPage, PatientRow, PatientSort } from '../../../preload/contract/patients.ts';
import { queryWords } from '../fold.ts';
import { wordKind } from '../ingest/words.ts';
import { getMeta, runKeys } from '../meta.ts';
import type { ReadDb } from '../open.ts';
import type { PatientListRequest } from '../operations.ts';
import { type ListSight, needCurrent, type RowSight } from '../sight.ts';
import { sql } from '../statements.ts';
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

const orders: Readonly<Record<PatientSort, Order>> = {
  name: { column: 'name_key', index: 'patient_by_name', reversed: false },
  location: { column: 'location_key', index: 'patient_by_location', reversed: false },
  age: { column: 'birth_date', index: 'patient_by_age', reversed: true },
  updated: { column: 'updated', index: 'patient_by_update', reversed: false },
};

const WORDS_MAX = 10;
const LAST = '\u{10FFFF}';

/**
 * The clinician's patients that match and that may be seen, in order. Those without a value to sort by come last either
 * way. Who may not be seen is not counted; what may not be seen of somebody is neither found by nor sorted by.
 */
export function patientList(db: ReadDb, request: PatientListRequest, practitioner: string): PatientPage {
  const { sight } = request;
  needCurrent(db, sight);
  const told = {
    location: sight.careTeam.location && sight.panel.location,
    updated: sight.careTeam.updated && sight.panel.updated,
  };
  const hidden = hiddenPatients(db, sight, practitioner);
  const found = matches(db, request, told);
  const matching = hidden.size === 0 ? found : found.filter((pid) => !hidden.has(pid));
  const page = matching.slice(request.offset, request.offset + request.limit);
  const items = page.flatMap((pid) => readRow(db, pid, told) ?? []);
  return { items, total: matching.length, ...panelState(db, hidden.size) };
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
  const isTold = (request.sort !== 'location' || told.location) && (request.sort !== 'updated' || told.updated);
  const { column, index, reversed } = orders[isTold ? request.sort : 'name'];
  const direction = descending === reversed ? 'ASC' : 'DESC';
  const words = queryWords(query).slice(0, WORDS_MAX);
  const kinds = told.location ? '' : ` AND w.kind <> ${wordKind.location}`;
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

/** One patient's row, or null; without what follows from records that may not be seen. */
export function readRow(db: ReadDb, pid: number, told: Pick<RowSight, 'location' | 'updated'>): PatientRow | null {
  const row = sql(db, `SELECT ${COLUMNS} FROM patient WHERE pid = ?`).get(pid) as Row | undefined;
  if (!row) return null;
  const { location, lastUpdated, ...rest } = rowView(row);
  return { ...rest, location: told.location ? location : null, lastUpdated: told.updated ? lastUpdated : null };
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

function rowView(row: Row): PatientRow {
  return {
    id: row.id,
    name: { family: row.family, given: row.given, prefix: row.prefix },
    birthDate: row.birthDate,
    deceased: row.deceased === null || row.deceased === 'false' ? false : row.deceased === 'true' || row.deceased,
    sex: row.sex,
    mrn: row.mrn,
    location: row.location,
    lastUpdated: row.lastUpdated,
  };
}
