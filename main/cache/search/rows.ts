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

/** Rows to be written, by table. */
export interface Rows {
  /** Begins a resource: what follows is written (1) or taken out (-1), each row once. */
  begin(sign: 1 | -1): void;
  add(table: IndexTable, row: Row): void;
  /** Writes the difference, in the order of each table's key. */
  flush(db: WriteDb): void;
  clear(): void;
}

interface Change {
  readonly row: Row;
  readonly sign: 1 | -1;
}

interface Collected {
  readonly table: IndexTable;
  readonly changes: Change[];
  /** Where the rows of the resource begin that is being read. */
  start: number;
}

/** Collects the rows of a transaction. */
export function createRows(): Rows {
  const all = (Object.keys(columns) as IndexTable[]).map((table): Collected => ({ table, changes: [], start: 0 }));
  const byTable = Object.fromEntries(all.map((one) => [one.table, one])) as Record<IndexTable, Collected>;
  let sign: 1 | -1 = 1;

  return {
    begin(next) {
      sign = next;
      for (const one of all) one.start = one.changes.length;
    },
    add(table, row) {
      const { changes, start } = byTable[table];
      for (let at = changes.length - 1; at >= start; at -= 1) {
        if (compare((changes[at] as Change).row, row) === 0) return;
      }
      changes.push({ row, sign });
    },
    flush(db) {
      for (const one of all) {
        write(db, one);
        one.changes.length = 0;
      }
    },
    clear() {
      for (const { changes } of all) changes.length = 0;
    },
  };
}

/**
 * A resource that was stored twice in one transaction, or replaced, puts and takes out the same rows: only what is left of
 * each is written. Sorted, so that a page of the database is encrypted once for all that changes on it.
 */
function write(db: WriteDb, { table, changes }: Collected): void {
  if (changes.length === 0) return;
  const names = columns[table];
  changes.sort((a, b) => compare(a.row, b.row));
  const { added, removed } = difference(changes);
  if (removed.length > 0) {
    const remove = sql(db, `DELETE FROM ${table} WHERE ${names.map((name) => `${name} = ?`).join(' AND ')}`);
    for (const row of removed) remove.run(row);
  }
  insertAll(db, table, added);
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

function difference(changes: readonly Change[]): { added: Row[]; removed: Row[] } {
  const added: Row[] = [];
  const removed: Row[] = [];
  for (let at = 0; at < changes.length; ) {
    const { row } = changes[at] as Change;
    let sum = 0;
    for (; at < changes.length && compare((changes[at] as Change).row, row) === 0; at += 1) {
      sum += (changes[at] as Change).sign;
    }
    if (sum > 0) added.push(row);
    else if (sum < 0) removed.push(row);
  }
  return { added, removed };
}

function compare(a: Row, b: Row): number {
  for (let at = 0; at < a.length; at += 1) {
    const x = a[at] as number | string;
    const y = b[at] as number | string;
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}
