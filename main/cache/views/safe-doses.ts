import { phrase } from '../../../preload/contract/placeholders.ts';

/*
 * Doses as ISMP's list of error-prone abbreviations and the NHS CUI want them: no trailing zero, a leading one always,
 * and no symbol that is read for another.
 */

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const SHIFT_MAX = 12;

/** A number without exponent and trailing zeros: `5.0` is `5`, `5e-1` is `0.5`. What is no number stays as it is. */
export function plainNumber(digits: string): string {
  const match = NUMBER.exec(digits);
  if (!match) return digits;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  if (Math.abs(shift) > SHIFT_MAX) return digits;
  const all = `${'0'.repeat(Math.max(0, -shift))}${whole}${fraction}${'0'.repeat(Math.max(0, shift))}`;
  const point = Math.max(0, -shift) + whole.length + shift;
  const before = all.slice(0, point).replace(/^0+/, '') || '0';
  const after = all.slice(point).replace(/0+$/, '');
  return `${sign}${before}${after === '' ? '' : `.${after}`}`;
}

interface UnitWord {
  readonly one: string;
  readonly many: string;
}

const microgram: UnitWord = { one: phrase('microgram'), many: phrase('micrograms') };
const nanogram: UnitWord = { one: phrase('nanogram'), many: phrase('nanograms') };
const unit: UnitWord = { one: phrase('unit'), many: phrase('units') };
const milliunit: UnitWord = { one: phrase('milliunit'), many: phrase('milliunits') };
const millilitre: UnitWord = { one: 'mL', many: 'mL' };

/** By UCUM code and by what people write. A capital matters: `U` is a unit, `u` may be one; `mg` is never touched. */
const words: ReadonlyMap<string, UnitWord> = new Map([
  ...['ug', 'µg', 'μg', 'mcg', 'MCG', 'mcgs', 'microg'].map((one) => [one, microgram] as const),
  ...['ng', 'nanog'].map((one) => [one, nanogram] as const),
  ...['U', 'u', 'IU', 'iu', 'I.U.', '[iU]', '[IU]', 'UNT', 'unt', "[USP'U]"].map((one) => [one, unit] as const),
  ...['mU', 'm[iU]', 'mIU'].map((one) => [one, milliunit] as const),
  ...['cc', 'ml', 'ML'].map((one) => [one, millilitre] as const),
]);

/** A unit in full where its symbol is misread: `ug/kg/min` is `micrograms/kg/min`. Undefined where there is none. */
export function unitText(written: string | undefined, number: string): string | undefined {
  if (written === undefined) return undefined;
  const [first = '', ...rest] = written.split('/').map(withoutBraces);
  const spelt = [inFull(first, number), ...rest.map((part) => inFull(part, '1'))].join('/');
  return spelt === '' || spelt === '1' ? undefined : spelt;
}

function inFull(symbol: string, number: string): string {
  const word = words.get(symbol);
  if (!word) return symbol;
  return number === '1' ? word.one : word.many;
}

/** A UCUM annotation is words: `{tablet}`. */
function withoutBraces(part: string): string {
  return part.trim().replace(/^\{([^{}]*)\}$/, '$1');
}

export type TimeUnit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

const daily = ['once-daily', 'twice-daily', 'three-times-daily', 'four-times-daily'] as const;

interface Often {
  readonly frequency: string;
  readonly most?: string | undefined;
  readonly period: string;
  readonly longest?: string | undefined;
  readonly unit: TimeUnit;
}

/** So many times in a period, as `phrase` says it. */
export function oftenWords({ frequency, most, period, longest, unit }: Often): string {
  const span = longest === undefined ? period : phrase('to', period, plainNumber(longest));
  const isDaily = span === '1' && unit === 'day';
  const every = phrase('every', span === '1' ? phrase(unit) : phrase(`${unit}s`, span));
  if (most !== undefined) return `${phrase('times', phrase('to', frequency, most))} ${every}`;
  const known = isDaily ? daily[Number(frequency) - 1] : undefined;
  if (known) return phrase(known);
  return Number(frequency) === 1 ? every : `${phrase('times', frequency)} ${every}`;
}
