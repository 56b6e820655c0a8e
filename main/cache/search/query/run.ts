import type { ReadDb } from '../../open.ts';
import type { Alternative, Context, Filter } from './filter.ts';
import { type PageMark, walkAt } from './page.ts';
import { choosePlan, type Plan } from './plan.ts';
import { SearchError } from './request.ts';
import { compareAll, type Key, type SortKey } from './sort.ts';
import { all, and, one, piece, prepare, type Sql } from './sql.ts';

/** A record that was found. */
export interface Hit {
  readonly rid: number;
  readonly patient: number;
  readonly id: string;
  readonly body: string;
}

export interface HitPage {
  readonly hits: readonly Hit[];
  readonly next: PageMark | null;
}

/** Up to this many records are sorted one by one; more are taken from an index that is in order. */
const SORTED_MAX = 600;

/** One page of the records that pass all filters. */
export function runSearch(
  context: Context,
  filters: readonly Filter[],
  keys: readonly SortKey[],
  count: number,
  mark: PageMark | null,
): HitPage {
  if (mark && (mark.kind === 'sorted') !== keys.length > 0) throw new SearchError('bad-page', 'page');
  if (keys.length > 0) return sortedPage(context, filters, keys, count, mark?.kind === 'sorted' ? mark : null);
  return walkedPage(context, filters, count, mark?.kind === 'walk' ? mark : null);
}

/** How many records pass all filters. */
export function countAll(context: Context, filters: readonly Filter[]): number {
  const plan = choosePlan(context, filters, null);
  if (plan.verify.length > 0) {
    return candidates(context, plan).filter(({ rid }) => load(context.db, plan, rid) !== null).length;
  }
  return plan.walks.reduce((sum, walk) => {
    const where = and([walk.where, plan.passes(walk)]);
    const query = `SELECT count(*) AS n FROM ${walk.from.text} WHERE ${where.text}`;
    return sum + (one<{ n: number }>(context.db, piece(query, ...walk.from.args, ...where.args))?.n ?? 0);
  }, 0);
}

function load(db: ReadDb, { verify }: Pick<Plan, 'verify'>, rid: number): Omit<Hit, 'rid' | 'patient'> | null {
  const row = prepare(db, 'SELECT id, body FROM resource WHERE rid = ?').get(rid) as
    | Omit<Hit, 'rid' | 'patient'>
    | undefined;
  if (!row) return null;
  if (verify.length === 0) return row;
  const resource: unknown = JSON.parse(row.body);
  return verify.every((check) => check(resource)) ? row : null;
}

/** Along the leading filter's walks, in their own order, on from where the last page ended. */
function walkedPage(
  context: Context,
  filters: readonly Filter[],
  count: number,
  mark: Extract<PageMark, { kind: 'walk' }> | null,
): HitPage {
  const plan = planFor(context, filters, mark);
  const ids = plan.walks.map(({ id }) => id);
  const first = mark ? walkAt(ids, mark.walk) : 0;
  const begun = plan.walks[first];
  if (mark && begun && mark.keys.length !== begun.order.length) throw new SearchError('bad-page', 'page');
  const hits: Hit[] = [];
  let last: PageMark | null = null;
  for (const [at, walk] of plan.walks.entries()) {
    if (at < first) continue;
    const after = mark && walk.id === mark.walk ? mark.keys : null;
    for (const { rid, patient, keys } of stepsOf(context, plan, walk, after)) {
      const found = load(context.db, plan, rid);
      if (!found) continue;
      if (hits.length === count) return { hits, next: last };
      hits.push({ rid, patient, ...found });
      last = { kind: 'walk', leader: plan.leader, walk: walk.id, keys };
    }
  }
  return { hits, next: null };
}

/** A search with one filter needs no counting; a page mark says what led. */
function planFor(context: Context, filters: readonly Filter[], mark: Extract<PageMark, { kind: 'walk' }> | null): Plan {
  const able = filters.flatMap(({ alternatives }, index) => (alternatives ? [index] : []));
  const chosen = mark ? mark.leader : able.length <= 1 ? (able[0] ?? -1) : null;
  if (chosen !== null && chosen >= 0 && !filters[chosen]?.alternatives) throw new SearchError('bad-page', 'page');
  return choosePlan(context, filters, chosen);
}

interface Step {
  readonly rid: number;
  readonly patient: number;
  readonly keys: readonly Key[];
}

function* stepsOf(context: Context, plan: Plan, walk: Alternative, after: readonly Key[] | null): Generator<Step> {
  const marks = walk.order.map(() => '?').join(', ');
  const on = after ? piece(`(${walk.order.join(', ')}) > (${marks})`, ...(after as (string | number)[])) : piece('1');
  const where = and([walk.where, on, plan.passes(walk)]);
  const columns = walk.order.map((column, at) => `${column} AS k${at}`).join(', ');
  const query = `SELECT ${walk.rid} AS rid, ${walk.patient} AS patient, ${columns} FROM ${walk.from.text}
    WHERE ${where.text} ORDER BY ${walk.order.join(', ')}`;
  for (const row of prepare(context.db, query).iterate(...walk.from.args, ...where.args)) {
    const found = row as { rid: number; patient: number } & { [column: string]: string | number };
    yield { rid: found.rid, patient: found.patient, keys: walk.order.map((_column, at) => found[`k${at}`] ?? null) };
  }
}

interface Candidate {
  readonly rid: number;
  readonly patient: number;
}

interface Ranked extends Candidate {
  readonly keys: readonly Key[];
}

function candidates(context: Context, plan: Plan, more: (walk: Alternative) => Sql = () => piece('1')): Candidate[] {
  return plan.walks.flatMap((walk) => {
    const where = and([walk.where, plan.passes(walk), more(walk)]);
    return all<Candidate>(
      context.db,
      piece(
        `SELECT ${walk.rid} AS rid, ${walk.patient} AS patient FROM ${walk.from.text} WHERE ${where.text}`,
        ...walk.from.args,
        ...where.args,
      ),
    );
  });
}

function sortedPage(
  context: Context,
  filters: readonly Filter[],
  keys: readonly SortKey[],
  count: number,
  mark: Extract<PageMark, { kind: 'sorted' }> | null,
): HitPage {
  if (mark && mark.keys.length !== keys.length) throw new SearchError('bad-page', 'page');
  const plan = choosePlan(context, filters, null);
  const [first] = keys;
  const groups =
    first?.walk && !plan.pinned && plan.expected > SORTED_MAX
      ? walkedGroups(context, filters, keys, first, mark)
      : [ranked(context, candidates(context, plan), keys)];
  const hits: Hit[] = [];
  let last: PageMark | null = null;
  for (const group of groups) {
    for (const { rid, patient, keys: own } of inOrder(group, keys, mark)) {
      const found = load(context.db, plan, rid);
      if (!found) continue;
      if (hits.length === count) return { hits, next: last };
      hits.push({ rid, patient, ...found });
      last = { kind: 'sorted', keys: own, patient, rid };
    }
  }
  return { hits, next: null };
}

/** Ties go by patient and number, in the first rule's direction. */
function inOrder(
  group: Ranked[],
  keys: readonly SortKey[],
  mark: Extract<PageMark, { kind: 'sorted' }> | null,
): Ranked[] {
  const direction = keys[0]?.descending ? -1 : 1;
  const compare = (a: Ranked, b: Ranked) =>
    compareAll(keys, a.keys, b.keys) || direction * (a.patient - b.patient || a.rid - b.rid);
  const rest = mark ? group.filter((one) => compare(one, mark) > 0) : group;
  return rest.sort(compare);
}

/** The keys of records: from columns where there are, else from the records themselves. */
function ranked(context: Context, found: readonly Candidate[], keys: readonly SortKey[]): Ranked[] {
  const readsRecords = keys.some(({ column }) => column === null);
  const columns = keys.flatMap(({ column }) => column?.('c.patient', 'c.rid') ?? []);
  const select = columns.map(({ text }, at) => `${text} AS k${at}`).join(', ');
  return found.map((candidate) => {
    const row = columns.length > 0 ? keyColumns(context.db, select, candidate, columns) : {};
    const resource: unknown = readsRecords ? parsedRecord(context.db, candidate.rid) : undefined;
    let at = 0;
    return { ...candidate, keys: keys.map(({ column, of }) => (column ? (row[`k${at++}`] ?? null) : of(resource))) };
  });
}

type KeyRow = { readonly [column: string]: Key };

function keyColumns(db: ReadDb, select: string, { patient, rid }: Candidate, columns: readonly Sql[]): KeyRow {
  const query = `SELECT ${select} FROM (SELECT ? AS patient, ? AS rid) c`;
  return prepare(db, query).get(...columns.flatMap(({ args }) => args), patient, rid) as KeyRow;
}

function parsedRecord(db: ReadDb, rid: number): unknown {
  const row = prepare(db, 'SELECT body FROM resource WHERE rid = ?').get(rid) as { body: string } | undefined;
  return row && JSON.parse(row.body);
}

/** Along the index of the first rule: records with the same key together, then those that have none. */
function* walkedGroups(
  context: Context,
  filters: readonly Filter[],
  keys: readonly SortKey[],
  first: SortKey,
  mark: Extract<PageMark, { kind: 'sorted' }> | null,
): Generator<Ranked[]> {
  const begin = mark?.keys[0];
  if (begin !== null) yield* keyedGroups(context, filters, keys, first, begin);
  const plan = choosePlan(context, filters, null);
  const without = candidates(context, plan, (walk) => {
    const column = first.column?.(walk.patient, walk.rid) ?? piece('NULL');
    return piece(`${column.text} IS NULL`, ...column.args);
  });
  yield ranked(context, without, keys);
}

function* keyedGroups(
  context: Context,
  filters: readonly Filter[],
  keys: readonly SortKey[],
  { walk, descending }: SortKey,
  begin: string | number | undefined,
): Generator<Ranked[]> {
  if (!walk) return;
  const column = `d.${walk.column}`;
  const [direction, from] = descending ? ['DESC', '<='] : ['ASC', '>='];
  const where = and([
    piece('d.param = ?', walk.param),
    begin === undefined ? piece('1') : piece(`${column} ${from} ?`, begin),
    ...filters.map((filter) => filter.probe('d.patient', 'd.rid')),
    ...(walk.duplicate.text === '0' ? [] : [piece(`NOT (${walk.duplicate.text})`, ...walk.duplicate.args)]),
    context.scope(context.type, 'd.patient', 'd.rid'),
  ]);
  const query = `SELECT ${column} AS k, d.patient, d.rid FROM ${walk.table} d WHERE ${where.text} ORDER BY ${column} ${direction}`;
  let group: Candidate[] = [];
  let key: Key = null;
  for (const row of prepare(context.db, query).iterate(...where.args)) {
    const found = row as Candidate & { k: string | number };
    if (key !== null && found.k !== key) {
      yield rankedGroup(context, group, key, keys);
      group = [];
    }
    key = found.k;
    group.push({ rid: found.rid, patient: found.patient });
  }
  if (key !== null) yield rankedGroup(context, group, key, keys);
}

/** The first key is known; the others are looked up only where there is more than one record to order. */
function rankedGroup(context: Context, group: readonly Candidate[], key: Key, keys: readonly SortKey[]): Ranked[] {
  const [, ...rest] = keys;
  if (rest.length === 0) return group.map((one) => ({ ...one, keys: [key] }));
  return ranked(context, group, rest).map((one) => ({ ...one, keys: [key, ...one.keys] }));
}
