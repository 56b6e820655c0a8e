import type { WriteDb } from '../open.ts';
import { sql } from '../statements.ts';

/** Columns of each table of the index, in the order of its key. */
const columns = {
  search_record: ['type', 'patient', 'rid', 'updated'],
  search_token: ['param', 'kid', 'patient', 'rid'],
  search_identifier: ['param', 'value', 'system', 'patient', 'rid'],
  search_reference: ['param', 'tid', 'patient', 'rid'],
  search_date: ['param', 'low', 'high', 'patient', 'rid'],
  search_date_long: ['param', 'low', 'high', 'patient', 'rid'],
  search_date_of: ['rid', 'param', 'low', 'high'],
  search_string: ['param', 'value', 'patient', 'rid'],
  search_string_of: ['rid', 'param', 'value'],
  search_quantity: ['param', 'kid', 'uid', 'value', 'patient', 'rid'],
} as const;

export type IndexTable = keyof typeof columns;
type Row = readonly (number | string)[];

/** The one column of a table that holds texts; all others hold numbers. */
const textColumns: Readonly<Partial<Record<IndexTable, number>>> = {
  search_identifier: columns.search_identifier.indexOf('value'),
  search_string: columns.search_string.indexOf('value'),
  search_string_of: columns.search_string_of.indexOf('value'),
};

/** Takes a row of one table. */
export type Add = (row: Row) => void;

/** Rows to be written, by table. */
export interface Rows {
  /** Begins a resource: what follows is written (1) or taken out (-1), each row once. */
  begin(sign: 1 | -1): void;
  to(table: IndexTable): Add;
  /** Writes the difference, in the order of each table's key. */
  flush(db: WriteDb): void;
  clear(): void;
}

/**
 * Rows of one table, one after the other: as an array each, those of a transaction would be moved about by each
 * collection of garbage, and be found all over the memory when they are sorted.
 */
interface List {
  /** Of a text, its place in `texts`. */
  numbers: Float64Array;
  texts: string[];
  /** Where the next row goes. */
  end: number;
  /** Where the rows of the resource begin that is being read. */
  start: number;
}

interface Collected {
  readonly table: IndexTable;
  readonly width: number;
  readonly textColumn: number;
  readonly added: List;
  readonly removed: List;
}

/** Collects the rows of a transaction. */
export function createRows(): Rows {
  const all = (Object.keys(columns) as IndexTable[]).map((table): Collected => {
    const [width, textColumn] = [columns[table].length, textColumns[table] ?? -1];
    return { table, width, textColumn, added: emptyList(), removed: emptyList() };
  });
  const byTable = Object.fromEntries(all.map((one) => [one.table, one])) as Record<IndexTable, Collected>;
  let sign: 1 | -1 = 1;

  function clear(): void {
    for (const { added, removed } of all) {
      Object.assign(added, emptyList());
      Object.assign(removed, emptyList());
    }
  }

  return {
    begin(next) {
      sign = next;
      for (const { added, removed } of all) {
        const list = sign === 1 ? added : removed;
        list.start = list.end;
      }
    },
    to(table) {
      const one = byTable[table];
      return (row) => put(one, sign === 1 ? one.added : one.removed, row);
    },
    flush(db) {
      for (const one of all) write(db, one);
      clear();
    },
    clear,
  };
}

function emptyList(): List {
  return { numbers: new Float64Array(0), texts: [], end: 0, start: 0 };
}

const FIRST_LENGTH = 1_024;

/** Adds a row, unless the resource has it already. */
function put(of: Collected, list: List, row: Row): void {
  const { width, textColumn } = of;
  if (list.end + width > list.numbers.length) {
    const longer = new Float64Array(Math.max(FIRST_LENGTH, 2 * list.numbers.length));
    longer.set(list.numbers);
    list.numbers = longer;
  }
  const { numbers, texts, end } = list;
  for (let column = 0; column < width; column += 1) {
    numbers[end + column] = column === textColumn ? texts.length : (row[column] as number);
  }
  if (textColumn >= 0) texts.push(row[textColumn] as string);
  for (let at = end - width; at >= list.start; at -= width) {
    if (compare(of, list, at, list, end) !== 0) continue;
    if (textColumn >= 0) texts.pop();
    return;
  }
  list.end += width;
}

/**
 * A resource that was stored twice in one transaction, or replaced, puts and takes out the same rows: only what is left of
 * each is written. Sorted, so that a page of the database is encrypted once for all that changes on it.
 */
function write(db: WriteDb, of: Collected): void {
  const { table, added, removed } = of;
  const toAdd = sorted(of, added);
  if (removed.end === 0) {
    insertAll(db, of, toAdd);
    return;
  }
  const left = difference(of, toAdd, sorted(of, removed));
  const remove = sql(db, `DELETE FROM ${table} WHERE ${columns[table].map((name) => `${name} = ?`).join(' AND ')}`);
  for (const at of left.removed) remove.run(valuesOf(of, removed, [at]));
  insertAll(db, of, left.added);
}

/** Where the rows of a list are, in the order of the table's key. */
function sorted(of: Collected, list: List): Uint32Array {
  const places = Uint32Array.from({ length: list.end / of.width }, (_, row) => row * of.width);
  return places.sort((a, b) => compare(of, list, a, list, b));
}

/** Rows that one statement inserts: each statement costs about as much as a row. */
const TOGETHER = 32;

function insertAll(db: WriteDb, of: Collected, places: Uint32Array): void {
  const row = `(${columns[of.table].map(() => '?').join(', ')})`;
  let at = 0;
  for (const size of [TOGETHER, 1]) {
    const insert = sql(db, `INSERT OR IGNORE INTO ${of.table} VALUES ${Array(size).fill(row).join(', ')}`);
    for (; at + size <= places.length; at += size) {
      insert.run(valuesOf(of, of.added, places.subarray(at, at + size)));
    }
  }
}

/** The values of rows, as a statement takes them. */
function valuesOf({ width, textColumn }: Collected, { numbers, texts }: List, places: Iterable<number>): Row {
  const values: (number | string)[] = [];
  for (const at of places) {
    for (let column = 0; column < width; column += 1) {
      const value = numbers[at + column] as number;
      values.push(column === textColumn ? (texts[value] as string) : value);
    }
  }
  return values;
}

/** What is left of the sorted rows of a table once each of one list has cancelled a like one of the other. */
function difference(
  of: Collected,
  toAdd: Uint32Array,
  toRemove: Uint32Array,
): { added: Uint32Array; removed: number[] } {
  const added: number[] = [];
  const removed: number[] = [];
  let [to, from] = [0, 0];
  while (to < toAdd.length || from < toRemove.length) {
    const [put, taken] = [toAdd[to], toRemove[from]];
    const order = put === undefined ? 1 : taken === undefined ? -1 : compare(of, of.added, put, of.removed, taken);
    if (order < 0) added.push(put as number);
    else if (order > 0) removed.push(taken as number);
    if (order <= 0) to += 1;
    if (order >= 0) from += 1;
  }
  return { added: Uint32Array.from(added), removed };
}

function compare({ width, textColumn }: Collected, list: List, at: number, other: List, otherAt: number): number {
  for (let column = 0; column < width; column += 1) {
    const x = list.numbers[at + column] as number;
    const y = other.numbers[otherAt + column] as number;
    if (column === textColumn) {
      const [text, otherText] = [list.texts[x] as string, other.texts[y] as string];
      if (text !== otherText) return text < otherText ? -1 : 1;
    } else if (x !== y) return x - y;
  }
  return 0;
}
