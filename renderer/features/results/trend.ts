import type { Trend, TrendPoint, TrendSeries } from '../../../preload/contract/results.ts';
import { formatMoment } from '../../parts/dates.ts';
import { FLAG_WORDS } from '../../parts/flags.ts';
import { t } from '../../words/t.ts';

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

type Drawn = Pick<TrendSeries, 'unit' | 'points' | 'range'>;

/** A line that moves over less of the axis than this looks flat, whatever happens to the patient. */
const LEAST_PART = 0.15;

/**
 * What stands on one plot: what has one unit and moves on one scale, such as systolic and diastolic pressure, the higher
 * one first. Sodium and potassium are both in mmol/L: on one axis a deadly potassium would be a flat line.
 */
export function plotsByScale<Series extends Drawn>(series: readonly Series[]): readonly UnitPlot<Series>[] {
  const newest = ({ points }: Series) => points.at(-1)?.value ?? Number.NEGATIVE_INFINITY;
  const units = [...new Set(series.map(({ unit }) => unit))];
  return units.flatMap((unit) => {
    const plots: Series[][] = [];
    for (const one of series.filter((each) => each.unit === unit).toSorted((a, b) => newest(b) - newest(a))) {
      const plot = plots.find((others) => isOneScale([...others, one]));
      if (plot) plot.push(one);
      else plots.push([one]);
    }
    return plots.map((own) => ({ unit, series: own }));
  });
}

/** Plots with the part of each of their series that is in sight: those stay where they are, whatever is zoomed to. */
export function withShown<Series, Shown>(
  plots: readonly UnitPlot<Series>[],
  shown: readonly Shown[],
): readonly UnitPlot<Shown>[] {
  let from = 0;
  return plots.map(({ unit, series }) => {
    const own = shown.slice(from, from + series.length);
    from += series.length;
    return { unit, series: own };
  });
}

function isOneScale(series: readonly Drawn[]): boolean {
  const extents = series.map(extentOf);
  const whole = Math.max(...extents.map(({ most }) => most)) - Math.min(...extents.map(({ least }) => least));
  return extents.every(({ least, most }) => most - least >= LEAST_PART * whole);
}

/** Values and reference range; of what never changes the axis that it would have alone. */
function extentOf({ points, range }: Drawn): { readonly least: number; readonly most: number } {
  let [least, most] = [range.low ?? Number.POSITIVE_INFINITY, range.high ?? Number.NEGATIVE_INFINITY];
  for (const { value } of points) [least, most] = [Math.min(least, value), Math.max(most, value)];
  const margin = most > least ? 0 : Math.abs(most) * 0.1;
  return { least: least - margin, most: most + margin };
}

export type MaskedValue = Trend['masked'][number];

/** A value that is drawn, one that is there and masked, one that can't be drawn, or one that was withdrawn. */
export type TableRow = { readonly name: string } & (
  | { readonly point: TrendPoint; readonly unit: string }
  | { readonly masked: MaskedValue }
  | { readonly worded: Trend['worded'][number] }
  | { readonly withdrawn: Trend['withdrawn'][number] }
);

/** All values, newest first, each with its own unit and, of a reading of several, its name. */
export function tableRows(
  plots: readonly TrendSeries[],
  { masked, worded, withdrawn, name: whole }: Pick<Trend, 'masked' | 'worded' | 'withdrawn' | 'name'>,
): readonly TableRow[] {
  const drawn = plots.flatMap(({ name, unit, points }) => points.map((point) => ({ point, name, unit })));
  const others = [
    ...masked.map((one) => ({ masked: one, name: one.name || whole })),
    ...worded.map((one) => ({ worded: one, name: whole })),
    ...withdrawn.map((one) => ({ withdrawn: one, name: whole })),
  ];
  return [...drawn, ...others].toSorted((a, b) => timeOf(b) - timeOf(a));
}

/** What has no time comes last. */
function timeOf(row: TableRow): number {
  return rowTime(row) ?? Number.NEGATIVE_INFINITY;
}

/** Milliseconds; null where none is known. */
export function rowTime(row: TableRow): number | null {
  if ('point' in row) return row.point.time;
  if ('masked' in row) return row.masked.time;
  return 'worded' in row ? row.worded.time : row.withdrawn.time;
}

/** `2 values are encrypted and not drawn`; null where all are drawn. What somebody else has masked can't be opened. */
export function maskedWords(masked: Trend['masked']): string | null {
  const encrypted = masked.filter((one) => one.encrypted.length > 0).length;
  const others = masked.length - encrypted;
  const parts = [
    encrypted > 0
      ? t('{encrypted, plural, one {# value is} other {# values are}} encrypted and not drawn', { encrypted })
      : [],
    others > 0
      ? t('{others, plural, one {# value is} other {# values are}} masked by whoever sent the record, and not drawn', {
          others,
        })
      : [],
  ].flat();
  return parts.length > 0 ? `${parts.join('. ')}.` : null;
}

/** `Not drawn: 1 value entered in error, 2 values without a number.`, or null where all are drawn. */
export function omittedWords({ enteredInError, notNumeric, noTime }: Trend['omitted']): string | null {
  const parts = [
    enteredInError > 0
      ? t('{enteredInError, plural, one {# value} other {# values}} entered in error', { enteredInError })
      : null,
    notNumeric > 0 ? t('{notNumeric, plural, one {# value} other {# values}} without a number', { notNumeric }) : null,
    noTime > 0 ? t('{noTime, plural, one {# value} other {# values}} without a time', { noTime }) : null,
  ].filter((part) => part !== null);
  return parts.length > 0 ? t('Not drawn: {values}.', { values: parts.join(', ') }) : null;
}

/** `3.5 to 5.1 mmol/L`, one-sided where only one limit is known, null where none is. */
export function rangeWords({ range: { low, high }, unit }: Pick<TrendSeries, 'range' | 'unit'>): string | null {
  if (low !== null && high !== null) return t('{low} to {high} {unit}', { low, high, unit });
  if (low !== null) return t('{low} {unit} or more', { low, unit });
  return high === null ? null : t('{high} {unit} or less', { high, unit });
}

/** A plot in words, for those who don't see it. */
export function seriesWords(series: TrendSeries): string {
  const first = series.points[0];
  const last = series.points.at(-1);
  if (!first || !last) return t('{name}: no values', { name: series.name });
  const values = series.points.map(({ value }) => value);
  const [least, most] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  const flag = last.flag && last.flag !== 'normal' ? `, ${FLAG_WORDS[last.flag].words}` : '';
  const range = rangeWords(series);
  return [
    t('{name} in {unit}: {count}', {
      name: series.name,
      unit: series.unit || t('no unit'),
      count: t('{count, plural, one {# value} other {# values}}', { count: values.length }),
    }),
    t('from {moment} to {moment2}', { moment: formatMoment(first.time), moment2: formatMoment(last.time) }),
    t('lowest {least}, highest {most}, newest {text}{flag}', { least, most, text: last.text, flag }),
    range ? t('reference range {range}', { range }) : t('no reference range'),
  ].join('; ');
}
