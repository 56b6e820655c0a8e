/** Short names of months, as they begin in English and in Spanish. */
const MONTHS = ['jan|ene', 'feb', 'mar', 'apr|abr', 'may', 'jun', 'jul', 'aug|ago', 'sep', 'oct', 'nov', 'dec|dic'];
const NAMED = new RegExp(`\\b(\\d{1,2})[ ./-]*(${MONTHS.join('|')})[a-z]*[ ./-]*(\\d{4})\\b`, 'gi');
const NUMBERED = /\b(\d{1,2})([ ./-])(\d{1,2})\2(\d{4})\b/g;

const two = (part: string | number) => String(part).padStart(2, '0');

/**
 * The words by which a date of birth is found: year first, day first and month first, as each is somebody's way to write
 * a date. Of a date without its day only what there is.
 */
export function birthWords(birthDate: string | null): readonly string[] {
  const [year, month, day] = birthDate?.split('-') ?? [];
  if (!year) return [];
  if (!month || !day) return [`${year}${month ?? ''}`];
  return [`${year}${month}${day}`, `${day}${month}${year}`, `${month}${day}${year}`];
}

/** Dates in a query, each as one word of digits: `12-Mar-1961` as `12031961`, `3/4/1961` as `03041961`. */
export function joinDates(query: string): string {
  const monthOf = (name: string) =>
    two(1 + MONTHS.findIndex((names) => names.split('|').includes(name.slice(0, 3).toLowerCase())));
  return query
    .replace(NAMED, (_all, day: string, month: string, year: string) => `${two(day)}${monthOf(month)}${year}`)
    .replace(NUMBERED, (_all, first: string, _mark, second: string, year: string) => two(first) + two(second) + year);
}
