import { interval } from '../../dates.ts';
import { codeKey, conceptKey, conceptOf, identifiedOf, intervalOf, measuredOf, textKey, textsOf } from '../values.ts';
import { SearchError, splitEscaped, unescaped } from './request.ts';

/*
 * One value that is searched for, read by the kind of its parameter, and the comparison with what an element says. The
 * same bounds go into SQL (filters.ts).
 */

export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

const PREFIX = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[-+.\d])/;

export interface WantedToken {
  /** Undefined: any; empty: none. */
  readonly system: string | undefined;
  /** Folded; undefined: any code of the system. */
  readonly code: string | undefined;
}

export interface WantedRange {
  readonly prefix: Prefix;
  readonly low: number;
  readonly high: number;
}

export interface WantedQuantity extends WantedRange {
  readonly system: string;
  readonly code: string;
}

function split(value: string): { prefix: Prefix; rest: string } {
  const prefix = PREFIX.exec(value)?.[1] as Prefix | undefined;
  return { prefix: prefix ?? 'eq', rest: prefix === undefined ? value : value.slice(2) };
}

/** `code`, `system|code`, `|code` or `system|` (R4 search.html#token). */
export function wantedToken(name: string, value: string): WantedToken {
  const parts = splitEscaped(value, '|').map(unescaped);
  const [first = '', second] = parts;
  if (parts.length > 2 || value === '' || value === '|') throw new SearchError('bad-value', name);
  if (second === undefined) return { system: undefined, code: codeKey(first) };
  return { system: first, code: second === '' ? undefined : codeKey(second) };
}

/** Elements that say a code alone: its system is that of the element's value set (R4 search.html#token). */
export function isPlain(element: string): boolean {
  return element === 'code' || element === 'boolean';
}

/** A token as it is compared with such elements: a system that is named can only be theirs. */
export function ofPlainCode({ system, code }: WantedToken): WantedToken {
  return { system: system === '' ? '' : undefined, code };
}

/** A date with a prefix; "approximately" reaches a tenth of the distance to now (R4 search.html#prefix). */
export function wantedDate(name: string, value: string, now: number): WantedRange {
  const { prefix, rest } = split(value);
  // A plus sign of a time zone that wasn't escaped has become a space.
  const found = interval(rest.replace(' ', '+'));
  if (!found) throw new SearchError('bad-value', name);
  const by = prefix === 'ap' ? Math.abs(now - (found.start + found.end) / 2) / 10 : 0;
  return { prefix, low: Math.round(found.start - by), high: Math.round(found.end + by) };
}

const NUMBER = /^[-+]?(\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?$/;

/** A number as the range that its digits stand for; other prefixes than eq, ne and ap compare the exact number. */
export function wantedNumber(name: string, value: string): WantedRange {
  const { prefix, rest } = split(value);
  if (!NUMBER.test(rest)) throw new SearchError('bad-value', name);
  const number = Number(rest);
  if (prefix === 'ap') return { prefix, low: number - Math.abs(number) / 10, high: number + Math.abs(number) / 10 };
  if (prefix !== 'eq' && prefix !== 'ne') return { prefix, low: number, high: number };
  const [mantissa = '', exponent = '0'] = rest.toLowerCase().split('e');
  const decimals = mantissa.split('.')[1]?.length ?? 0;
  const half = 0.5 * 10 ** (Number(exponent) - decimals);
  // More digits than a double holds: only the number itself is meant.
  if (half < Math.abs(number) * 1e-14) return { prefix, low: number, high: number + Math.abs(number) * Number.EPSILON };
  return { prefix, low: rounded(number - half), high: rounded(number + half) };
}

/** Without the noise of binary fractions: 5.4 - 0.05 is 5.35. */
function rounded(value: number): number {
  return Number(value.toPrecision(15));
}

/** `[prefix]number|system|code`, or `number||code` for a code or unit of any system. */
export function wantedQuantity(name: string, value: string): WantedQuantity {
  const [number = '', system = '', code = '', ...more] = splitEscaped(value, '|').map(unescaped);
  if (more.length > 0) throw new SearchError('bad-value', name);
  return { ...wantedNumber(name, number), system, code };
}

/** The comparison of two ranges (R4 search.html#prefix). */
export function inRange({ prefix, low, high }: WantedRange, start: number, end: number): boolean {
  const within = start >= low && end <= high;
  switch (prefix) {
    case 'eq':
      return within;
    case 'ne':
      return !within;
    case 'gt':
      return end > high;
    case 'lt':
      return start < low;
    case 'ge':
      return within || end > high;
    case 'le':
      return within || start < low;
    case 'sa':
      return start > high;
    case 'eb':
      return end < low;
    case 'ap':
      return start <= high && end >= low;
  }
}

/** A number's range is open above: 100 means 99.5 up to, not including, 100.5 (R4 search.html#number). */
export function isNumber({ prefix, low, high }: WantedRange, value: number): boolean {
  const within = value >= low && value < high;
  if (prefix === 'eq') return within;
  if (prefix === 'ne') return !within;
  return inRange({ prefix, low, high }, value, value);
}

export function isUnit({ system, code }: WantedQuantity, of: { system: string; code: string; unit: string }): boolean {
  if (system !== '') return of.system === system && of.code === code;
  return code === '' || of.code === code || of.unit === code;
}

/** Whether an element of one part of a composite has a value; made once for each search. */
export type ElementTest = (element: string, value: unknown) => boolean;

export function elementTest(kind: string, name: string, value: string, now: number): ElementTest {
  switch (kind) {
    case 'token': {
      const wanted = wantedToken(name, value);
      return (element, found) => isToken(wanted, element, found);
    }
    case 'string': {
      const wanted = textKey(unescaped(value));
      return (_element, found) => textsOf(found).some((text) => textKey(text).startsWith(wanted));
    }
    case 'date': {
      const wanted = wantedDate(name, value, now);
      return (_element, found) => {
        const range = intervalOf(found);
        return range !== null && inRange(wanted, range.start, range.end);
      };
    }
    case 'quantity': {
      const wanted = wantedQuantity(name, value);
      return (_element, found) => {
        const measured = measuredOf(found);
        return measured !== null && isNumber(wanted, measured.value) && isUnit(wanted, measured);
      };
    }
    default:
      throw new SearchError('unknown-parameter', name);
  }
}

function isToken(wanted: WantedToken, element: string, value: unknown): boolean {
  if (element === 'Identifier' || element === 'ContactPoint') {
    const found = identifiedOf(value);
    return found !== null && isCode(wanted, found.system, found.value);
  }
  const key = conceptKey(element, value);
  const compared = isPlain(element) ? ofPlainCode(wanted) : wanted;
  return key !== null && conceptOf(key).codes.some(({ system, code }) => isCode(compared, system, code));
}

function isCode(wanted: WantedToken, system: string, code: string): boolean {
  return (wanted.system ?? system) === system && (wanted.code ?? code) === code;
}
