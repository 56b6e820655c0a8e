/** A FHIR date, dateTime or instant is an interval as long as its precision (R4 search.html#date). */
export interface Interval {
  /** First and last millisecond, since 1970. */
  readonly start: number;
  readonly end: number;
}

/** Sorts after every date: a record that has none. */
export const NO_DATE = 9_000_000_000_000_000;

const LONGEST = 40;
const [DASH, COLON, POINT, T] = ['-', ':', '.', 'T'].map((letter) => letter.charCodeAt(0));
const ZONE = /^[+-]\d\d:\d\d$/;

/**
 * Reads a FHIR date of any precision; what has no zone is taken as UTC. Null for anything else. Letter by letter: a page
 * has thousands of them, and an expression takes more than twice as long, even where it need not be asked again for a text
 * that was met before.
 */
export function interval(value: unknown): Interval | null {
  if (typeof value !== 'string' || value.length > LONGEST) return null;
  const y = digitsAt(value, 0, 4);
  if (value.length === 4) return dayInterval(y, null, null);
  const m = value.charCodeAt(4) === DASH ? digitsAt(value, 5, 2) : NONE;
  if (value.length === 7) return dayInterval(y, m, null);
  const d = value.charCodeAt(7) === DASH ? digitsAt(value, 8, 2) : NONE;
  if (value.length === 10) return dayInterval(y, m, d);
  return isDay(y, m, d) && value.charCodeAt(10) === T ? timeInterval(value, Date.UTC(y, m - 1, d)) : null;
}

function dayInterval(year: number, month: number | null, day: number | null): Interval | null {
  if (!isDay(year, month ?? 1, day ?? 1)) return null;
  return { start: Date.UTC(year, (month ?? 1) - 1, day ?? 1), end: endOfDate(year, month, day) - 1 };
}

function isDay(year: number, month: number, day: number): boolean {
  return year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

/** The interval of a time of a day: to the minute, the second, or a part of it. */
function timeInterval(value: string, day: number): Interval | null {
  const h = digitsAt(value, 11, 2);
  const min = value.charCodeAt(13) === COLON ? digitsAt(value, 14, 2) : NONE;
  if (h < 0 || h > 24 || min < 0 || min > 59) return null;
  const hasSecond = value.charCodeAt(16) === COLON;
  const s = hasSecond ? digitsAt(value, 17, 2) : 0;
  if (s < 0 || s > 60) return null;
  const hasFraction = hasSecond && value.charCodeAt(19) === POINT;
  const places = hasFraction ? digitsFrom(value, 20) : 0;
  if (hasFraction && (places === 0 || places > 9)) return null;
  const zone = offset(value, hasFraction ? 20 + places : hasSecond ? 19 : 16);
  if (zone === null) return null;
  const ms = hasFraction ? digitsAt(value, 20, Math.min(places, 3)) * 10 ** (3 - Math.min(places, 3)) : 0;
  // A leap second is of the minute that it ends: the clock that counts from 1970 has none.
  const start = day + ((h * 60 + min) * 60 + Math.min(s, 59)) * 1000 + ms - zone;
  return { start, end: start + (hasFraction ? 0 : hasSecond ? 999 : 59_999) };
}

const NONE = -1;

/** A number of so many digits; `NONE` where there are others. */
function digitsAt(value: string, at: number, count: number): number {
  let number = 0;
  for (let place = at; place < at + count; place += 1) {
    const digit = digitOf(value, place);
    if (digit === NONE) return NONE;
    number = number * 10 + digit;
  }
  return number;
}

/** How many digits follow one another. */
function digitsFrom(value: string, at: number): number {
  let count = 0;
  while (digitOf(value, at + count) !== NONE) count += 1;
  return count;
}

function digitOf(value: string, at: number): number {
  const digit = value.charCodeAt(at) - 0x30;
  return digit >= 0 && digit <= 9 ? digit : NONE;
}

/** Start of a FHIR date in milliseconds, or null. */
export function startOf(value: unknown): number | null {
  return interval(value)?.start ?? null;
}

/** The text of a FHIR date if it is one; the contract takes nothing else for a date. */
export function dateText(value: unknown): string | null {
  return interval(value) ? (value as string) : null;
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysIn(year: number, month: number): number {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return (monthDays[month - 1] ?? 0) + Number(leap);
}

function endOfDate(year: number, month: number | null, day: number | null): number {
  if (month === null) return Date.UTC(year + 1, 0, 1);
  return day === null ? Date.UTC(year, month, 1) : Date.UTC(year, month - 1, day + 1);
}

/** Milliseconds that a time's zone is ahead of UTC; null where what follows the time is no zone. */
function offset(value: string, at: number): number | null {
  const zone = value.slice(at);
  if (zone === 'Z' || zone === '') return 0;
  if (!ZONE.test(zone)) return null;
  const minutes = digitsAt(zone, 1, 2) * 60 + digitsAt(zone, 4, 2);
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
