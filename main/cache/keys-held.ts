import type { WriteDb } from './open.ts';

/** Tables whose rows are looked for by the number of an id (id-key.ts) before one is made. */
const tables = ['resource', 'search_target'] as const;
type Table = (typeof tables)[number];

/** Which numbers a table may hold. */
export interface KeysHeld {
  /** False where the table certainly has no row of this number. */
  may(key: number): boolean;
  /** A row is inserted. */
  add(key: number): void;
}

const ANY: KeysHeld = { may: () => true, add: () => undefined };
const watched = new WeakMap<WriteDb, ReadonlyMap<Table, KeysHeld>>();

/**
 * Remembers what comes into tables that are still empty: a first sync would look for each of its records in vain. Only for
 * a connection through which all rows of these tables come.
 */
export function watchKeys(db: WriteDb): void {
  if (watched.has(db)) return;
  const empty = tables.filter((table) => db.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() === undefined);
  watched.set(db, new Map(empty.map((table) => [table, createKeysHeld()])));
}

/** What is known of a table's numbers. */
export function keysHeld(db: WriteDb, table: Table): KeysHeld {
  return watched.get(db)?.get(table) ?? ANY;
}

/** Half a megabyte: of 300,000 records, one in fourteen is then looked for in vain. */
const BITS = 22;

/** A bit for all numbers that begin alike; it stays when a row goes, or is rolled back. */
function createKeysHeld(): KeysHeld {
  const bits = new Uint8Array(2 ** (BITS - 3));
  const place = (key: number) => key >>> (32 - BITS);
  return {
    may: (key) => ((bits[place(key) >>> 3] as number) & (1 << (place(key) & 7))) !== 0,
    add(key) {
      const at = place(key);
      bits[at >>> 3] = (bits[at >>> 3] as number) | (1 << (at & 7));
    },
  };
}
