import type { ReadDb } from '../../open.ts';
import { type Parameter, parameterOf, rowsOf } from '../table.ts';
import { canonicalsOf, conceptKey, conceptSort, identifiedOf, measuredOf, sortText, targetOf } from '../values.ts';
import { parameterNumber, typeNumber } from './filter.ts';
import { leavesWalk } from './leaves.ts';
import { SearchError, type SortRule } from './request.ts';
import { piece, type Sql } from './sql.ts';

/** A value to sort by; null sorts last, whatever the direction. */
export type Key = string | number | null;

/** One rule of `_sort` (R4 search.html#sort): the least of a record's values ascending, the greatest descending. */
export interface SortKey {
  readonly descending: boolean;
  /** The key as a column, given the columns of a record; null where only the record itself tells. */
  readonly column: ((patient: string, rid: string) => Sql) | null;
  /** The key of a record, where there is no column. */
  readonly of: (resource: unknown) => Key;
  /** The index that is in this order; null where there is none. */
  readonly walk: Walk | null;
}

export interface Walk {
  readonly table: 'search_date' | 'search_string';
  readonly param: number;
  readonly column: 'low' | 'value';
  /** Another row of the record comes first. */
  readonly duplicate: Sql;
}

const none = () => null;

/** Makes the rules of `_sort` ready. */
export function sortKeys(db: ReadDb, type: string, rules: readonly SortRule[]): SortKey[] {
  return rules.map(({ code, descending }) => keyOf(db, type, code, descending));
}

function keyOf(db: ReadDb, type: string, code: string, descending: boolean): SortKey {
  if (code === '_id') {
    const column = (_patient: string, rid: string) => piece(`(SELECT s.id FROM resource s WHERE s.rid = ${rid})`);
    return { descending, column, of: none, walk: null };
  }
  if (code === '_lastUpdated') return updatedKey(db, type, descending);
  const parameter = parameterOf(type, code);
  if (!parameter) throw new SearchError('unknown-parameter', code);
  if (parameter.kind === 'date') return indexedKey(db, parameter, 'date', `${type}.${code}`, descending);
  if (parameter.kind === 'string' && isSortable(parameter)) {
    const named = parameter.leaves.some(({ element }) => element === 'HumanName');
    return indexedKey(db, parameter, 'string', named ? `${type}.${code}:sort` : `${type}.${code}`, descending);
  }
  if (!isSortable(parameter)) throw new SearchError('unsupported-sort', code);
  return { descending, column: null, of: recordKey(parameter, descending), walk: null };
}

/** Addresses and composites have no order. */
export function isSortable(parameter: Parameter): boolean {
  if (parameter.kind === 'composite') return false;
  return (
    parameter.kind !== 'string' ||
    rowsOf(parameter).every((row) => row.leaves.every(({ element }) => element !== 'Address'))
  );
}

function updatedKey(db: ReadDb, type: string, descending: boolean): SortKey {
  const number = typeNumber(db, type);
  return {
    descending,
    column: (patient, rid) =>
      piece(
        `(SELECT nullif(s.updated, 0) FROM search_record s WHERE s.type = ? AND s.patient = ${patient} AND s.rid = ${rid})`,
        number,
      ),
    of: none,
    walk: {
      table: 'search_date',
      param: parameterNumber(db, `${type}._lastUpdated`),
      column: 'low',
      duplicate: piece('0'),
    },
  };
}

function indexedKey(
  db: ReadDb,
  parameter: Parameter,
  kind: 'date' | 'string',
  name: string,
  descending: boolean,
): SortKey {
  const param = parameterNumber(db, name);
  const column = kind === 'date' ? 'low' : 'value';
  const best = descending ? 'max' : 'min';
  const before = descending ? '>' : '<';
  const key = kind === 'date' ? ['low', 'high'] : ['value'];
  const columns = (alias: string) => `(${key.map((one) => `${alias}.${one}`).join(', ')})`;
  const again = piece(
    `EXISTS (SELECT 1 FROM search_${kind}_of e WHERE e.rid = d.rid AND e.param = d.param
       AND ${columns('e')} ${before} ${columns('d')})`,
  );
  return {
    descending,
    column: (_patient, rid) =>
      piece(`(SELECT ${best}(s.${column}) FROM search_${kind}_of s WHERE s.rid = ${rid} AND s.param = ?)`, param),
    of: none,
    walk: { table: `search_${kind}`, param, column, duplicate: parameter.single ? piece('0') : again },
  };
}

/** Codes, identifiers, numbers and references are sorted by what the record says. */
function recordKey(parameter: Parameter, descending: boolean): (resource: unknown) => Key {
  const walk = leavesWalk(rowsOf(parameter).flatMap(({ leaves }) => leaves));
  return (resource) => {
    let best: Key = null;
    for (const { element, value } of walk(resource)) {
      const key = elementKey(parameter, element, value);
      if (key !== null && (best === null || (descending ? compareKeys(key, best) > 0 : compareKeys(key, best) < 0))) {
        best = key;
      }
    }
    return best;
  };
}

function elementKey({ kind }: Parameter, element: string, value: unknown): Key {
  if (element === 'other') return null;
  if (element === 'canonical') return canonicalsOf(value)[0] ?? null;
  if (kind === 'reference' || kind === 'uri') return targetOf(value);
  if (kind === 'quantity' || kind === 'number') return measuredOf(value)?.value ?? null;
  if (kind === 'string') return sortText(element, value);
  if (element === 'Identifier' || element === 'ContactPoint') return identifiedOf(value)?.value ?? null;
  const key = conceptKey(element, value);
  return key === null ? null : conceptSort(key) || null;
}

/** The order of the database: numbers by value, texts by their code points. */
export function compareKeys(a: string | number, b: string | number): number {
  if (a === b) return 0;
  if (typeof a === 'string' && typeof b === 'string' && (/[\uD800-\uFFFF]/.test(a) || /[\uD800-\uFFFF]/.test(b))) {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  return a < b ? -1 : 1;
}

/** Compares two records by all rules, records without a value last. */
export function compareAll(keys: readonly SortKey[], a: readonly Key[], b: readonly Key[]): number {
  for (const [at, { descending }] of keys.entries()) {
    const [x, y] = [a[at] ?? null, b[at] ?? null];
    if (x === null || y === null) {
      if (x !== y) return x === null ? 1 : -1;
    } else {
      const order = compareKeys(x, y);
      if (order !== 0) return descending ? -order : order;
    }
  }
  return 0;
}
