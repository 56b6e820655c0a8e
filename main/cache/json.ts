import { placeholder } from '../../preload/contract/placeholders.ts';
import { carriedIn, KEPT, SEALED } from '../documents/fields/elements.ts';

/*
 * Reading what a server sent: anything may be missing, of the wrong type or enormous, and nothing here throws for it.
 */

const TEXT_MAX = 4_000;
const ID = /^[A-Za-z0-9\-.]{1,64}$/;
/**
 * A member whose value is a number. A quote right after a letter or digit, and not after a backslash, ends a string;
 * one that a colon follows ends a member's name. FHIR's names all end so; what another name holds stays a number.
 */
const NUMBER_MEMBER = /(?<=\w)"\s*:\s*(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Parses a resource with its numbers as the digits that the server wrote (`1.50` stays `1.50`, of any length), which
 * JavaScript's numbers lose. Every such number is a string in the result.
 */
export function parseExact(body: string): unknown {
  return JSON.parse(body.replace(NUMBER_MEMBER, '":"$1"'));
}

/** Member of an object; undefined where the value is no object or has no such member of its own. */
export function field(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    const member: unknown = (here as Record<string, unknown>)[key];
    // Most that are asked for are not there: only of what is, it matters whose it is.
    if (member === undefined || !Object.hasOwn(here, key)) return undefined;
    here = member;
  }
  return here;
}

/** Elements of the array at a path; none where there is no array. */
export function items(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** Text for people at a path: trimmed, bounded, undefined where empty. */
export function text(value: unknown, ...path: readonly string[]): string | undefined {
  const found = field(value, ...path);
  if (typeof found !== 'string') return undefined;
  const bounded = bound(found.trim());
  return bounded === '' ? undefined : bounded;
}

/** The version of a resource; empty for one that was never sent. */
export function versionIdOf(resource: unknown): string {
  return text(resource, 'meta', 'versionId') ?? '';
}

/** A number's digits at a path of a resource read by `parseExact`. */
export function digits(value: unknown, ...path: readonly string[]): string | undefined {
  const found = field(value, ...path);
  if (typeof found === 'number' && Number.isFinite(found)) return String(found);
  return typeof found === 'string' && found.length <= 100 && NUMBER.test(found) ? found : undefined;
}

/** True only for JSON's `true`. */
export function isTrue(value: unknown, ...path: readonly string[]): boolean {
  return field(value, ...path) === true;
}

/** Shortens a text to what the contract allows, without splitting a surrogate pair. */
export function bound(value: string, max = TEXT_MAX): string {
  if (value.length <= max) return value;
  const cut = value.slice(0, max - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

export interface Coding {
  readonly system: string | undefined;
  readonly code: string;
  readonly display: string | undefined;
}

/** The codings of a CodeableConcept that have a code. */
export function codings(concept: unknown): readonly Coding[] {
  const found: Coding[] = [];
  for (const coding of items(concept, 'coding')) {
    const code = text(coding, 'code');
    if (code) found.push({ system: text(coding, 'system'), code, display: text(coding, 'display') });
  }
  return found;
}

const ABSENT = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';
/** In the place of what is there and was taken out by whoever has sent it. */
const MASKED = placeholder('masked');
/** In the place of what is there, and is opened for who asks (`sealed.reveal`). */
export const ENCRYPTED = placeholder('encrypted');

/** True of an element whose value is there and masked (R4 extension-data-absent-reason). */
export function isMasked(element: unknown): boolean {
  return items(element, 'extension').some(
    (one) => field(one, 'url') === ABSENT && field(one, 'valueCode') === 'masked',
  );
}

/** The word for a masked element; undefined where it isn't masked. */
export function maskWord(element: unknown): string | undefined {
  if (!isMasked(element)) return undefined;
  return isEncrypted(element) ? ENCRYPTED : MASKED;
}

/** True of a masked element that can be opened here. */
export function isEncrypted(element: unknown): boolean {
  return isMasked(element) && [KEPT, SEALED].some((url) => carriedIn(element, url) !== undefined);
}

/** A member as it is masked, be it a primitive or not; undefined where it isn't. */
export function maskedMember(value: unknown, name: string): unknown {
  const extra = field(value, name) === undefined ? field(value, `_${name}`) : undefined;
  return [field(value, name), extra].find(isMasked);
}

/** Text for people at a member, or the word for what is masked there. */
export function textOrMask(value: unknown, name: string): string | undefined {
  return text(value, name) ?? maskWord(maskedMember(value, name));
}

const PATHS_MAX = 20;
const DEPTH_MAX = 20;

/** Paths of the elements that are encrypted within a resource, as `sealed.reveal` takes them. */
export function encryptedPaths(resource: unknown): string[] {
  const found = new Set<string>();
  addEncrypted(resource, '', found, 0);
  return [...found].slice(0, PATHS_MAX);
}

function addEncrypted(holder: unknown, above: string, found: Set<string>, depth: number): void {
  if (typeof holder !== 'object' || holder === null || depth > DEPTH_MAX) return;
  for (const [name, member] of Object.entries(holder)) {
    if (typeof member !== 'object' || member === null || name === 'extension') continue;
    const own = name.startsWith('_') ? name.slice(1) : name;
    // A primitive that has a value again was written anew by somebody.
    if (own !== name && typeof field(holder, own) === 'string') continue;
    for (const one of Array.isArray(member) ? member : [member]) {
      if (isEncrypted(one)) found.add(above + own);
      else addEncrypted(one, `${above}${own}.`, found, depth + 1);
    }
  }
}

/** What a CodeableConcept says to people: its text, else a display, else a code. */
export function conceptText(concept: unknown): string | undefined {
  const masked = maskWord(concept);
  if (masked) return masked;
  const own = text(concept, 'text');
  if (own) return own;
  for (const coding of items(concept, 'coding')) {
    const display = text(coding, 'display');
    if (display) return display;
  }
  return codings(concept)[0]?.code;
}

export interface Reference {
  readonly type: string;
  readonly id: string;
}

const REFERENCE = /(?:^|\/)([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/** Type and id of a literal reference, relative or absolute, with or without a version. */
export function parseReference(reference: unknown): Reference | undefined {
  if (typeof reference !== 'string' || reference.length > 2_000) return undefined;
  const match = REFERENCE.exec(reference);
  return match?.[1] && match[2] ? { type: match[1], id: match[2] } : undefined;
}

/** True for a FHIR id (R4 datatypes.html#id). */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}
