import type { TrendPoint } from '../../../preload/contract/results.ts';
import type { Units } from '../units.ts';
import type { Limits } from './flags.ts';

/** A point with what its line takes from its newest one. */
export interface Placed {
  readonly point: TrendPoint & { readonly id: string };
  readonly name: string;
  readonly unit: string;
  readonly unitKey: string;
  readonly ucum: string | null;
  readonly range: Limits;
}

/** Values of one name and one unit. */
export interface Line {
  readonly name: string;
  readonly unit: string;
  readonly unitKey: string;
  /** Null where any of its values isn't coded by UCUM. */
  ucum: string | null;
  readonly drawn: Placed[];
}

/**
 * Lines of one name joined into the one with the most values, or the newest one, where their units are converted exactly:
 * so most values stay as they were written. A unit that isn't coded by UCUM is never converted: nobody knows what it is.
 */
export function joined(lines: readonly Line[], units: Units): Line[] {
  const result: Line[] = [];
  for (const line of lines.toSorted(leading)) {
    const target = result.find((one) => one.name === line.name && convertible(line, one, units));
    if (target) addTo(target, line, units);
    else result.push({ ...line, drawn: [...line.drawn] });
  }
  return result;
}

function leading(a: Line, b: Line): number {
  return b.drawn.length - a.drawn.length || newest(b) - newest(a) || (a.unitKey < b.unitKey ? -1 : 1);
}

function newest({ drawn }: Line): number {
  return drawn.reduce((latest, { point }) => Math.max(latest, point.time), Number.NEGATIVE_INFINITY);
}

function convertible({ ucum }: Line, target: Line, units: Units): boolean {
  if (ucum === null || target.ucum === null) return false;
  return ucum === target.ucum || units.conversion(ucum, target.ucum) !== null;
}

function addTo(target: Line, line: Line, units: Units): void {
  const { unit, unitKey, ucum } = target;
  const isSame = line.ucum === ucum;
  const convert = line.ucum === null || ucum === null ? null : units.conversion(line.ucum, ucum);
  for (const placed of line.drawn) {
    if (isSame) target.drawn.push({ ...placed, unit, unitKey, ucum });
    else if (convert) target.drawn.push({ ...converted(placed, convert), unit, unitKey, ucum });
  }
}

function converted(placed: Placed, convert: (value: number) => number): Placed {
  const { point, range, unit } = placed;
  const value = convert(point.value);
  const limit = (number: number | null) => (number === null ? null : convert(number));
  const comparator = /^[^\d.-]*/.exec(point.text)?.[0] ?? '';
  return {
    ...placed,
    point: {
      ...point,
      value,
      text: `${comparator}${writtenLike(point.text, convert, point.value)}`,
      original: `${point.text} ${unit}`.trim(),
    },
    range: { low: limit(range.low), high: limit(range.high) },
  };
}

/** A converted number as fine as the one that was measured: where its last digit tells a tenth, so does this one's. */
function writtenLike(text: string, convert: (value: number) => number, value: number): string {
  const decimals = /\.(\d+)/.exec(text)?.[1]?.length ?? 0;
  const step = Math.abs(convert(value + 10 ** -decimals) - convert(value));
  const places = Math.round(-Math.log10(step));
  return convert(value).toFixed(Number.isFinite(places) ? Math.min(10, Math.max(0, places)) : 10);
}
