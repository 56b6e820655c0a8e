import * as z from 'zod';
import type { Pool } from './pools.ts';

const span = z.tuple([z.int().min(0), z.int().min(0)]);

/** What of a pool was taken: spans of numbers in their order, or the numbers of a list. */
export const takenSchema = z.strictObject({
  spans: z.array(span).max(10_000),
  listed: z.array(z.string().max(64)).max(10_000),
});
export type Taken = z.infer<typeof takenSchema>;

export const nothingTaken: Taken = { spans: [], listed: [] };

export function isTaken(taken: Taken, pool: Pool, place: number): boolean {
  const mark = pool.markOf(place);
  if (typeof mark === 'string') return taken.listed.includes(mark);
  return taken.spans.some(([from, to]) => from <= mark && mark <= to);
}

/** With a number more. */
export function withPlace(taken: Taken, pool: Pool, place: number): Taken {
  const mark = pool.markOf(place);
  if (isTaken(taken, pool, place)) return taken;
  if (typeof mark === 'string') return { ...taken, listed: [...taken.listed, mark] };
  return { ...taken, spans: joined([...taken.spans, [mark, mark]]) };
}

/** With all numbers of a list up to one. */
export function withUpTo(taken: Taken, pool: Pool, last: number): Taken {
  const marks = Array.from({ length: last + 1 }, (_, place) => String(pool.markOf(place)));
  return { ...taken, listed: [...new Set([...taken.listed, ...marks])] };
}

export function withSpans(taken: Taken, spans: Taken['spans']): Taken {
  return { ...taken, spans: joined([...taken.spans, ...spans]) };
}

const COARSE_MAX = 12;

/** Few spans that hold all of many: what lies between some counts as taken too. */
export function coarse(spans: Taken['spans']): Taken['spans'] {
  const [first, last] = [spans[0], spans[spans.length - COARSE_MAX]];
  if (spans.length <= COARSE_MAX || !first || !last) return spans;
  return [[first[0], last[1]], ...spans.slice(1 - COARSE_MAX)];
}

/** The first place that is free; null where none is. */
export function firstFree(taken: Taken, pool: Pool): number | null {
  let place = 0;
  while (place < pool.size && isTaken(taken, pool, place)) place = afterSpan(taken, pool, place);
  return place < pool.size ? place : null;
}

function afterSpan({ spans }: Taken, pool: Pool, place: number): number {
  const mark = pool.markOf(place);
  const found = typeof mark === 'number' ? spans.find(([from, to]) => from <= mark && mark <= to) : undefined;
  return found && typeof mark === 'number' ? place + (found[1] - mark) + 1 : place + 1;
}

/** How many numbers of a pool are free. */
export function countFree(taken: Taken, pool: Pool): number {
  const [first, last] = [pool.markOf(0), pool.markOf(pool.size - 1)];
  if (typeof first !== 'number' || typeof last !== 'number') {
    return Array.from({ length: pool.size }, (_, place) => place).filter((place) => !isTaken(taken, pool, place))
      .length;
  }
  const used = taken.spans.reduce((sum, [from, to]) => {
    return sum + Math.max(0, Math.min(to, last) - Math.max(from, first) + 1);
  }, 0);
  return pool.size - used;
}

/** Spans in their order, those that touch as one. */
function joined(spans: readonly (readonly [number, number])[]): [number, number][] {
  const all: [number, number][] = [];
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all;
}
