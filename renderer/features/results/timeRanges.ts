import type { TrendSeries } from '../../../preload/contract/results.ts';
import { t } from '../../words/t.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How far back a trend looks from now, longest first. */
export const TIME_RANGES = [
  { id: 'all', words: t('All'), length: null },
  { id: 'year', words: t('1 year'), length: 365 * DAY },
  { id: 'month', words: t('30 days'), length: 30 * DAY },
  { id: 'hours', words: t('48 h'), length: 48 * HOUR },
] as const;
export type TimeRange = (typeof TIME_RANGES)[number];
export type TimeRangeId = TimeRange['id'];

/** Fewer values than this say little about a course, so that a longer range is shown first. */
const ENOUGH = 6;

type Plots = readonly Pick<TrendSeries, 'points'>[];

function countIn(plots: Plots, { length }: TimeRange, now: number): number {
  const since = length === null ? Number.NEGATIVE_INFINITY : now - length;
  return plots.reduce((sum, { points }) => sum + points.filter(({ time }) => time >= since).length, 0);
}

/** The ranges that hold a value. */
export function rangesWithData(plots: Plots, now: number): readonly TimeRange[] {
  return TIME_RANGES.filter((range) => range.length === null || countIn(plots, range, now) > 0);
}

/** The range that is shown first: the shortest with values enough, else all. */
export function firstRange(plots: Plots, now: number): TimeRange {
  return TIME_RANGES.findLast((range) => countIn(plots, range, now) >= ENOUGH) ?? TIME_RANGES[0];
}

/** A series with the values of a range only, and the span of the time axis; null where the values give it. */
export interface SeriesInRange extends TrendSeries {
  readonly span: { readonly from: number; readonly to: number } | null;
}

export function inRange(series: TrendSeries, { length }: TimeRange, now: number): SeriesInRange {
  if (length === null) return { ...series, span: null };
  const from = now - length;
  const points = series.points.filter(({ time }) => time >= from);
  // A clock that runs ahead must not push the newest value out of sight.
  return { ...series, points, span: { from, to: Math.max(now, points.at(-1)?.time ?? now) } };
}
