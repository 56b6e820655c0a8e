import { factsOf } from '../ingest/facts.ts';
import type { Names } from '../ingest/names.ts';
import { storeAnew } from '../ingest/store.ts';
import { getMeta, setMeta } from '../meta.ts';
import type { WriteDb } from '../open.ts';
import { createSearchIndex } from '../search/index.ts';
import { sql } from '../statements.ts';
import { type FieldMark, fieldLayer, setFieldLayer } from './layer.ts';

const MARKS = 'fields.marks';

export interface FieldRequest {
  readonly marks: readonly FieldMark[];
  /** Of the key of fields (`fieldWrappingKey`). */
  readonly wrapping: Uint8Array;
}

/**
 * Lets a cache that was opened have the layer. Where policy marks other fields than at the last opening, what is stored
 * of the types in question is stored anew, earlier versions too, before anything is read.
 */
export function openFieldLayer(db: WriteDb, names: Names, { marks, wrapping }: FieldRequest): void {
  setFieldLayer(db, marks, wrapping);
  const [before, now] = [getMeta(db, MARKS) ?? '[]', JSON.stringify(marks)];
  if (before === now) return;
  const types = new Set([...(JSON.parse(before) as FieldMark[]), ...marks].map(({ type }) => type));
  db.transaction(() => {
    for (const type of types) storeTypeAnew(db, names, type);
    createSearchIndex(db, names).sweep();
    setMeta(db, MARKS, now);
  }).immediate();
}

interface Row {
  readonly rid: number;
  readonly body: string;
}

function storeTypeAnew(db: WriteDb, names: Names, type: string): void {
  const layer = fieldLayer(db);
  const known = names.term(type);
  const bodyOf = sql(db, 'SELECT body FROM resource WHERE rid = ?');
  for (const { rid } of sql(db, 'SELECT rid FROM resource WHERE type = ? ORDER BY rid').all(known) as Row[]) {
    const facts = factsOf(layer.original((bodyOf.get(rid) as Row).body));
    if (facts) storeAnew(db, names, facts);
  }
  const earlier = sql(db, 'SELECT hid AS rid, body FROM history WHERE type = ?').all(known) as Row[];
  for (const { rid, body } of earlier) {
    const facts = factsOf(layer.original(body));
    if (facts) sql(db, 'UPDATE history SET body = ? WHERE hid = ?').run(layer.laid(facts).body, rid);
  }
}
