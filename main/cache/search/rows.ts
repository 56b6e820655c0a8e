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

interface Collected {
  readonly table: IndexTable;
  added: Row[];
  removed: Row[];
  /** Where the rows of the resource begin that is being read. */
  start: number;
}

/** Collects the rows of a transaction. */
export function createRows(): Rows {
  const all = (Object.keys(columns) as IndexTable[]).map(
    (table): Collected => ({ table, added: [], removed: [], start: 0 }),
  );
  const byTable = Object.fromEntries(all.map((one) => [one.table, one])) as Record<IndexTable, Collected>;
  let sign: 1 | -1 = 1;

  function clear(): void {
    for (const one of all) {
      one.added = [];
      one.removed = [];
    }
  }

  return {
    begin(next) {
      sign = next;
      for (const one of all) one.start = (sign === 1 ? one.added : one.removed).length;
    },
    to(table) {
      const one = byTable[table];
      return (row) => {
        const rows = sign === 1 ? one.added : one.removed;
        for (let at = rows.length - 1; at >= one.start; at -= 1) {
          if (compare(rows[at] as Row, row) === 0) return;
        }
        rows.push(row);
      };
    },
    flush(db) {
      for (const one of all) write(db, one);
      clear();
    },
    clear,
  };
}

/**
 * A resource that was stored twice in one transaction, or replaced, puts and takes out the same rows: only what is left of
 * each is written. Sorted, so that a page of the database is encrypted once for all that changes on it.
 */
function write(db: WriteDb, { table, added, removed }: Collected): void {
  added.sort(compare);
  if (removed.length === 0) {
    insertAll(db, table, added);
    return;
  }
  const names = columns[table];
  const remove = sql(db, `DELETE FROM ${table} WHERE ${names.map((name) => `${name} = ?`).join(' AND ')}`);
  const left = difference(added, removed.sort(compare));
  for (const row of left.removed) remove.run(row);
  insertAll(db, table, left.added);
}

/** Rows that one statement inserts: each statement costs about as much as a row. */
const TOGETHER = 32;

function insertAll(db: WriteDb, table: IndexTable, rows: readonly Row[]): void {
  let at = 0;
  for (const size of [TOGETHER, 1]) {
    const row = `(${columns[table].map(() => '?').join(', ')})`;
    const insert = sql(db, `INSERT OR IGNORE INTO ${table} VALUES ${Array(size).fill(row).join(', ')}`);
    for (; at + size <= rows.length; at += size) {
      const values: (number | string)[] = [];
      for (let row = at; row < at + size; row += 1) values.push(...(rows[row] as Row));
      insert.run(values);
    }
  }
}

/** What is left of two sorted lists once each row of one has cancelled a like row of the other. */
function difference(added: readonly Row[], removed: readonly Row[]): { added: Row[]; removed: Row[] } {
  const left = { added: [] as Row[], removed: [] as Row[] };
  let [to, from] = [0, 0];
  while (to < added.length || from < removed.length) {
    const [put, taken] = [added[to], removed[from]];
    const order = put === undefined ? 1 : taken === undefined ? -1 : compare(put, taken);
    if (order < 0) left.added.push(put as Row);
    else if (order > 0) left.removed.push(taken as Row);
    if (order <= 0) to += 1;
    if (order >= 0) from += 1;
  }
  return left;
}

function compare(a: Row, b: Row): number {
  for (let at = 0; at < a.length; at += 1) {
    const x = a[at] as number | string;
    const y = b[at] as number | string;
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}
