import { getMeta, runKeys, setMeta } from '../meta.ts';
import type { WriteDb } from '../open.ts';

/** Remembers that a record of a type may have slipped between two pages. */
export function noteMoved(db: WriteDb, type: string): void {
  const types = movedTypes(db);
  if (!types.includes(type)) setMeta(db, runKeys.moved, JSON.stringify([...types, type]));
}

/** Types of which that may be so in this run. */
export function movedTypes(db: WriteDb): readonly string[] {
  return JSON.parse(getMeta(db, runKeys.moved) ?? '[]') as string[];
}
