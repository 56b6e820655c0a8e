import { factsOf } from '../ingest/facts.ts';
import { createNames } from '../ingest/names.ts';
import type { WriteDb } from '../open.ts';
import { createSearchIndex } from './index.ts';

/** Resources of which the rows are sorted together. */
const BATCH = 2_000;

/** Fills the empty tables of the index from everything that the cache holds, in the caller's transaction. */
export function rebuildSearch(db: WriteDb): void {
  const index = createSearchIndex(db, createNames(db));
  const read = db.prepare('SELECT rid, body FROM resource WHERE rid > ? ORDER BY rid LIMIT ?');
  for (let last = 0; ; ) {
    const rows = read.all(last, BATCH) as { rid: number; body: string }[];
    for (const { rid, body } of rows) {
      const facts = factsOf(body);
      if (facts) index.put(rid, facts);
      last = rid;
    }
    index.flush();
    if (rows.length < BATCH) return;
  }
}
