import { fieldLayer } from '../fields/layer.ts';
import { idKey } from '../id-key.ts';
import { type Facts, factsOf } from '../ingest/facts.ts';
import type { Names } from '../ingest/names.ts';
import {
  type Change,
  type LocalState,
  localState,
  removeResource,
  renameResource,
  setLocal,
  storeLocal,
} from '../ingest/store.ts';
import type { WriteDb } from '../open.ts';
import { createSearchIndex } from '../search/index.ts';
import { sql } from '../statements.ts';
import { Touched } from '../writes/touched.ts';
import { deleteRow, openRows, type Row, settledRows } from './rows.ts';

/** What the outbox works on: its own database, and the cache that follows it. */
export interface Parts {
  readonly db: WriteDb;
  readonly cache: WriteDb;
  readonly names: Names;
  readonly neverMerge: ReadonlySet<string>;
  readonly newId: () => string;
  /** What the cache could not follow yet: the outbox has it durably, and the cache is told before the next change. */
  readonly owed: Key[];
}

export interface CachedRow {
  readonly versionId: string;
  readonly body: string;
  readonly subsetted: number;
  readonly local: LocalState;
}

/** What the cache holds of a resource, marked fields masked in its text. */
export function cachedRow(cache: WriteDb, type: string, id: string): CachedRow | undefined {
  return sql(
    cache,
    `SELECT version_id AS versionId, body, subsetted, local FROM resource
     WHERE type = (SELECT tid FROM term WHERE text = ?) AND key = ? AND id = ?`,
  ).get(type, idKey(id), id) as CachedRow | undefined;
}

/** A resource of which the cache is to show what the outbox says. */
export type Key = Pick<Row, 'type' | 'resource'>;

/**
 * Lets the cache follow what the outbox has committed. A cache that can't be written to (a full disk) follows later: the
 * change is kept, so nobody may be told that it isn't.
 */
export function follow(parts: Parts, keys: readonly Key[]): string[] {
  parts.owed.push(...keys.map(({ type, resource }) => ({ type, resource })));
  try {
    return catchUp(parts);
  } catch {
    return [];
  }
}

/**
 * What is owed to the cache, before anything else is done.
 *
 * @throws where the cache can't be written to still.
 */
export function catchUp(parts: Parts): string[] {
  const owed = [...parts.owed];
  if (owed.length === 0 && settledRows(parts.db).length === 0) return [];
  const patients = followNow(parts, owed);
  parts.owed.splice(0, owed.length);
  return patients;
}

/**
 * Lets the cache follow the outbox: settled changes leave the server's version behind, open ones their own text. May be
 * repeated after a crash anywhere. Answers the patients whose records changed.
 */
function followNow(parts: Parts, keys: readonly Key[]): string[] {
  const settled = settledRows(parts.db);
  const patients = inCache(parts, (touched) => {
    for (const row of settled) leave(parts, row, touched);
    for (const { type, resource } of [...settled.map(whereabouts), ...keys]) show(parts, type, resource, touched);
  });
  if (settled.length > 0) forget(parts.db, settled);
  return patients;
}

function forget(db: WriteDb, rows: readonly Row[]): void {
  db.transaction(() => {
    for (const { id } of rows) deleteRow(db, id);
  }).immediate();
}

function whereabouts({ type, resource, finalResource }: Row): Key {
  return { type, resource: finalResource ?? resource };
}

function inCache({ cache, names }: Parts, work: (touched: Touched) => void): string[] {
  const touched = new Touched();
  try {
    cache
      .transaction(() => {
        work(touched);
        touched.finish(cache, names);
      })
      .immediate();
  } catch (error) {
    names.forget();
    createSearchIndex(cache, names).forget();
    throw error;
  }
  return touched.ids(cache);
}

/** Stores or removes what the server has, as the settled change says. */
function leave({ cache, names }: Parts, row: Row, touched: Touched): void {
  const { type, resource } = row;
  if (!isShown(type)) return;
  const facts = row.finalBody === null ? null : factsOf(row.finalBody);
  if (facts) {
    touched.add(facts, renameResource(cache, names, type, resource, facts));
    return;
  }
  const at = row.finalAt === null ? null : Date.parse(row.finalAt);
  const remove = (id: string, how: 'withdrawn' | 'deleted') =>
    touched.add({ type, lastUpdated: null }, removeResource(cache, names, { type, id }, { how, at }));
  remove(resource, row.action === 'create' ? 'withdrawn' : 'deleted');
  // Created, and deleted by somebody since.
  if (row.finalResource !== null && row.finalResource !== resource) remove(row.finalResource, 'deleted');
}

/** No download brings a Provenance, and it is in no patient's compartment: what is cached of it would stay for ever. */
function isShown(type: string): boolean {
  return type !== 'Provenance';
}

const shownAs: Partial<Record<Row['state'], LocalState>> = {
  waiting: localState.waiting,
  sending: localState.waiting,
  conflict: localState.conflict,
  parked: localState.parked,
};

/** Shows the newest unsettled text of a resource, where there is one. */
function show(parts: Parts, type: string, resource: string, touched: Touched): void {
  const { cache, names } = parts;
  if (!isShown(type)) return;
  const open = openRows(parts.db, type, resource);
  const last = open.at(-1);
  const local = open[0] && shownAs[open[0].state];
  if (!last || local === undefined) return;
  witness(names, open[0]!, touched);
  if (last.mine === null) {
    const removal = removeResource(cache, names, { type, id: resource }, { how: 'local', at: null });
    touched.add({ type, lastUpdated: null }, removal);
    return;
  }
  const facts = factsOf(last.mine);
  // Never in another patient's chart as something that this one's clinician wrote.
  const isElsewhere = facts?.patient !== null && facts?.patient !== last.patient;
  if (facts && !isElsewhere) touched.add({ type, lastUpdated: null }, storeMine(parts, facts, local));
}

/**
 * What the upload has learnt of the server is in the outbox only, and the server is known again by it all the same: one
 * that was restored may have forgotten just that. Not by what is of before a reset.
 */
function witness(names: Names, { doubted, baseVersion, baseBody, theirsBody }: Row, touched: Touched): void {
  if (doubted === 1) return;
  for (const body of [baseVersion ? baseBody : null, theirsBody]) {
    const facts = body === null ? null : factsOf(body);
    if (facts) touched.saw(facts, names);
  }
}

function storeMine({ cache, names }: Parts, facts: Facts, local: LocalState): Change {
  const cached = cachedRow(cache, facts.type, facts.id);
  if (cached && cached.local !== localState.none && cached.body === fieldLayer(cache).laid(facts).body) {
    if (cached.local === local) return 'unchanged';
    setLocal(cache, facts.type, facts.id, local);
    return { patients: facts.patient === null ? [] : [names.patient(facts.patient)] };
  }
  return storeLocal(cache, names, facts, local);
}
