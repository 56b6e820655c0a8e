/** A FHIR date, dateTime or instant is an interval as long as its precision (R4 search.html#date). */
export interface Interval {
  /** First and last millisecond, since 1970. */
  readonly start: number;
  readonly end: number;
}

/** Sorts after every date: a record that has none. */
export const NO_DATE = 9_000_000_000_000_000;

const PATTERN = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

const LONGEST = 40;
/** The times of a long trend: more than this would be read anew each time that it is opened. */
const REMEMBERED_MAX = 10_000;
/** A page tells the time of an encounter many times over. */
const remembered = new Map<string, Interval | null>();

/** Reads a FHIR date of any precision; what has no zone is taken as UTC. Null for anything else. */
export function interval(value: unknown): Interval | null {
  if (typeof value !== 'string' || value.length > LONGEST) return null;
  const known = remembered.get(value);
  if (known !== undefined) return known;
  const read = readInterval(value);
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(value, read);
  return read;
}

function readInterval(value: string): Interval | null {
  const match = PATTERN.exec(value);
  if (!match) return null;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const y = Number(year);
  const m = Number(month ?? 1);
  const d = Number(day ?? 1);
  if (y < 100 || m < 1 || m > 12 || d < 1 || d > daysIn(y, m)) return null;
  if (hour === undefined) {
    const start = Date.UTC(y, m - 1, d);
    return { start, end: endOfDate(y, month === undefined ? null : m, day === undefined ? null : d) - 1 };
  }
  const [h, min, s] = [Number(hour), Number(minute), Number(second ?? 0)];
  if (h > 24 || min > 59 || s > 60) return null;
  const ms = Number((fraction ?? '').padEnd(3, '0').slice(0, 3));
  const start = Date.UTC(y, m - 1, d, h, min, s, ms) - offset(zone);
  return { start, end: start + (fraction !== undefined ? 0 : second !== undefined ? 999 : 59_999) };
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

function offset(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
