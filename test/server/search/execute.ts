import { badRequest } from '../fhir/reply.ts';
import type { Repository, Version } from '../store/store.ts';
import { compileFilter, type Filter } from './filter.ts';
import { parameterOf } from './parameters.ts';
import type { SearchRequest } from './request.ts';
import { dateRange, fold } from './values.ts';

type Key = string | number | null;

interface Ranked {
  version: Version;
  keys: Key[];
}

export interface SearchResult {
  matches: Version[];
  total: number;
  /** Parameter by which the next page is asked for; undefined on the last. */
  next: ['_cursor' | '_offset', string] | undefined;
  /** Names of parameters that no searched type has; left out of the self link. */
  ignored: string[];
}

function filtersFor(store: Repository, type: string, request: SearchRequest, ignored: Set<string>): Filter[] {
  return request.filters.flatMap(([name, value]) => {
    const filter = compileFilter(store, type, name, value);
    if (filter) return [filter];
    if (request.strict) throw badRequest(`${type} has no search parameter "${name}"`);
    ignored.add(name);
    return [];
  });
}

/** Every current resource of the types that passes all filters. */
export function findAll(
  store: Repository,
  request: SearchRequest,
  within: ((type: string) => Version[]) | undefined,
): { found: Version[]; ignored: string[] } {
  const ignored = new Set<string>();
  const found = request.types.flatMap((type) => {
    const filters = filtersFor(store, type, request, ignored);
    const indexed = filters.find((filter) => filter.candidates);
    const start = within?.(type) ?? indexed?.candidates?.() ?? store.all(type);
    return start.filter((version) => filters.every((filter) => filter.test(version)));
  });
  return { found, ignored: [...ignored] };
}

/** What a resource sorts by: its least value ascending, its greatest descending (FHIR R4 search.html#sort). */
function sortKey(store: Repository, version: Version, code: string, descending: boolean): Key {
  if (code === '_lastUpdated') return version.sequence;
  if (code === '_id') return version.id;
  const parameter = parameterOf(version.type, code);
  if (!parameter) return null;
  const keys = parameter.extract(store.parsed(version)).flatMap((element) => elementKey(element, descending) ?? []);
  if (keys.length === 0) return null;
  return keys.reduce((best, key) => (key < best === descending ? best : key));
}

function elementKey(element: unknown, descending: boolean): string | number | undefined {
  if (typeof element === 'number') return element;
  if (typeof element === 'string') return dateRange(element)?.low ?? fold(element);
  if (typeof element === 'boolean') return String(element);
  const value = element as Record<string, unknown>;
  const date = [value['start'], value['end']][descending && value['end'] ? 1 : 0] ?? value['start'];
  if (typeof date === 'string') return dateRange(date)?.low;
  if (typeof value['value'] === 'number') return value['value'];
  const coding = (value['coding'] as { code?: string }[] | undefined)?.[0];
  const name = [value['family'], (value['given'] as string[] | undefined)?.join(' ')].filter(Boolean).join(' ');
  const text = name || coding?.code || value['code'] || value['value'] || value['reference'] || value['text'];
  return typeof text === 'string' ? fold(text) : undefined;
}

function compareKeys(a: Key, b: Key, descending: boolean): number {
  if (a === b) return 0;
  // Resources without the value come last either way.
  if (a === null) return 1;
  if (b === null) return -1;
  const mixed = typeof a !== typeof b;
  const less = mixed ? String(a) < String(b) : a < b;
  return less === descending ? 1 : -1;
}

/** Ties, and searches without `_sort`, go by first write: an order that no later write disturbs. */
function comparator(sort: SearchRequest['sort']): (a: Key[], b: Key[]) => number {
  return (a, b) => {
    for (const [i, rule] of sort.entries()) {
      const order = compareKeys(a[i] ?? null, b[i] ?? null, rule.descending);
      if (order !== 0) return order;
    }
    return (a.at(-1) as number) - (b.at(-1) as number);
  };
}

const encodeCursor = (keys: Key[]) => Buffer.from(JSON.stringify(keys)).toString('base64url');

export function decodeCursor(text: string, length: number): Key[] {
  try {
    const keys = JSON.parse(Buffer.from(text, 'base64url').toString()) as Key[];
    if (Array.isArray(keys) && keys.length === length) return keys;
  } catch {
    // Falls through: any malformed cursor is the same error.
  }
  throw badRequest('the page cursor is not valid');
}

/** Searches that a server which pages by offset answers by cursor all the same: Medplum's rule. */
function hasCursors({ sort, count }: SearchRequest): boolean {
  return count >= 20 && sort.length === 1 && sort[0]?.code === '_lastUpdated' && !sort[0].descending;
}

/**
 * One page of a search. The cursor holds the sort keys of the page's last resource, not an offset, so that writes
 * between two pages neither repeat nor skip a resource that they don't touch.
 */
export function search(
  store: Repository,
  request: SearchRequest,
  within?: (type: string) => Version[],
  offsetLimit: number | null = null,
): SearchResult {
  const { found, ignored } = findAll(store, request, within);
  if (request.count === 0 || request.summary === 'count') {
    return { matches: [], total: found.length, next: undefined, ignored };
  }
  for (const { code } of request.sort) {
    const known = code.startsWith('_') || request.types.some((type) => parameterOf(type, code));
    if (!known && request.strict) throw badRequest(`nothing can be sorted by "${code}"`);
  }
  const compare = comparator(request.sort);
  let ranked: Ranked[] = found.map((version) => ({
    version,
    keys: [...request.sort.map((rule) => sortKey(store, version, rule.code, rule.descending)), version.created],
  }));
  ranked.sort((a, b) => compare(a.keys, b.keys));
  if (offsetLimit !== null && !hasCursors(request)) {
    const end = request.offset + request.count;
    if (request.offset > offsetLimit) throw badRequest(`the offset ${request.offset} is past ${offsetLimit}`);
    const matches = ranked.slice(request.offset, end).map((item) => item.version);
    return { matches, total: found.length, next: ranked.length > end ? ['_offset', String(end)] : undefined, ignored };
  }
  if (request.cursor) {
    const after = decodeCursor(request.cursor, request.sort.length + 1);
    ranked = ranked.filter((item) => compare(item.keys, after) > 0);
  }
  const page = ranked.slice(0, request.count);
  const last = page.at(-1);
  return {
    matches: page.map((item) => item.version),
    total: found.length,
    next: last && ranked.length > page.length ? ['_cursor', encodeCursor(last.keys)] : undefined,
    ignored,
  };
}
