/** As they begin in the languages of the page. */
const MONTHS = ['jan|ene', 'feb', 'mar', 'apr|abr', 'may', 'jun', 'jul', 'aug|ago', 'sep', 'oct', 'nov', 'dec|dic'];
const FHIR = /^((?:18|19|20|21)\d{2})(?:-(\d{2})(?:-(\d{2}))?)?$/;
const WRITTEN = /^(?:(?:(\d{1,2})[-\s.]+)?([a-z]{3})[a-z]*\.?[-\s]+)?((?:18|19|20|21)\d{2})$/;

/**
 * A date as exactly as it was typed, as FHIR has it: `2021`, `Mar-2021` and `12-Mar-2021` as the chart shows them, or
 * `2021-03-12`. Null where it is none; `03/12/2021` is none, as nobody can tell which of it is the month.
 */
export function typedDate(typed: string): string | null {
  const plain = typed.trim().toLowerCase();
  return fromFhir(plain) ?? fromWritten(plain);
}

function fromFhir(plain: string): string | null {
  const match = FHIR.exec(plain);
  if (!match) return null;
  const [, year = '', month, day] = match;
  return isReal(Number(year), month, day) ? plain : null;
}

function fromWritten(plain: string): string | null {
  const match = WRITTEN.exec(plain);
  if (!match) return null;
  const [, day, name, year = ''] = match;
  if (name === undefined) return year;
  const month = MONTHS.findIndex((names) => names.split('|').includes(name)) + 1;
  if (month === 0) return null;
  const parts = [year, String(month).padStart(2, '0'), ...(day ? [day.padStart(2, '0')] : [])];
  return isReal(Number(year), parts[1], parts[2]) ? parts.join('-') : null;
}

function isReal(year: number, month: string | undefined, day: string | undefined): boolean {
  if (month === undefined) return true;
  const date = new Date(Date.UTC(year, Number(month) - 1, Number(day ?? '1')));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day ?? '1');
}

/** Today in the workstation's calendar. */
export function todayOf(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** True where a date is wholly after today, as far as it is known. */
export function isFuture(date: string, today: string): boolean {
  return date > today.slice(0, date.length);
}
