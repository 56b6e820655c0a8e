import type { ReadDb } from '../open.ts';
import { sql } from '../statements.ts';

interface Remembered {
  /** Told by SQLite: what other connections have committed, and what this one has changed. */
  readonly written: string;
  readonly values: Map<string, unknown>;
}

const KEPT_MAX = 5_000;

/** Remembers what was worked out of a database until anything is written to it. */
export function createMemory<Value>(): (db: ReadDb, key: string, work: () => Value) => Value {
  const remembered = new WeakMap<ReadDb, Remembered>();
  return (db, key, work) => {
    const others = db.pragma('data_version', { simple: true });
    const own = sql(db, 'SELECT total_changes()').pluck().get();
    const written = `${others} ${own}`;
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
