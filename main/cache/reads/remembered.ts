import type { ReadDb } from '../open.ts';
import { sql } from '../statements.ts';

interface Remembered {
  readonly written: string;
  readonly values: Map<string, unknown>;
}

const KEPT_MAX = 5_000;

/** Changes whenever anything was written, by this connection or by another. */
export function writtenState(db: ReadDb): string {
  // Told by SQLite: what other connections have committed, and what this one has changed.
  return `${db.pragma('data_version', { simple: true })} ${sql(db, 'SELECT total_changes()').pluck().get()}`;
}

/** Remembers the last thing alone that was worked out: for what is too large to be kept many times over. */
export function createLast<Value>(): (db: ReadDb, key: string, work: () => Value) => Value {
  const remembered = new WeakMap<ReadDb, { readonly key: string; readonly value: Value }>();
  return (db, asked, work) => {
    const key = `${writtenState(db)} ${asked}`;
    const known = remembered.get(db);
    if (known?.key === key) return known.value;
    const value = work();
    remembered.set(db, { key, value });
    return value;
  };
}

/** Remembers what was worked out of a database until anything is written to it. */
export function createMemory<Value>(): (db: ReadDb, key: string, work: () => Value) => Value {
  const remembered = new WeakMap<ReadDb, Remembered>();
  return (db, key, work) => {
    const written = writtenState(db);
    let known = remembered.get(db);
    if (known?.written !== written || known.values.size > KEPT_MAX) {
      known = { written, values: new Map() };
      remembered.set(db, known);
    }
    const found = (known.values.get(key) as Value | undefined) ?? work();
    known.values.set(key, found);
    return found;
  };
}
