import type { Trend, TrendSeries } from '../../../preload/contract/results.ts';
import { formatMoment } from '../../parts/dates.ts';
import { FLAG_WORDS } from '../../parts/flags.ts';
import { countWords } from '../../parts/sectionWords.ts';

export type TrendPoint = TrendSeries['points'][number];

/**
 * What is drawn: one plot for each series, never two units on one line, and nothing that was entered in error
 * (design rule 10). Main has left such values out already; the page does not rely on it.
 */
export function plotsOf(trend: Trend): readonly TrendSeries[] {
  return trend.series
    .map((series) => ({ ...series, points: drawable(series.points) }))
    .filter((series) => series.points.length > 0);
}

function drawable(points: readonly TrendPoint[]): TrendPoint[] {
  return points
    .filter(
      ({ time, value, status }) => Number.isFinite(time) && Number.isFinite(value) && status !== 'entered-in-error',
    )
    .toSorted((a, b) => a.time - b.time);
}

export interface UnitPlot<Series> {
  readonly unit: string;
  readonly series: readonly Series[];
}

/** What stands on one plot: what has one unit, such as systolic and diastolic pressure, the higher one first. */
export function byUnit<Series extends Pick<TrendSeries, 'unit' | 'points'>>(
  series: readonly Series[],
): readonly UnitPlot<Series>[] {
  const newest = ({ points }: Series) => points.at(-1)?.value ?? Number.NEGATIVE_INFINITY;
  const units = [...new Set(series.map(({ unit }) => unit))];
  return units.map((unit) => ({
    unit,
    series: series.filter((one) => one.unit === unit).toSorted((a, b) => newest(b) - newest(a)),
  }));
}

export type MaskedValue = Trend['masked'][number];

/** A value that is drawn, or one that is there and masked. */
export type TableRow =
  | { readonly point: TrendPoint; readonly name: string; readonly unit: string }
  | { readonly masked: MaskedValue; readonly name: string };

/** All values, newest first, each with its own unit and, of a reading of several, its name. */
export function tableRows(
  plots: readonly TrendSeries[],
  { masked, name: whole }: Pick<Trend, 'masked' | 'name'>,
): readonly TableRow[] {
  const drawn = plots.flatMap(({ name, unit, points }) => points.map((point) => ({ point, name, unit })));
  const others = masked.map((one) => ({ masked: one, name: one.name || whole }));
  return [...drawn, ...others].toSorted((a, b) => timeOf(b) - timeOf(a));
}

/** What has no time comes last. */
function timeOf(row: TableRow): number {
  return ('point' in row ? row.point.time : row.masked.time) ?? Number.NEGATIVE_INFINITY;
}

/** `2 values are encrypted and not drawn`; null where all are drawn. What somebody else has masked can't be opened. */
export function maskedWords(masked: Trend['masked']): string | null {
  const encrypted = masked.filter((one) => one.encrypted.length > 0).length;
  const parts = [
    ...toldOf(encrypted, 'encrypted and not drawn'),
    ...toldOf(masked.length - encrypted, 'masked by whoever sent the record, and not drawn'),
  ];
  return parts.length > 0 ? `${parts.join('. ')}.` : null;
}

function toldOf(count: number, what: string): string[] {
  return count === 0 ? [] : [`${countWords(count, 'value')} ${count === 1 ? 'is' : 'are'} ${what}`];
}

/** `Not drawn: 1 value entered in error, 2 values without a number.`, or null where all are drawn. */
export function omittedWords({ enteredInError, notNumeric, noTime }: Trend['omitted']): string | null {
  const parts = [
    enteredInError > 0 ? `${countWords(enteredInError, 'value')} entered in error` : null,
    notNumeric > 0 ? `${countWords(notNumeric, 'value')} without a number` : null,
    noTime > 0 ? `${countWords(noTime, 'value')} without a time` : null,
  ].filter((part) => part !== null);
  return parts.length > 0 ? `Not drawn: ${parts.join(', ')}.` : null;
}

/** `3.5 to 5.1 mmol/L`, one-sided where only one limit is known, null where none is. */
export function rangeWords({ range: { low, high }, unit }: Pick<TrendSeries, 'range' | 'unit'>): string | null {
  if (low !== null && high !== null) return `${low} to ${high} ${unit}`;
  if (low !== null) return `${low} ${unit} or more`;
  return high === null ? null : `${high} ${unit} or less`;
}

/** A plot in words, for those who don't see it. */
export function seriesWords(series: TrendSeries): string {
  const first = series.points[0];
  const last = series.points.at(-1);
  if (!first || !last) return `${series.name}: no values`;
  const values = series.points.map(({ value }) => value);
  const [least, most] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  const flag = last.flag && last.flag !== 'normal' ? `, ${FLAG_WORDS[last.flag].words}` : '';
  const range = rangeWords(series);
  return [
    `${series.name} in ${series.unit || 'no unit'}: ${countWords(values.length, 'value')}`,
    `from ${formatMoment(first.time)} to ${formatMoment(last.time)}`,
    `lowest ${least}, highest ${most}, newest ${last.text}${flag}`,
    range ? `reference range ${range}` : 'no reference range',
  ].join('; ');
}
