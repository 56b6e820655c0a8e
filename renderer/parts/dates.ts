import { t } from '../words/t.ts';
import { ltr } from './ltr.ts';

const MONTHS = [
  t('Jan'),
  t('Feb'),
  t('Mar'),
  t('Apr'),
  t('May'),
  t('Jun'),
  t('Jul'),
  t('Aug'),
  t('Sep'),
  t('Oct'),
  t('Nov'),
  t('Dec'),
] as const;
const FHIR_DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(T.+)?$/;

/** A FHIR date or dateTime in the workstation's calendar; a part that was not recorded is null. */
export interface CalendarDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number | null;
  readonly day: number | null;
  /** The moment, where a time was recorded. */
  readonly moment: Date | null;
}

/** Reads a FHIR date or dateTime of any precision (R4 datatypes.html#dateTime); null where it is not one. */
export function parseFhirDate(text: string): CalendarDate | null {
  const match = FHIR_DATE.exec(text);
  if (!match) return null;
  const [, year, month, day, time] = match;
  if (time) return fromMoment(new Date(text));
  const date = { year: Number(year), month: month ? Number(month) : null, day: day ? Number(day) : null, moment: null };
  return isRealDate(date) ? date : null;
}

function fromMoment(moment: Date): CalendarDate | null {
  if (Number.isNaN(moment.getTime())) return null;
  return { year: moment.getFullYear(), month: moment.getMonth() + 1, day: moment.getDate(), moment };
}

function isRealDate({ year, month, day }: CalendarDate): boolean {
  if (month === null) return true;
  if (month < 1 || month > 12) return false;
  return day === null || (day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate());
}

const two = (value: number) => String(value).padStart(2, '0');

/** Time of day, 24 hours: `14:32`. */
export function formatTime(moment: Date): string {
  return `${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

function formatCalendar({ year, month, day }: CalendarDate): string {
  const parts = [
    day === null ? null : two(day),
    month === null ? null : MONTHS[month - 1],
    String(year).padStart(4, '0'),
  ];
  return parts.filter((part) => part !== null).join('-');
}

/** `12-Mar-1961`, `Mar-1961` or `1961`, as precise as it was recorded (NHS CUI). What is no date is shown as it came. */
export function formatDate(text: string | null): string {
  if (text === null) return t('No date');
  const date = parseFhirDate(text);
  return date ? ltr(formatCalendar(date)) : text;
}

/** As `formatDate`, followed by the local time where one was recorded: `12-Mar-2026 14:32`. */
export function formatDateTime(text: string | null): string {
  if (text === null) return t('No date');
  const date = parseFhirDate(text);
  if (!date) return text;
  return ltr(date.moment ? `${formatCalendar(date)} ${formatTime(date.moment)}` : formatCalendar(date));
}

/** A moment in milliseconds as `12-Mar-2026 14:32`. */
export function formatMoment(time: number): string {
  return formatDateTime(new Date(time).toISOString());
}

/** Label of a time axis, as fine as the distance between its ticks. The day is never written as a bare number of month. */
export function formatTick(time: number, stepSeconds: number, previous: number | null): string {
  const date = new Date(time);
  const month = MONTHS[date.getMonth()];
  if (stepSeconds >= 360 * 86_400) return String(date.getFullYear());
  if (stepSeconds >= 28 * 86_400) return `${month}-${date.getFullYear()}`;
  const before = previous === null ? null : new Date(previous);
  const day = `${two(date.getDate())}-${month}`;
  const newYear = before === null || before.getFullYear() !== date.getFullYear();
  if (stepSeconds >= 86_400) return newYear ? `${ltr(day)}\n${date.getFullYear()}` : ltr(day);
  const newDay = before === null || before.toDateString() !== date.toDateString();
  return newDay ? `${formatTime(date)}\n${ltr(`${day}-${date.getFullYear()}`)}` : formatTime(date);
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago, in the largest unit that fits: `3 min ago`, `2 days ago`. */
export function formatAgo(elapsed: number): string {
  if (elapsed < MINUTE) return t('just now');
  if (elapsed < HOUR) return t('{count} min ago', { count: Math.floor(elapsed / MINUTE) });
  if (elapsed < 2 * DAY) return t('{count} h ago', { count: Math.floor(elapsed / HOUR) });
  return t('{count} days ago', { count: Math.floor(elapsed / DAY) });
}

/** Data older than this is named as old, in words and colour. */
export const STALE_AFTER = DAY;

/** `14:32` today, with the date otherwise. */
export function formatWhen(instant: string, now: Date): string {
  const moment = new Date(instant);
  if (Number.isNaN(moment.getTime())) return instant;
  return moment.toDateString() === now.toDateString() ? formatTime(moment) : formatDateTime(instant);
}

/** The time of day for what is from today, the date alone for what is older; the whole belongs into a title. */
export function formatWhenBrief(text: string, now: Date): string {
  const moment = parseFhirDate(text)?.moment;
  return moment && moment.toDateString() === now.toDateString() ? formatTime(moment) : formatDate(text);
}

/** As `formatWhen`, with how long that is: `14:32 (3 min ago)`. */
export function formatAsOf(instant: string, now: Date): string {
  const elapsed = now.getTime() - new Date(instant).getTime();
  const when = formatWhen(instant, now);
  return Number.isNaN(elapsed) ? when : `${when} (${formatAgo(Math.max(0, elapsed))})`;
}

/** True where data as of `instant` is too old to be shown without a mark. */
export function isStale(instant: string, now: Date): boolean {
  const age = now.getTime() - new Date(instant).getTime();
  return !(age <= STALE_AFTER);
}
