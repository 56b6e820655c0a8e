import { t } from '../words/t.ts';
import { type CalendarDate, parseFhirDate } from './dates.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * Age in the words of the NHS Common User Interface: minutes under 2 hours, hours under 2 days, days under 4 weeks,
 * weeks under 1 year, months and days under 2 years, years and months under 18 years, then years.
 * Null where it can't be said: not a date, or a date to come.
 */
export function formatAge(birth: string, now: Date): string | null {
  const born = parseFhirDate(birth);
  if (!born) return null;
  if (born.month === null || born.day === null) return roughAge(born, now);
  const young = born.moment ? newbornAge(now.getTime() - born.moment.getTime()) : null;
  return young ?? calendarAge(born.year, born.month, born.day, now);
}

/** A birth date without a day is never turned into a precise age. */
function roughAge(born: CalendarDate, now: Date): string | null {
  const months = (now.getFullYear() - born.year) * 12 + (born.month === null ? 0 : now.getMonth() + 1 - born.month);
  return months < 0 ? null : t('about {count}y', { count: Math.floor(months / 12) });
}

function newbornAge(elapsed: number): string | null {
  if (elapsed < 0 || elapsed >= 2 * DAY) return null;
  return elapsed < 2 * HOUR
    ? t('{count} min', { count: Math.floor(elapsed / MINUTE) })
    : t('{count} hr', { count: Math.floor(elapsed / HOUR) });
}

function calendarAge(year: number, month: number, day: number, now: Date): string | null {
  const today = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate());
  const days = Math.round((today - Date.UTC(year, month - 1, day)) / DAY);
  if (days < 0) return null;
  const months = wholeMonths(year, month, day, now);
  if (days < 28) return t('{days}d', { days });
  if (months < 12) return t('{weeks}w', { weeks: Math.floor(days / 7) });
  if (months < 24) return t('{months}m {days}d', { months, days: daysAfter(year, month, day, months, today) });
  const years = Math.floor(months / 12);
  return years < 18 ? t('{years}y {months}m', { years, months: months % 12 }) : t('{years}y', { years });
}

function wholeMonths(year: number, month: number, day: number, now: Date): number {
  const months = (now.getFullYear() - year) * 12 + (now.getMonth() + 1 - month);
  return now.getDate() < day ? months - 1 : months;
}

function daysAfter(year: number, month: number, day: number, months: number, today: number): number {
  const lastDay = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  const reached = Date.UTC(year, month - 1 + months, Math.min(day, lastDay));
  return Math.round((today - reached) / DAY);
}
