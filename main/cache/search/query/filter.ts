import type { ReadDb } from '../../open.ts';
import type { Parameter } from '../table.ts';
import type { Criterion } from './request.ts';
import { all, among, one, or, piece, type Sql } from './sql.ts';

/** One walk along an index: each of its rows is a record that a filter lets through. */
export interface Alternative {
  /**
   * Tells this walk from the filter's others, on every page of the same search. Walks that come and go with what is stored
   * are told by numbers, joined by dots, in whose order they stand.
   */
  readonly id: string;
  readonly from: Sql;
  readonly where: Sql;
  /** Columns in which the walk is ordered; the record's is the last. */
  readonly order: readonly string[];
  readonly patient: string;
  readonly rid: string;
  /** The record was met before, in this walk or in an earlier one. */
  readonly duplicate: Sql;
  /** How many records it is taken to meet, where counting costs as much as searching. */
  readonly expected?: number;
}

/** One criterion, made ready for a type. */
export interface Filter {
  /** Walks that together meet every record that passes, in order; null where only a look at each record tells. */
  readonly alternatives: readonly Alternative[] | null;
  /** Whether the record passes; given the names of the columns that hold its patient and its number. */
  probe(patient: string, rid: string): Sql;
  /** The only patients whose records can pass. */
  readonly patients?: readonly number[];
  /** The index tells too much: the record itself must be asked. */
  readonly verify?: (resource: unknown) => boolean;
}

/** Whether a record of the type may be seen; given the names of the columns that hold its patient and its number. */
export type Scope = (type: string, patient: string, rid: string) => Sql;

/** What filters are made with. */
export interface Context {
  readonly db: ReadDb;
  readonly type: string;
  /** For dates that are approximate. */
  readonly now: number;
  /** How deep the search is inside of others, so that no two queries name their tables alike. */
  readonly level: number;
  /** Restricts every look at a record of a type to those that may be seen. */
  scope: Scope;
}

/** Makes criteria ready: handed to the filters that search inside of a search, since it makes those filters too. */
export type Compile = (context: Context, criteria: readonly Criterion[]) => Filter[];

/** Integer of a resource type, or one that nothing has. */
export function typeNumber(db: ReadDb, type: string): number {
  return one<{ tid: number }>(db, piece('SELECT tid FROM term WHERE text = ?', type))?.tid ?? -1;
}

/** Name of a parameter's rows. */
export function nameOf({ type, code }: Parameter): string {
  return `${type}.${code}`;
}

/** Integer of a parameter's rows, or one that nothing has. */
export function parameterNumber(db: ReadDb, name: string): number {
  return one<{ param: number }>(db, piece('SELECT param FROM search_parameter WHERE name = ?', name))?.param ?? -1;
}

export function patientNumbers(db: ReadDb, ids: readonly string[]): number[] {
  return all<{ pid: number }>(
    db,
    piece(`SELECT pid FROM patient WHERE ${among('id', ids).text}`, ...among('id', ids).args),
  ).map(({ pid }) => pid);
}

/** Every record of the type. */
export function everyRecord({ db, type }: Pick<Context, 'db' | 'type'>): Alternative {
  return {
    id: '*',
    from: piece('search_record d'),
    where: piece('d.type = ?', typeNumber(db, type)),
    order: ['d.patient', 'd.rid'],
    patient: 'd.patient',
    rid: 'd.rid',
    duplicate: piece('0'),
  };
}

/** Walks of which each skips what an earlier one has met, where a record can be in more than one. */
export function distinct(
  walks: readonly Omit<Alternative, 'duplicate'>[],
  probes: readonly Sql[],
  single: boolean,
): Alternative[] {
  return walks.map((walk, index) => ({
    ...walk,
    duplicate: single || index === 0 ? piece('0') : or(probes.slice(0, index)),
  }));
}

/** What passes by any of the parameters that have rows. */
export function eachRow(rows: readonly Parameter[], filterOf: (row: Parameter) => Filter): Filter {
  const [first, ...rest] = rows.map(filterOf);
  if (first && rest.length === 0) return first;
  const filters = first ? [first, ...rest] : [];
  return { alternatives: null, probe: (patient, rid) => or(filters.map((filter) => filter.probe(patient, rid))) };
}
