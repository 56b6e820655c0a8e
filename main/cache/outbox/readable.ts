import { isLosslessNumber } from 'lossless-json';
import { KEPT, SEALED } from '../../documents/fields/elements.ts';
import { bound, ENCRYPTED, isMasked, maskWord } from '../json.ts';
import { decodeText } from '../views/notes.ts';
import { isObject, type Json, type JsonObject } from './content.ts';
import { inWords } from './labels.ts';

const DEPTH_MAX = 6;

/** What the members of one top-level element say, as a person reads it; null where there is nothing. */
export function readableElement(group: JsonObject): string | null {
  const texts = Object.entries(group).flatMap(([name, value]) =>
    // Extensions of a primitive (`_onsetDateTime`): told only where they stand alone.
    name.startsWith('_') && Object.hasOwn(group, name.slice(1)) ? [] : [readable(value ?? null, 0)],
  );
  const text = texts.filter(Boolean).join('\n');
  return text === '' ? null : bound(text);
}

function readable(value: Json, depth: number): string {
  if (value === null) return '';
  if (typeof value === 'string') return isTime(value) ? timeText(value) : value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (isLosslessNumber(value)) return value.value;
  if (depth > DEPTH_MAX) return '…';
  if (Array.isArray(value)) return listed(value.map((one: Json) => readable(one, depth + 1)));
  const masked = maskWord(value) ?? (isOurs(value) ? ENCRYPTED : undefined);
  if (masked) return masked;
  return isObject(value) ? (known(value) ?? parts(value, depth)) : '';
}

/** What is encrypted of the record as a whole stands in an extension by itself. */
function isOurs(value: Json): boolean {
  return isObject(value) && [KEPT, SEALED].some((url) => url === value.url);
}

function listed(texts: readonly string[]): string {
  const said = texts.filter((text) => text !== '');
  return said.join(said.some((text) => text.includes('\n') || text.length > 60) ? '\n' : ', ');
}

/** Data types of FHIR that have a way of being read (R4 datatypes.html); undefined for what is none of them. */
function known(value: JsonObject): string | undefined {
  for (const read of [attachment, annotation, concept, quantity, period, range, ratio, reference, personName, dosage]) {
    const text = read(value);
    if (text !== undefined) return text;
  }
  return undefined;
}

function string(value: JsonObject, name: string): string | undefined {
  const member = value[name];
  return typeof member === 'string' && member !== '' ? member : undefined;
}

function attachment(value: JsonObject): string | undefined {
  const content = isObject(value.attachment) ? value.attachment : value;
  const masked = maskWord(content) ?? maskWord(content._data);
  if (masked) return masked;
  const type = string(content, 'contentType');
  if (type === undefined) return undefined;
  const data = string(content, 'data');
  const isShown = data !== undefined && /^text\//i.test(type);
  return isShown ? decodeText(data, type.toLowerCase()) : (string(content, 'title') ?? `A file (${type})`);
}

function annotation(value: JsonObject): string | undefined {
  const text = string(value, 'text');
  if (text === undefined || !('time' in value || 'authorString' in value || 'authorReference' in value))
    return undefined;
  const author = isObject(value.authorReference) ? reference(value.authorReference) : string(value, 'authorString');
  const time = string(value, 'time');
  const about = [author, time && timeText(time)].filter(Boolean).join(', ');
  return about === '' ? text : `${text} (${about})`;
}

function concept(value: JsonObject): string | undefined {
  if (string(value, 'text') !== undefined && ('coding' in value || Object.keys(value).length === 1)) {
    return string(value, 'text');
  }
  if (Array.isArray(value.coding))
    return listed(value.coding.map((one: Json) => (isObject(one) ? (coding(one) ?? '') : '')));
  return coding(value);
}

function coding(value: JsonObject): string | undefined {
  const isCoding = 'code' in value && ('system' in value || 'display' in value) && !('value' in value);
  return isCoding ? (string(value, 'display') ?? string(value, 'code')) : undefined;
}

function quantity(value: JsonObject): string | undefined {
  if (!isLosslessNumber(value.value)) return undefined;
  const unit = string(value, 'unit') ?? string(value, 'code') ?? string(value, 'currency');
  return `${string(value, 'comparator') ?? ''}${value.value.value}${unit ? ` ${unit}` : ''}`;
}

function period(value: JsonObject): string | undefined {
  const [start, end] = [string(value, 'start'), string(value, 'end')];
  if ((start ?? end) === undefined) return undefined;
  return `${start ? timeText(start) : '…'} – ${end ? timeText(end) : '…'}`;
}

function range(value: JsonObject): string | undefined {
  const [low, high] = [value.low, value.high].map((one) => (isObject(one) ? quantity(one) : undefined));
  if (low && high) return `${low} – ${high}`;
  return low ? `at least ${low}` : high && `at most ${high}`;
}

function ratio(value: JsonObject): string | undefined {
  const [above, below] = [value.numerator, value.denominator].map((one) => (isObject(one) ? quantity(one) : undefined));
  return above && below ? `${above} / ${below}` : undefined;
}

function reference(value: JsonObject): string | undefined {
  return 'reference' in value ? (string(value, 'display') ?? string(value, 'reference')) : undefined;
}

function personName(value: JsonObject): string | undefined {
  if (!('family' in value || 'given' in value)) return undefined;
  const given = Array.isArray(value.given) ? value.given : [];
  return [...given, value.family].filter((one) => typeof one === 'string').join(' ');
}

function dosage(value: JsonObject): string | undefined {
  return 'doseAndRate' in value || 'timing' in value ? string(value, 'text') : undefined;
}

/** What is none of these is told part by part, in words. */
function parts(value: JsonObject, depth: number): string {
  const told = Object.entries(value).flatMap(([name, member]) => {
    if (name === 'id' || name === 'extension') return [];
    if (name.startsWith('_') && !isMasked(member)) return [];
    const text = readable(member ?? null, depth + 1);
    return text === '' ? [] : [`${inWords(name.replace('_', ''))}: ${text}`];
  });
  return told.join(told.some((one) => one.includes('\n')) ? '\n' : '; ');
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?$/;
const DAY = /^\d{4}(?:-\d{2}){2}$/;

function isTime(value: string): boolean {
  return (TIME.test(value) || DAY.test(value)) && !Number.isNaN(Date.parse(value));
}

/** A day as it is written; a time of day as it is at this workstation. */
function timeText(value: string): string {
  if (!isTime(value)) return value;
  const date = new Date(value);
  if (DAY.test(value)) return date.toLocaleDateString('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
  return date.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
}
