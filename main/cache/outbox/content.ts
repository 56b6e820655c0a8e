import { compareNumber, isLosslessNumber, LosslessNumber, parse, stringify } from 'lossless-json';

/*
 * Resources that are changed and printed again: numbers keep the digits with which they were written (FHIR R4
 * datatypes.html#decimal, `1.50` says more than `1.5`).
 */

export type Json = null | boolean | string | LosslessNumber | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

/** Resources of which only a part could be read. */
const unclear = new WeakSet<JsonObject>();

/**
 * A resource that names a member twice, or is nested deeper than any is, is read as far as it can be and `isUnclear`.
 * @throws SyntaxError where the text is no JSON object.
 */
export function readResource(text: string): JsonObject {
  const clear = isTooDeep(text) ? undefined : parsed(text);
  const value = clear === undefined ? partOf(JSON.parse(text), 0) : clear;
  if (!isObject(value)) throw new SyntaxError('no resource');
  if (clear === undefined) unclear.add(value);
  return value;
}

/** What such a resource says isn't certain: it is never merged, and is never the same as another. */
export function isUnclear(resource: JsonObject): boolean {
  return unclear.has(resource);
}

function parsed(text: string): Json | undefined {
  try {
    return parse(text) as Json;
  } catch {
    return undefined;
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth > DEPTH_MAX) return true;
  }
  return false;
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text[end - 1 - escapes] === '\\') escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}

/** What JSON.parse made of a text, without what lies too deep. */
function partOf(value: unknown, depth: number): Json {
  if (typeof value === 'number') return new LosslessNumber(String(value));
  if (typeof value !== 'object' || value === null) return value as Json;
  if (depth >= DEPTH_MAX) return null;
  if (Array.isArray(value)) return value.map((one) => partOf(one, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, partOf(one, depth + 1)]));
}

/** JSON text, numbers as they were read. */
export function printResource(resource: JsonObject): string {
  return stringify(resource) ?? '';
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
}

const DEPTH_MAX = 100;

/** Same content to the digit; the order of members does not matter. */
export function isIdentical(a: Json | undefined, b: Json | undefined): boolean {
  return isEqual(a, b, (one, other) => one.value === other.value);
}

/** Same content, where `1.50` is `1.5`: a server may shorten decimals. */
export function isEquivalent(a: Json | undefined, b: Json | undefined): boolean {
  return isEqual(a, b, (one, other) => compareNumber(one.value, other.value) === 0);
}

type SameNumber = (a: LosslessNumber, b: LosslessNumber) => boolean;

function isEqual(a: Json | undefined, b: Json | undefined, sameNumber: SameNumber): boolean {
  if (a === b) return true;
  if (isLosslessNumber(a) && isLosslessNumber(b)) return sameNumber(a, b);
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((element, index) => isEqual(element, b[index], sameNumber));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isEqual(a[name], b[name], sameNumber))
  );
}

/** Elements that a server writes by itself: they don't tell whose version it is. */
const serversOwn: ReadonlySet<string> = new Set(['id', 'meta', 'text']);

function essence(resource: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(resource).filter(([name, value]) => !serversOwn.has(name) || (name === 'text' && isOwnText(value))),
  );
}

/** A narrative that says more than the elements is a part of the content (R4 narrative.html#status). */
export function isOwnText(text: Json | undefined): boolean {
  return isObject(text) && text.status === 'additional';
}

/** True where two versions say the same, whatever a server adds to them by itself. */
export function saysTheSame(a: JsonObject, b: JsonObject): boolean {
  return !isUnclear(a) && !isUnclear(b) && isEquivalent(essence(a), essence(b));
}

/** The resource under an id and with the `meta` of a version; without a version it has none of a server's. */
export function placed(resource: JsonObject, id: string, version: JsonObject | null): JsonObject {
  const meta = { ...unversioned(resource), ...versionOf(version) };
  const { resourceType, id: _id, meta: _meta, ...rest } = resource;
  return { resourceType, id, ...(Object.keys(meta).length > 0 && { meta }), ...rest };
}

/** The resource as it is sent: the server says its version and time, and the id of what it creates. */
export function forSending(resource: JsonObject, create: boolean): JsonObject {
  const meta = unversioned(resource);
  const { resourceType, id, meta: _meta, ...rest } = resource;
  return { resourceType, ...(!create && { id }), ...(Object.keys(meta).length > 0 && { meta }), ...rest };
}

/** The server left elements out (R4 search.html#summary, tag `SUBSETTED`). */
export function isPartial(resource: JsonObject): boolean {
  const tags = isObject(resource.meta) ? resource.meta.tag : undefined;
  return Array.isArray(tags) && tags.some((tag: Json) => isObject(tag) && tag.code === 'SUBSETTED');
}

function unversioned(resource: JsonObject): JsonObject {
  if (!isObject(resource.meta)) return {};
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...meta } = resource.meta;
  return meta;
}

function versionOf(version: JsonObject | null): JsonObject {
  if (!isObject(version?.meta)) return {};
  const { versionId, lastUpdated } = version.meta;
  return { ...(versionId !== undefined && { versionId }), ...(lastUpdated !== undefined && { lastUpdated }) };
}

/** FHIR's way to put a UUID into an Identifier (R4 datatypes.html#Identifier). */
const UUID_SYSTEM = 'urn:ietf:rfc:3986';

/** `system|value` by which a server finds what was created here. */
export function identifierToken(id: string): string {
  return `${UUID_SYSTEM}|urn:uuid:${id}`;
}

/** Search parameter by which a server finds what was created here: a Provenance has no identifier, but a tag. */
export function knownBy(type: string): 'identifier' | '_tag' {
  return type === 'Provenance' ? '_tag' : 'identifier';
}

/** The resource with the client's identifier, by which a repeated create is known again. */
export function identified(resource: JsonObject, id: string): JsonObject {
  if (knownBy(String(resource.resourceType)) === '_tag') return tagged(resource, id);
  const own: JsonObject = { system: UUID_SYSTEM, value: `urn:uuid:${id}` };
  // The one type that is written here and has room for one only.
  if (resource.resourceType === 'QuestionnaireResponse') return { ...resource, identifier: own };
  const identifiers = Array.isArray(resource.identifier) ? (resource.identifier as readonly Json[]) : [];
  if (identifiers.some((one) => isIdentical(one, own))) return resource;
  return { ...resource, identifier: [...identifiers, own] };
}

function tagged(resource: JsonObject, id: string): JsonObject {
  const meta = isObject(resource.meta) ? resource.meta : {};
  const tags = Array.isArray(meta.tag) ? (meta.tag as readonly Json[]) : [];
  const own: JsonObject = { system: UUID_SYSTEM, code: `urn:uuid:${id}` };
  return tags.some((one) => isIdentical(one, own)) ? resource : { ...resource, meta: { ...meta, tag: [...tags, own] } };
}

/** UUIDs of the client's identifiers that a resource carries. */
export function identifiersOf(resource: unknown): string[] {
  const found = (resource as { identifier?: unknown } | null)?.identifier;
  const identifiers = (Array.isArray(found) ? found : [found]) as readonly ({
    system?: unknown;
    value?: unknown;
  } | null)[];
  return identifiers.flatMap((one) =>
    one?.system === UUID_SYSTEM && typeof one.value === 'string' && one.value.startsWith('urn:uuid:')
      ? [one.value.slice('urn:uuid:'.length)]
      : [],
  );
}

/** The value with each literal reference replaced that `change` has another text for (references.html#literal). */
export function withReferences(value: JsonObject, change: (reference: string) => string | undefined): JsonObject {
  return rewrite(value, change, 0) as JsonObject;
}

function rewrite(value: Json, change: (reference: string) => string | undefined, depth: number): Json {
  if (depth > DEPTH_MAX) return value;
  if (Array.isArray(value)) return value.map((element: Json) => rewrite(element, change, depth + 1));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const isReference = typeof member === 'string' && (name === 'reference' || name === 'url');
      if (isReference) return [name, change(member) ?? member];
      return [name, member === undefined ? member : rewrite(member, change, depth + 1)];
    }),
  );
}

const UUID_REFERENCE = /^(?:urn:uuid:|[A-Z][A-Za-z]{1,63}\/)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** References that may be to what was created here: by a UUID. */
export function uuidReferences(resource: JsonObject): string[] {
  const found = new Set<string>();
  withReferences(resource, (reference) => {
    if (UUID_REFERENCE.test(reference)) found.add(reference);
    return undefined;
  });
  return [...found];
}
