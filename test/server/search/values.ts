import { badRequest } from '../fhir/reply.ts';

/** Values of search parameters as ranges: FHIR R4 search.html#prefix compares ranges, whose width is the precision. */
export interface Range {
  low: number;
  high: number;
}

const PREFIX = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[-\d])/;
export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

export function splitPrefix(value: string): { prefix: Prefix; rest: string } {
  const prefix = PREFIX.exec(value)?.[1] as Prefix | undefined;
  return { prefix: prefix ?? 'eq', rest: prefix ? value.slice(2) : value };
}

const DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/** The interval that a date of any precision stands for, in milliseconds; without a zone it is read as UTC. */
export function dateRange(text: string): Range | undefined {
  const match = DATE.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const low = Date.parse(
    `${year}-${month ?? '01'}-${day ?? '01'}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}.${(fraction ?? '0').padEnd(3, '0').slice(0, 3)}${zone ?? 'Z'}`,
  );
  if (Number.isNaN(low)) return undefined;
  if (fraction && fraction.length >= 3) return { low, high: low };
  if (second) return { low, high: low + 999 };
  if (hour) return { low, high: low + 59_999 };
  if (day) return { low, high: low + 86_399_999 };
  const next = month ? Date.UTC(Number(year), Number(month), 1) : Date.UTC(Number(year) + 1, 0, 1);
  return { low, high: next - 1 };
}

/** FHIR R4 search.html#number: 100 means 99.5 up to 100.5, 100.00 means 99.995 up to 100.005. */
export function numberRange(text: string): Range {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw badRequest(`"${text}" is not a number`);
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const half = 0.5 * 10 ** (Number(exponent) - (mantissa.split('.')[1]?.length ?? 0));
  return { low: value - half, high: value + half };
}

/** How far "approximately" reaches: a tenth of the value, for dates a tenth of the distance to now. */
function widen(range: Range, now: number | undefined): Range {
  const middle = (range.low + range.high) / 2;
  const by = Math.abs(now === undefined ? middle : now - middle) / 10;
  return { low: range.low - by, high: range.high + by };
}

/** Compares a resource's range with the searched one: FHIR R4 search.html#prefix. */
export function compareRange(prefix: Prefix, target: Range, search: Range, now?: number): boolean {
  const contained = target.low >= search.low && target.high <= search.high;
  switch (prefix) {
    case 'eq':
      return contained;
    case 'ne':
      return !contained;
    case 'gt':
      return target.high > search.high;
    case 'lt':
      return target.low < search.low;
    case 'ge':
      return contained || target.high > search.high;
    case 'le':
      return contained || target.low < search.low;
    case 'sa':
      return target.low > search.high;
    case 'eb':
      return target.high < search.low;
    case 'ap': {
      const wide = widen(search, now);
      return target.low <= wide.high && target.high >= wide.low;
    }
  }
}

/** Splits at an unescaped separator: FHIR R4 search.html#escaping. */
export function splitEscaped(text: string, separator: ',' | '|' | '$'): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === separator) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, text.slice(from)];
}

export const unescaped = (text: string) => text.replace(/\\([\\,|$])/g, '$1');

/** Case and accents do not count in string searches: FHIR R4 search.html#string. */
export const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
