import type { Encounter, Specimen } from 'fhir/r4';

/*
 * Whether two records may tell of the same visit or specimen. Nothing is concluded of it: a person decides.
 */

type Either = Partial<Encounter> & Partial<Omit<Specimen, keyof Encounter>>;

const read = (text: string) => JSON.parse(text) as Either;
const timeOf = (text: unknown): number | null => {
  const time = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : time;
};

/** When a visit began or a specimen was taken. */
export function startOf(text: string): number | null {
  const { period, collection } = read(text) as { period?: { start?: unknown }; collection?: Specimen['collection'] };
  return timeOf(period?.start) ?? timeOf(collection?.collectedDateTime) ?? timeOf(collection?.collectedPeriod?.start);
}

/** When a visit was over; null as long as it isn't. */
export function endOf(text: string): number | null {
  return timeOf((read(text) as { period?: { end?: unknown } }).period?.end);
}

/** Id of the patient whom a record is about; null where it doesn't say. */
export function patientIn(text: string): string | null {
  const reference = (read(text) as { subject?: { reference?: unknown } | null }).subject?.reference;
  return typeof reference === 'string' ? (/(?:^|\/)Patient\/([^/]+)/.exec(reference)?.[1] ?? null) : null;
}

export const typeIn = (text: string): unknown => (read(text) as { resourceType?: unknown }).resourceType;

/** Of states in which nobody was there, or nothing was taken. */
const NEVER: ReadonlySet<string> = new Set(['planned', 'cancelled', 'entered-in-error', 'unavailable']);

/** True where another record of the same patient may be the same visit or specimen. */
export function couldBeSame(type: string, mine: string, other: string, minutes: number): boolean {
  const { status } = read(other) as { status?: unknown };
  if (typeof status === 'string' && NEVER.has(status)) return false;
  const [start, theirs] = [startOf(mine), startOf(other)];
  if (type === 'Specimen') {
    if (start === null || theirs === null || Math.abs(start - theirs) > minutes * 60_000) return false;
    return codesOf(other).some((code) => codesOf(mine).includes(code));
  }
  const [end, theirEnd] = [endOf(mine) ?? Number.POSITIVE_INFINITY, endOf(other) ?? Number.POSITIVE_INFINITY];
  return (theirs ?? 0) < end && theirEnd > (start ?? 0);
}

/** Codes of a specimen's type, and its words. */
function codesOf(text: string): string[] {
  const { coding, text: words } = (read(text) as { type?: Specimen['type'] }).type ?? {};
  const codes = Array.isArray(coding) ? coding.map((one) => `${one?.system}|${one?.code}`) : [];
  return [...codes, ...(typeof words === 'string' ? [words.trim().toLowerCase()] : [])];
}
