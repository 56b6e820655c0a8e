import { isLosslessNumber, stringify } from 'lossless-json';
import { BITS_MAX, ITEMS_MAX, type SaidBit, type SaidItem, type SaidItems } from '../../../preload/contract/said.ts';
import { KEPT, SEALED } from '../../documents/fields/elements.ts';
import { bound, isEncrypted, isMasked, parseExact } from '../json.ts';
import { dosageOf } from '../views/doses.ts';
import { decodeText } from '../views/notes.ts';
import { isObject, type Json, type JsonObject } from './content.ts';
import { pathOf } from './merge.ts';

const DEPTH_MAX = 6;
const CODE_MAX = 64;
/** Of a list: whatever is told of an element ends after so many bits. */
const LIST_MAX = 500;

interface Place {
  /** Path of the element within the resource. */
  readonly at: string;
  readonly depth: number;
  /** Every member is told, also where a type has a shorter way of being read. */
  readonly whole: boolean;
}

/**
 * What the members of one top-level element say, item by item; null where there is nothing. `whole` tells every member of
 * it: two that differ must not read alike.
 */
export function readableElement(group: JsonObject, { whole = false } = {}): SaidItems | null {
  const items = Object.entries(group).flatMap(([name, value]): SaidItem[] => {
    // Extensions of a primitive (`_onsetDateTime`): told only where they stand alone.
    if (!whole && name.startsWith('_') && Object.hasOwn(group, name.slice(1))) return [];
    const place = { at: pathOf(name), depth: 0, whole };
    return (Array.isArray(value) ? value.slice(0, LIST_MAX) : [value ?? null]).map((one: Json) => readable(one, place));
  });
  const said = items.filter((item) => item.length > 0).map((item) => bounded(item));
  if (said.length === 0) return null;
  return said.length <= ITEMS_MAX ? said : [...said.slice(0, ITEMS_MAX - 1), [plain('…')]];
}

function bounded(item: SaidItem): SaidItem {
  return item.length <= BITS_MAX ? item : [...item.slice(0, BITS_MAX - 1), plain('…')];
}

const plain = (text: string): SaidBit => ({ kind: 'text', text: bound(text) });

/** Bits of which each is a text as it is, or none where that isn't there. */
const words = (...texts: (string | undefined)[]): SaidItem => texts.flatMap((text) => (text ? [plain(text)] : []));

function readable(value: Json, place: Place): SaidItem {
  if (value === null || value === '') return [];
  if (typeof value === 'string') return [isTime(value) ? { kind: 'time', time: value } : coded(value, value, place)];
  if (typeof value === 'boolean') return [{ kind: 'yes', yes: value }];
  if (isLosslessNumber(value)) return words(value.value);
  if (place.depth > DEPTH_MAX) return words('…');
  const inside = { ...place, depth: place.depth + 1 };
  if (Array.isArray(value)) return listed(value.slice(0, LIST_MAX).map((one: Json) => readable(one, inside)));
  if (!isObject(value)) return [];
  const asForm = typeof value.linkId === 'string' && !place.whole ? formItem(value, inside) : undefined;
  return hidden(value) ?? asForm ?? (place.whole ? undefined : known(value, place)) ?? parts(value, inside);
}

/** An item of a QuestionnaireResponse: the question with its answers, and a line for each that is below it. */
function formItem(value: JsonObject, inside: Place): SaidItem {
  const answers = (Array.isArray(value.answer) ? value.answer.slice(0, LIST_MAX) : []).filter(isObject);
  const said = answers.map(({ item: _below, ...answer }) =>
    joined(
      Object.values(answer).map((one) => readable(one ?? null, inside)),
      ' ',
    ),
  );
  const below = [value, ...answers].flatMap(({ item }) => (Array.isArray(item) ? (item as readonly Json[]) : []));
  const question = words(string(value, 'text') ?? string(value, 'linkId'));
  const own = said.length === 0 ? question : joined([question, joined(said, ', ')], ': ');
  return joined([own, ...below.slice(0, LIST_MAX).map((one) => readable(one, inside))], '\n');
}

/** A code where it can be one; else a text. */
function coded(code: string, text: string, { at }: Pick<Place, 'at'>): SaidBit {
  return code.length <= CODE_MAX && /^\S+$/.test(code) ? { kind: 'code', at, code, text: bound(text) } : plain(text);
}

/** What is there and isn't told; what is encrypted of the record as a whole stands in an extension by itself. */
function hidden(value: unknown): SaidItem | undefined {
  if (isMasked(value)) return [{ kind: 'hidden', how: isEncrypted(value) ? 'encrypted' : 'masked' }];
  const isOurs = isObject(value as Json) && [KEPT, SEALED].some((url) => url === (value as JsonObject).url);
  return isOurs ? [{ kind: 'hidden', how: 'encrypted' }] : undefined;
}

const LONG = 60;

function listed(all: readonly SaidItem[]): SaidItem {
  const said = all.filter((item) => item.length > 0);
  const isLong = said.some((item) => hasLines(item) || lengthOf(item) > LONG);
  return joined(said, isLong ? '\n' : ', ');
}

function joined(all: readonly SaidItem[], between: string): SaidItem {
  return all.flatMap((item, index) => (index === 0 ? item : [plain(between), ...item]));
}

function hasLines(item: SaidItem): boolean {
  return item.some((bit) => bit.kind === 'text' && bit.text.includes('\n'));
}

function lengthOf(item: SaidItem): number {
  return item.reduce((sum, bit) => sum + ('text' in bit ? bit.text.length : 10), 0);
}

/** Data types of FHIR that have a way of being read (R4 datatypes.html); undefined for what is none of them. */
function known(value: JsonObject, place: Place): SaidItem | undefined {
  for (const read of [attachment, annotation, concept, quantity, period, range, ratio, reference, personName, dosage]) {
    const said = read(value, place);
    if (said !== undefined) return said;
  }
  return undefined;
}

function string(value: JsonObject, name: string): string | undefined {
  const member = value[name];
  return typeof member === 'string' && member !== '' ? member : undefined;
}

function attachment(value: JsonObject): SaidItem | undefined {
  const content = isObject(value.attachment) ? value.attachment : value;
  const unseen = hidden(content) ?? hidden(content._data);
  if (unseen) return unseen;
  const type = string(content, 'contentType');
  if (type === undefined) return undefined;
  const data = string(content, 'data');
  if (data !== undefined && /^text\//i.test(type)) return words(decodeText(data, type.toLowerCase()));
  const title = string(content, 'title');
  return title === undefined ? [{ kind: 'file', type: bound(type) }] : words(title);
}

function annotation(value: JsonObject): SaidItem | undefined {
  const text = string(value, 'text');
  if (text === undefined || !('time' in value || 'authorString' in value || 'authorReference' in value))
    return undefined;
  const author = isObject(value.authorReference)
    ? reference(value.authorReference)
    : words(string(value, 'authorString'));
  const about = listed([author ?? [], timed(string(value, 'time'))]);
  return about.length === 0 ? words(text) : [plain(`${bound(text)} (`), ...about, plain(')')];
}

function concept(value: JsonObject, place: Place): SaidItem | undefined {
  const text = string(value, 'text');
  const codings = Array.isArray(value.coding)
    ? value.coding.slice(0, LIST_MAX).flatMap((one: Json) => (isObject(one) ? [one] : []))
    : [];
  if (text !== undefined && ('coding' in value || Object.keys(value).length === 1)) {
    const code = codings.map((one) => string(one, 'code')).find((one) => one !== undefined);
    return [code === undefined ? plain(text) : coded(code, text, place)];
  }
  if (Array.isArray(value.coding)) return listed(codings.map((one) => coding(one, place) ?? []));
  return coding(value, place);
}

function coding(value: JsonObject, place: Place): SaidItem | undefined {
  const code = string(value, 'code');
  const isCoding = code !== undefined && ('system' in value || 'display' in value) && !('value' in value);
  return isCoding ? [coded(code, string(value, 'display') ?? code, place)] : undefined;
}

function quantity(value: JsonObject): SaidItem | undefined {
  const text = quantityText(value);
  return text === undefined ? undefined : words(text);
}

function quantityText(value: Json | undefined): string | undefined {
  if (!isObject(value) || !isLosslessNumber(value.value)) return undefined;
  const unit = string(value, 'unit') ?? string(value, 'code') ?? string(value, 'currency');
  return `${string(value, 'comparator') ?? ''}${value.value.value}${unit ? ` ${unit}` : ''}`;
}

function period(value: JsonObject): SaidItem | undefined {
  const [start, end] = [string(value, 'start'), string(value, 'end')];
  if ((start ?? end) === undefined) return undefined;
  return [...timed(start ?? '…'), plain(' – '), ...timed(end ?? '…')];
}

function range(value: JsonObject): SaidItem | undefined {
  const [low, high] = [quantityText(value.low), quantityText(value.high)];
  if (low && high) return words(`${low} – ${high}`);
  if (low) return words(`≥ ${low}`);
  return high ? words(`≤ ${high}`) : undefined;
}

function ratio(value: JsonObject): SaidItem | undefined {
  const [above, below] = [quantityText(value.numerator), quantityText(value.denominator)];
  return above && below ? words(`${above} / ${below}`) : undefined;
}

function reference(value: JsonObject): SaidItem | undefined {
  return 'reference' in value ? words(string(value, 'display') ?? string(value, 'reference')) : undefined;
}

function personName(value: JsonObject): SaidItem | undefined {
  if (!('family' in value || 'given' in value)) return undefined;
  const given = Array.isArray(value.given) ? value.given : [];
  return words([...given, value.family].filter((one) => typeof one === 'string').join(' '));
}

function dosage(value: JsonObject): SaidItem | undefined {
  if (!('doseAndRate' in value || 'timing' in value)) return undefined;
  const unseen = hidden(value._text);
  if (unseen) return unseen;
  const { dosage: told } = dosageOf([parseExact(stringify(value) ?? 'null')]);
  return told === '' ? undefined : words(told);
}

/** What is none of these is told part by part, each under its name. */
function parts(value: JsonObject, place: Place): SaidItem {
  const told = Object.entries(value).flatMap(([name, member]): SaidItem[] => {
    if (!place.whole && (name === 'id' || name === 'extension')) return [];
    if (!place.whole && name.startsWith('_') && !isMasked(member)) return [];
    const at = `${place.at}.${pathOf(name)}`.slice(0, 200);
    const said = readable(member ?? null, { ...place, at });
    return said.length === 0 ? [] : [[{ kind: 'name', at }, ...said]];
  });
  return joined(told, told.some(hasLines) ? '\n' : '; ');
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?$/;
const DAY = /^\d{4}(?:-\d{2}){2}$/;

function isTime(value: string): boolean {
  return (TIME.test(value) || DAY.test(value)) && !Number.isNaN(Date.parse(value));
}

function timed(value: string | undefined): SaidItem {
  return value !== undefined && isTime(value) ? [{ kind: 'time', time: value }] : words(value);
}
