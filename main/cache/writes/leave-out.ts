import { leaveOutRecords } from '../ingest/store.ts';
import { runKeys, setMeta } from '../meta.ts';
import { createSearchIndex } from '../search/index.ts';
import type { Writer } from './page.ts';

/** So many records at most go at once: what a clinician saves meanwhile doesn't wait for all of them. */
const AT_ONCE = 1_000;

/**
 * Takes what machine policy leaves out of the cache, and removes some of it that is here. What holds a clinician's own text
 * stays until that is settled.
 */
export function leaveOut({ db, names }: Writer, types: readonly string[]): { removed: number; isWhole: boolean } {
  setMeta(db, runKeys.leftOut, types.length === 0 ? null : JSON.stringify(types));
  let removed = 0;
  let isWhole = true;
  for (const type of types) {
    removed += leaveOutRecords(db, names, type, AT_ONCE - removed);
    isWhole &&= removed < AT_ONCE;
  }
  // Words that nothing else uses, once all have gone.
  if (removed > 0 && isWhole) createSearchIndex(db, names).sweep();
  return { removed, isWhole };
}
