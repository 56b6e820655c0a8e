import type { PatientPage, PatientRow, PatientSort } from '../../../preload/contract/patients.ts';
import { queryWords } from '../fold.ts';
import { getMeta, runKeys } from '../meta.ts';
import type { ReadDb } from '../open.ts';
import type { PatientListRequest } from '../operations.ts';
import { sql } from '../statements.ts';

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

/** The clinician's patients that match, in order. Those without a value to sort by come last either way. */
export function patientList(db: ReadDb, request: PatientListRequest): PatientPage {
  const matching = matches(db, request);
  const page = matching.slice(request.offset, request.offset + request.limit);
  const items = page.flatMap((pid) => readRow(db, pid) ?? []);
  return { items, total: matching.length, ...panelState(db) };
}

/** All that match, in order, as integers: read from indexes alone, so that counting costs nothing more. */
function matches(db: ReadDb, { query, sort, descending }: PatientListRequest): number[] {
  const { column, index, reversed } = orders[sort];
  const direction = descending === reversed ? 'ASC' : 'DESC';
  const words = queryWords(query).slice(0, WORDS_MAX);
  const conditions = words.map(
    () => 'AND p.pid IN (SELECT w.pid FROM patient_word w WHERE w.word >= ? AND w.word < ?)',
  );
  const bounds = words.flatMap((word) => [word, `${word}${LAST}`]);
  // In two parts, so that each comes out of the index in order; NULLS LAST would be sorted.
  const part = (nullness: string, order: string) =>
    sql(
      db,
      `SELECT p.pid FROM patient p INDEXED BY ${index}
       WHERE p.panel = 1 AND p.known = 1 AND p.${column} ${nullness} ${conditions.join(' ')} ORDER BY ${order}`,
    )
      .pluck()
      .all(...bounds) as number[];
  return [...part('IS NOT NULL', `p.${column} ${direction}, p.id ${direction}`), ...part('IS NULL', 'p.id')];
}

/** One patient's row, or null. */
export function readRow(db: ReadDb, pid: number): PatientRow | null {
  const row = sql(db, `SELECT ${COLUMNS} FROM patient WHERE pid = ?`).get(pid) as Row | undefined;
  return row ? rowView(row) : null;
}

/** The list is complete once the panel is known and every Patient of it is here. */
function panelState(db: ReadDb): Pick<PatientPage, 'panel' | 'asOf' | 'complete'> {
  const { panel, known } = sql(
    db,
    'SELECT count(*) AS panel, coalesce(sum(known), 0) AS known FROM patient WHERE panel = 1',
  ).get() as { panel: number; known: number };
  const asOf = getMeta(db, runKeys.panelAsOf);
  return { panel, asOf, complete: asOf !== null && panel === known };
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
