import type { ReadDb } from '../../open.ts';
import { type Alternative, type Context, everyRecord, type Filter } from './filter.ts';
import { and, not, one, piece, type Sql } from './sql.ts';

/** Rows that are counted at most to tell which filter lets the fewest through: few first, more where that doesn't tell. */
const COUNTED = [200, 2_000] as const;

/** Along which index a search goes, and what each record on it is asked. */
export interface Plan {
  /** Number of the filter that leads; -1 for all records of the type. */
  readonly leader: number;
  readonly walks: readonly Alternative[];
  /** Whether a record on a walk passes everything else and wasn't met before. */
  passes(walk: Alternative): Sql;
  /** What the record itself is asked. */
  readonly verify: readonly ((resource: unknown) => boolean)[];
  /** Records that the leading walks meet; infinite where they are more than were counted, or weren't counted. */
  readonly expected: number;
  /** Only the records of patients who are named can pass. */
  readonly pinned: boolean;
}

/** Chooses the filter that leads, unless an earlier page has chosen. */
export function choosePlan(context: Context, filters: readonly Filter[], chosen: number | null): Plan {
  const able = filters.flatMap((filter, index) => (filter.alternatives ? [{ index, walks: filter.alternatives }] : []));
  const pinned = filters.some(({ patients }) => patients);
  const least =
    chosen === null
      ? fewest(COUNTED, (limit) =>
          able.map(({ index, walks }) => ({ index, count: countWalks(context, filters, walks, pinned, limit) })),
        )
      : undefined;
  const leader = chosen ?? least?.index ?? -1;
  const walks = filters[leader]?.alternatives ?? [everyRecord(context)];
  const rest = filters.filter((_filter, index) => index !== leader);
  return {
    leader,
    walks,
    passes: (walk) =>
      and([
        ...rest.map((filter) => filter.probe(walk.patient, walk.rid)),
        ...(walk.duplicate.text === '0' ? [] : [not(walk.duplicate)]),
        context.scope(context.type, walk.patient, walk.rid),
      ]),
    verify: filters.flatMap(({ verify }) => verify ?? []),
    expected: least?.count ?? Number.POSITIVE_INFINITY,
    pinned,
  };
}

interface Counted {
  readonly index: number;
  readonly count: number;
}

function fewest(limits: readonly number[], count: (limit: number) => readonly Counted[]): Counted | undefined {
  let best: Counted | undefined;
  for (const limit of limits) {
    best = undefined;
    for (const next of count(limit)) if (!best || next.count < best.count) best = next;
    if (!best || best.count < limit) return best;
  }
  return best && { ...best, count: Number.POSITIVE_INFINITY };
}

function countWalks(
  { db }: Context,
  filters: readonly Filter[],
  walks: readonly Alternative[],
  pinned: boolean,
  limit: number,
): number {
  let count = 0;
  for (const walk of walks) {
    count += walk.expected ?? countWalk(db, walk, pinned ? pins(filters, walk) : [], limit);
    if (count >= limit) return limit;
  }
  return count;
}

/** A walk in the order of patients goes straight to those who are asked for. */
function pins(filters: readonly Filter[], walk: Alternative): Sql[] {
  if (walk.order[0] !== walk.patient) return [];
  return filters.flatMap((filter) => (filter.patients ? [filter.probe(walk.patient, walk.rid)] : []));
}

function countWalk(db: ReadDb, walk: Alternative, more: readonly Sql[], limit: number): number {
  const where = and([walk.where, ...more]);
  const row = one<{ n: number }>(
    db,
    piece(
      `SELECT count(*) AS n FROM (SELECT 1 FROM ${walk.from.text} WHERE ${where.text} LIMIT ?)`,
      ...walk.from.args,
      ...where.args,
      limit,
    ),
  );
  return row?.n ?? 0;
}
