import { type Interval, interval } from '../dates.ts';
import { fold } from '../fold.ts';
import { field, isTrue, items, parseReference } from '../json.ts';

/* What is compared of an element, by its FHIR type. The same functions feed the index and check what it found. */

/** Longest text that is compared; longer values are found by their beginning. */
const TEXT_MAX = 200;
const STRINGS_MAX = 100;

/** Before and after every date: the open end of a period. */
export const BEGINNING = -9_000_000_000_000_000;
export const END = 9_000_000_000_000_000;

export interface Code {
  readonly system: string;
  /** Folded to lower case: R4 search.html#token leaves case to the code system, and no search should miss one. */
  readonly code: string;
}

export interface Concept {
  readonly codes: readonly Code[];
  /** Displays and text, folded. */
  readonly texts: readonly string[];
}

export interface Identified {
  readonly system: string;
  readonly value: string;
}

export interface Measured {
  readonly value: number;
  readonly system: string;
  readonly code: string;
  readonly unit: string;
}

/** Lower case, as codes and identifiers are compared. */
export function codeKey(value: string): string {
  return value.slice(0, TEXT_MAX).toLowerCase();
}

/** Folded and bounded, as strings are compared. */
export function textKey(value: string): string {
  return fold(value.slice(0, 2 * TEXT_MAX)).slice(0, TEXT_MAX);
}

const SEPARATOR = '\u0001';
const CODING_END = '\u0002';

/**
 * One text for all that a concept is found by: its codings with their displays, and its text. It stands for the concept
 * in the dictionary; null where there is nothing to find.
 */
export function conceptKey(element: string, value: unknown): string | null {
  let key = '';
  if (element === 'CodeableConcept') {
    for (const coding of items(value, 'coding')) key += codingKey(coding);
    key += short(field(value, 'text'));
  } else if (element === 'Coding') key = codingKey(value);
  else if (element === 'deceased') key = plainKey(String(isDeceased(value)));
  else if (typeof value === 'string' || typeof value === 'boolean') key = plainKey(String(value));
  return key === '' ? null : key;
}

/** Reads a concept back from its key. */
export function conceptOf(key: string): Concept {
  const codings = key.split(CODING_END);
  const text = codings.pop() ?? '';
  const parts = codings.map((coding) => coding.split(SEPARATOR));
  return {
    codes: parts.flatMap(([system = '', code = '']) => (code === '' ? [] : [{ system, code: codeKey(code) }])),
    texts: [...new Set([...parts.map(([, , display = '']) => textKey(display)), textKey(text)])].filter(Boolean),
  };
}

/** Words that a concept's order follows: its first code, else what it says. */
export function conceptSort(key: string): string {
  const { codes, texts } = conceptOf(key);
  return codes[0]?.code ?? texts[0] ?? '';
}

function codingKey(coding: unknown): string {
  const [system, code, display] = [field(coding, 'system'), field(coding, 'code'), field(coding, 'display')];
  if (code === undefined && display === undefined) return '';
  return short(system) + SEPARATOR + short(code) + SEPARATOR + short(display) + CODING_END;
}

function plainKey(code: string): string {
  return SEPARATOR + short(code) + SEPARATOR + CODING_END;
}

function short(value: unknown): string {
  if (typeof value !== 'string') return '';
  const text = value.length > 2 * TEXT_MAX ? value.slice(0, 2 * TEXT_MAX) : value;
  return text.includes(SEPARATOR) || text.includes(CODING_END) ? '' : text;
}

/** R4's expression is `deceased.exists() and deceased != false`. */
function isDeceased(patient: unknown): boolean {
  return isTrue(patient, 'deceasedBoolean') || field(patient, 'deceasedDateTime') !== undefined;
}

/** An Identifier's or ContactPoint's system and value. */
export function identifiedOf(value: unknown): Identified | null {
  const own = field(value, 'value');
  if (typeof own !== 'string' || own === '') return null;
  const system = field(value, 'system');
  return { system: typeof system === 'string' ? system : '', value: codeKey(own) };
}

/** All texts of a string, HumanName or Address as they stand; `use` and `period` are none. */
export function textsOf(value: unknown): string[] {
  const texts: string[] = [];
  collectTexts(value, texts);
  return texts;
}

function collectTexts(value: unknown, texts: string[]): void {
  if (texts.length >= STRINGS_MAX) return;
  if (typeof value === 'string') texts.push(value);
  else if (Array.isArray(value)) for (const one of value) collectTexts(one, texts);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, part] of Object.entries(value)) {
      if (textMembers.has(name)) collectTexts(part, texts);
    }
  }
}

/** Members of HumanName and Address that are text. */
const textMembers = new Set([
  'text',
  'family',
  'given',
  'prefix',
  'suffix',
  'line',
  'city',
  'district',
  'state',
  'postalCode',
  'country',
]);

/** By what a string is sorted: a name by family and given names. */
export function sortText(element: string, value: unknown): string | null {
  if (typeof value === 'string') return textKey(value);
  if (element !== 'HumanName') return null;
  const parts = [field(value, 'family'), ...items(value, 'given')].filter((part) => typeof part === 'string');
  const text = parts.length > 0 ? parts.join(' ') : field(value, 'text');
  return typeof text === 'string' ? textKey(text) : null;
}

/** The interval of a date, Period or Timing; of a Timing only the outer limits count (R4 search.html#date). */
export function intervalOf(value: unknown): Interval | null {
  if (typeof value === 'string') return interval(value);
  const [start, end] = [field(value, 'start'), field(value, 'end')];
  if (start !== undefined || end !== undefined) return periodOf(start, end);
  const bounds = field(value, 'repeat', 'boundsPeriod');
  if (bounds !== undefined) return intervalOf(bounds);
  const events = items(value, 'event').flatMap((event) => interval(event) ?? []);
  if (events.length === 0) return null;
  return { start: Math.min(...events.map((event) => event.start)), end: Math.max(...events.map((event) => event.end)) };
}

function periodOf(start: unknown, end: unknown): Interval | null {
  const [from, to] = [interval(start), interval(end)];
  if ((start !== undefined && !from) || (end !== undefined && !to)) return null;
  return { start: from?.start ?? BEGINNING, end: to?.end ?? END };
}

/** A quantity or a plain number. */
export function measuredOf(value: unknown): Measured | null {
  if (typeof value === 'number') return { value, system: '', code: '', unit: '' };
  const number = field(value, 'value');
  if (typeof number !== 'number' || !Number.isFinite(number)) return null;
  const [system, code, unit] = ['system', 'code', 'unit'].map((name) => short(field(value, name)));
  return { value: number, system: system ?? '', code: code ?? '', unit: unit ?? '' };
}

/** What a reference points to: `Type/id`, or the whole text where it is no literal reference. */
export function targetOf(value: unknown): string | null {
  const reference = typeof value === 'string' ? value : field(value, 'reference');
  if (typeof reference !== 'string' || reference === '' || reference.startsWith('#')) return null;
  const literal = parseReference(reference);
  if (!literal) return reference.slice(0, 2_000);
  // Most are written just so: another text of the same letters would have to be made, and hashed, first.
  const isWhole = literal.type.length + 1 + literal.id.length === reference.length;
  return isWhole ? reference : `${literal.type}/${literal.id}`;
}

/** What a canonical is found by: its whole address, as it stands and without its version (R4 references.html#canonical). */
export function canonicalsOf(value: unknown): string[] {
  if (typeof value !== 'string' || value === '' || value.startsWith('#')) return [];
  const whole = value.slice(0, 2_000);
  const bar = whole.indexOf('|');
  return bar > 0 ? [whole, whole.slice(0, bar)] : [whole];
}
