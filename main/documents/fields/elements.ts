import { isLosslessNumber } from 'lossless-json';

/*
 * Where the marked elements of a resource are, and how one is taken out of it and put back. Pure, and shared with the
 * cache, which masks the same elements in what it stores. Resources are read by lossless-json.
 */

export type JsonObject = Record<string, unknown>;

/** Elements that policy marks: of a type, by their path, where the record has a label. */
export interface Mark {
  readonly type: string;
  readonly path: string;
  readonly label: string | null;
  /** Equal values may be found. */
  readonly blindIndex?: boolean;
}

/** An element in its resource: a member, or one of a member that is a list. */
export interface Place {
  readonly owner: JsonObject;
  readonly name: string;
  readonly index: number | null;
  /** Names of elements from the resource on, without places in lists: `note.text`. */
  readonly path: string;
  /** The same with them: `note[1].text`. */
  readonly at: string;
}

/** All that an element says: of a primitive also what stands in `_name` (R4 json.html#primitive). */
export interface Content {
  readonly value?: unknown;
  readonly extra?: unknown;
}

const BASE = 'https://wardlight.org/fhir/StructureDefinition';
/** Extension that holds an element as JWE, in base64. */
export const SEALED = `${BASE}/sealed`;
/** Extension that holds an element as the cache keeps it; it is never sent. */
export const KEPT = `${BASE}/kept`;
/** Extension with a keyed hash of what is sealed beside it. */
const BLIND = `${BASE}/blind-index`;
const ABSENT = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/** Elements of a choice of types that chart records have (R4 formats.html#choice): a path names all types of one. */
const CHOICES =
  /^(abatement|age|asNeeded|born|deceased|doseNumber|effective|medication|multipleBirth|occurrence|onset|performed|reported|value)[A-Z]/;

/** Members without which R4's schema has no element of that name, so that they stay as masked ones. */
const NEEDED: Readonly<Record<string, string>> = { component: 'code', content: 'attachment' };

const DEPTH_MAX = 100;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The marks that hold for a resource, outer elements before those that are in them. */
export function marksOf<One extends Mark>(marks: readonly One[], resource: JsonObject): One[] {
  const ofType = marks.filter(({ type }) => type === resource['resourceType']);
  ofType.sort((a, b) => a.path.length - b.path.length);
  if (ofType.every(({ label }) => label === null)) return ofType;
  const labels = securityOf(resource).map(({ system, code }) => [String(code), `${String(system)}|${String(code)}`]);
  return ofType.filter(({ label }) => label === null || labels.some((names) => names.includes(label)));
}

export function securityOf(resource: JsonObject): JsonObject[] {
  const meta = resource['meta'];
  return isObject(meta) ? listOf(meta['security']).filter(isObject) : [];
}

/** The elements at a path that say something, lists gone through; not what an element is in that is masked already. */
export function placesAt(resource: JsonObject, path: string): Place[] {
  return walk({ owner: resource, path: '', at: '' }, path.split('.'));
}

type Here = Pick<Place, 'owner' | 'path' | 'at'>;

function walk(here: Here, [head = '', ...rest]: readonly string[]): Place[] {
  return namesLike(here.owner, head).flatMap((name) => {
    const places = placesOf(here, name);
    if (rest.length === 0) return places.filter((place) => isSaid(contentOf(place)));
    return places.flatMap((place) => {
      const { value } = contentOf(place);
      const isMasked = [SEALED, KEPT].some((url) => carriedIn(value, url) !== undefined);
      return isObject(value) && !isMasked ? walk({ owner: value, path: place.path, at: place.at }, rest) : [];
    });
  });
}

/** Names of the members that a segment means, `_name` as `name`. A digest tells of the data beside it, and goes with it. */
function namesLike(owner: JsonObject, segment: string): string[] {
  const names = new Set(Object.keys(owner).map((name) => (name.startsWith('_') ? name.slice(1) : name)));
  const withData = segment === 'data' ? 'hash' : undefined;
  return [...names].filter((name) => name === segment || name === withData || CHOICES.exec(name)?.[1] === segment);
}

function placesOf({ owner, path, at }: Here, name: string): Place[] {
  const dot = path === '' ? '' : '.';
  const place = { owner, name, path: `${path}${dot}${name}` };
  const [values, extras] = [owner[name], owner[`_${name}`]];
  if (!Array.isArray(values) && !Array.isArray(extras)) return [{ ...place, index: null, at: `${at}${dot}${name}` }];
  const length = Math.max(listOf(values).length, listOf(extras).length);
  return Array.from({ length }, (_, index) => ({ ...place, index, at: `${at}${dot}${name}[${index}]` }));
}

function member(owner: JsonObject, name: string, index: number | null): unknown {
  const value = owner[name];
  return index === null ? value : listOf(value)[index];
}

export function contentOf({ owner, name, index }: Place): Content {
  const [value, extra] = [member(owner, name, index), member(owner, `_${name}`, index)];
  return {
    ...(value !== undefined && value !== null && { value }),
    ...(extra !== undefined && extra !== null && { extra }),
  };
}

function isSaid({ value, extra }: Content): boolean {
  return value !== undefined || extra !== undefined;
}

/**
 * What stands in an extension of ours, of an element that is masked by it; undefined where it isn't. A primitive that has
 * a value again was written anew by somebody, whatever stands beside it.
 */
export function maskedBy({ value, extra }: Content, url: string): string | undefined {
  return carriedIn(value === undefined ? extra : value, url);
}

/** All that an element says, without what was sealed of it before it was written anew. */
export function newestOf({ value, extra }: Content): Content {
  return value === undefined || carriedIn(extra, SEALED) === undefined
    ? { ...(value !== undefined && { value }), ...(extra !== undefined && { extra }) }
    : { value };
}

export function carriedIn(element: unknown, url: string): string | undefined {
  if (!isObject(element)) return undefined;
  const found = listOf(element['extension']).find((one) => isObject(one) && one['url'] === url) as
    | JsonObject
    | undefined;
  const value = found?.['valueBase64Binary'];
  return typeof value === 'string' ? value : undefined;
}

/** The keyed hash beside what is sealed; undefined where there is none. */
export function blindIn({ value, extra }: Content): string | undefined {
  const element = value === undefined ? extra : value;
  const extensions = isObject(element) ? listOf(element['extension']) : [];
  const found = extensions.find((one) => isObject(one) && one['url'] === BLIND) as JsonObject | undefined;
  const hash = found?.['valueString'];
  return typeof hash === 'string' ? hash : undefined;
}

export function extension(url: string, carried: string): JsonObject {
  return { url, valueBase64Binary: carried };
}

const absent = (): JsonObject => ({ url: ABSENT, valueCode: 'masked' });

/** Puts an extension of ours in the place of an element, beside the reason why that is absent. */
export function mask(place: Place, url: string, carried: string, blind: string | null = null): void {
  const hash = blind === null ? [] : [{ url: BLIND, valueString: blind }];
  const masked: JsonObject = { extension: [absent(), extension(url, carried), ...hash] };
  if (isObject(contentOf(place).value)) {
    const needed = NEEDED[place.name];
    put(place, { value: { ...masked, ...(needed !== undefined && { [needed]: { extension: [absent()] } }) } });
  } else put(place, { extra: masked });
}

/** Puts an element in its place: the reverse of `mask`. */
export function put({ owner, name, index }: Place, { value, extra }: Content): void {
  if (index === null) {
    set(owner, name, value);
    set(owner, `_${name}`, extra);
    return;
  }
  const other = { values: [...listOf(owner[name])], extras: [...listOf(owner[`_${name}`])] };
  const length = Math.max(other.values.length, other.extras.length);
  const filled = (list: readonly unknown[], own: unknown) =>
    Array.from({ length }, (_, at) => (at === index ? own : list[at]) ?? null);
  set(owner, name, saying(filled(other.values, value)));
  set(owner, `_${name}`, saying(filled(other.extras, extra)));
}

/** A list in which nothing is said is none (R4 json.html#null). */
function saying(list: readonly unknown[]): readonly unknown[] | undefined {
  return list.every((one) => one === null) ? undefined : list;
}

export function set(owner: JsonObject, name: string, value: unknown): void {
  if (value === undefined) delete owner[name];
  else owner[name] = value;
}

/** All elements of a resource that are masked by an extension of ours. */
export function placesMasked(resource: JsonObject, url: string): Place[] {
  return search({ owner: resource, path: '', at: '' }, url, 0);
}

function search(here: Here, url: string, depth: number): Place[] {
  if (depth > DEPTH_MAX) return [];
  const names = new Set(Object.keys(here.owner).map((name) => (name.startsWith('_') ? name.slice(1) : name)));
  return [...names].flatMap((name) =>
    placesOf(here, name).flatMap((place) => {
      const content = contentOf(place);
      if (maskedBy(content, url) !== undefined) return [place];
      const { value } = content;
      return isObject(value) ? search({ owner: value, path: place.path, at: place.at }, url, depth + 1) : [];
    }),
  );
}
