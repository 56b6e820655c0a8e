import type { TrendSeries } from '../../../preload/contract/results.ts';
import type { SeriesInRange } from './timeRanges.ts';

/** A stretch of time, in milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const SHORTEST = 60_000;

/** From the first to the last value of all series; null where there is none. */
export function spanOf(series: readonly Pick<TrendSeries, 'points'>[], gaps: readonly number[]): Span | null {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const ends = series.flatMap(({ points }) => [...points.slice(0, 1), ...points.slice(-1)]).map(({ time }) => time);
  for (const time of [...ends, ...gaps]) {
    from = Math.min(from, time);
    to = Math.max(to, time);
  }
  if (from > to) return null;
  const margin = from === to ? 86_400_000 : 0.03 * (to - from);
  return { from: from - margin, to: to + margin };
}

/** The same middle, `factor` times as long, within `whole` and never shorter than a minute. */
export function zoomed({ from, to }: Span, factor: number, whole: Span): Span {
  const half = Math.max(SHORTEST, (to - from) * factor) / 2;
  const middle = (from + to) / 2;
  return within({ from: middle - half, to: middle + half }, whole);
}

/** Moved by a part of its length: positive is later. */
export function moved({ from, to }: Span, part: number, whole: Span): Span {
  const step = (to - from) * part;
  return within({ from: from + step, to: to + step }, whole);
}

/** As long as it was, as far as there is anything. */
function within({ from, to }: Span, whole: Span): Span {
  const length = Math.min(to - from, whole.to - whole.from);
  const start = Math.min(Math.max(from, whole.from), whole.to - length);
  return { from: start, to: start + length };
}

/** A series with what lies in a span, and one value on either side, to which its line leads. */
export function inSpan(series: TrendSeries, span: Span): SeriesInRange {
  const { points } = series;
  const first = points.findIndex(({ time }) => time >= span.from);
  const last = points.findLastIndex(({ time }) => time <= span.to);
  const isEmpty = first === -1 || last === -1 || first > last;
  return { ...series, points: isEmpty ? [] : points.slice(Math.max(0, first - 1), last + 2), span };
}
