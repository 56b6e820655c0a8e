import type { ReadDb, WriteDb } from './open.ts';
import { sql } from './statements.ts';

/** A small value kept in the database, or null. */
export function getMeta(db: ReadDb, key: string): string | null {
  const row = sql(db, 'SELECT value FROM meta WHERE key = ?').get(key) as { value: string } | undefined;
  return row?.value ?? null;
}

/** Keeps a small value, or drops it where it is null. */
export function setMeta(db: WriteDb, key: string, value: string | null): void {
  if (value === null) sql(db, 'DELETE FROM meta WHERE key = ?').run(key);
  else {
    sql(db, 'INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(key, value);
  }
}

/** Values that the cache keeps for itself; others are prefixed, so that they can't touch these. */
export const runKeys = {
  startedAt: 'run.startedAt',
  complete: 'run.complete',
  asOf: 'run.asOf',
  panelAsOf: 'panel.asOf',
  planned: 'run.planned',
  panelAt: 'run.panelAt',
  refetch: 'run.refetch',
  /** Types of which the pages of a search may have moved while it was read, and a record have slipped between two: JSON. */
  moved: 'run.moved',
  /** Types of which the run before could not read some record that it asked for by its id: JSON. */
  unread: 'run.unread',
  /** When the newest answer came (schema/0010-past.ts). */
  answeredAt: 'run.answeredAt',
  /** Types that policy leaves out of the cache, as JSON. */
  leftOut: 'run.leftOut',
  /** Which forms were fetched, as JSON (`KnownForms`). */
  forms: 'run.forms',
} as const;

/** Name under which a value of main's is kept. */
export function callerKey(key: string): string {
  return `caller.${key}`;
}
