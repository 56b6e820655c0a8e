import type { TrendSeries } from '../../../preload/contract/results.ts';
import type { Units } from '../units.ts';
import type { Limits } from './flags.ts';

/** A point with what its line takes from its newest one. */
export interface Placed {
  readonly point: TrendSeries['points'][number];
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
 * Lines of one name joined into the one with the newest value, where their units are converted exactly. A unit that isn't
 * coded by UCUM is never converted: nobody knows what it is.
 */
export function joined(lines: readonly Line[], units: Units): Line[] {
  const result: Line[] = [];
  for (const line of lines.toSorted((a, b) => newest(b) - newest(a) || (a.unitKey < b.unitKey ? -1 : 1))) {
    const target = result.find((one) => one.name === line.name && convertible(line, one, units));
    if (target) addTo(target, line, units);
    else result.push({ ...line, drawn: [...line.drawn] });
  }
  return result;
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
      text: `${comparator}${writtenLike(point.text, value)}`,
      original: `${point.text} ${unit}`.trim(),
    },
    range: { low: limit(range.low), high: limit(range.high) },
  };
}

/** A converted number with as many telling digits as the one that was measured, and no more. */
function writtenLike(text: string, value: number): string {
  const digits = text
    .replace(/^\D+|e.*$/gi, '')
    .replace('.', '')
    .replace(/^0+/, '').length;
  const written = value.toPrecision(Math.min(15, Math.max(2, digits)));
  return written.includes('e') ? String(Number(written)) : written;
}
