/*
 * A FHIR search as it is asked (R4 search.html): the parts of its query string, without knowing any parameter.
 */

export type SearchErrorCode =
  | 'unknown-type'
  | 'unknown-parameter'
  | 'unsupported-modifier'
  | 'unsupported-sort'
  | 'bad-value'
  | 'unknown-value-set'
  | 'bad-page';

/** A search that can't be answered. It names the parameter, and never what was searched for. */
export class SearchError extends Error {
  readonly code: SearchErrorCode;
  readonly parameter: string;
  constructor(code: SearchErrorCode, parameter: string) {
    super(code);
    this.name = 'SearchError';
    this.code = code;
    this.parameter = parameter;
  }
}

/** `name=value`, not split yet. */
export interface Criterion {
  readonly name: string;
  readonly value: string;
}

export interface SortRule {
  readonly code: string;
  readonly descending: boolean;
}

export interface IncludeRule {
  readonly reverse: boolean;
  readonly iterate: boolean;
  readonly type: string;
  /** `*` for every reference parameter of the type. */
  readonly code: string;
  readonly target: string | null;
}

export interface Request {
  readonly criteria: readonly Criterion[];
  readonly sort: readonly SortRule[];
  readonly count: number;
  readonly total: boolean;
  /** Only the number of matches is wanted. */
  readonly onlyCount: boolean;
  readonly includes: readonly IncludeRule[];
  /** Parameters that were understood and have no effect here. */
  readonly ignored: readonly string[];
}

export const COUNT_DEFAULT = 50;
export const COUNT_MAX = 1_000;
const CRITERIA_MAX = 50;

/** They steer the form of a server's answer, of which there is only one here. */
const formOnly = new Set(['_format', '_pretty', '_elements', '_contained', '_containedType']);

/** Reads the query string of a search. Throws a SearchError. */
export function readRequest(query: string): Request {
  const criteria: Criterion[] = [];
  const sort: SortRule[] = [];
  const includes: IncludeRule[] = [];
  const ignored: string[] = [];
  const steering = { count: COUNT_DEFAULT, total: false, onlyCount: false };
  for (const [name, value] of new URLSearchParams(query)) {
    const base = name.split(':', 1)[0] ?? '';
    if (formOnly.has(base)) ignored.push(base);
    else if (base === '_include' || base === '_revinclude') includes.push(readInclude(base, name, value));
    else if (base === '_sort') sort.push(...readSort(name, value));
    else if (!steer(steering, name, value)) criteria.push({ name, value });
  }
  if (criteria.length > CRITERIA_MAX) throw new SearchError('bad-value', criteria[CRITERIA_MAX]?.name ?? '');
  // A page of none is the number alone (R4 search.html#count).
  const onlyCount = steering.onlyCount || steering.count === 0;
  return { criteria, sort, includes, ignored, ...steering, onlyCount, total: steering.total || onlyCount };
}

function steer(to: { count: number; total: boolean; onlyCount: boolean }, name: string, value: string): boolean {
  if (name === '_count') to.count = readCount(value);
  else if (name === '_total') to.total = oneOf(name, value, ['none', 'estimate', 'accurate']) !== 'none';
  else if (name === '_summary') {
    to.onlyCount = oneOf(name, value, ['count', 'false', 'true', 'text', 'data']) === 'count';
  } else return false;
  return true;
}

function oneOf(name: string, value: string, known: readonly string[]): string {
  if (!known.includes(value)) throw new SearchError('bad-value', name);
  return value;
}

function readCount(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new SearchError('bad-value', '_count');
  return Math.min(Number(value), COUNT_MAX);
}

/** Which way is said by `-` alone: DSTU2 had a modifier for it. */
function readSort(name: string, value: string): SortRule[] {
  if (name !== '_sort') throw new SearchError('unsupported-modifier', '_sort');
  return value
    .split(',')
    .filter((part) => part !== '')
    .map((part) => ({ code: part.replace(/^-/, ''), descending: part.startsWith('-') }));
}

function readInclude(base: string, name: string, value: string): IncludeRule {
  const modifier = name.slice(base.length + 1);
  if (modifier !== '' && modifier !== 'iterate') throw new SearchError('unsupported-modifier', base);
  const [type = '', code = '', target] = value.split(':');
  if (type === '' || code === '') throw new SearchError('bad-value', base);
  return { reverse: base === '_revinclude', iterate: modifier === 'iterate', type, code, target: target ?? null };
}

/** Splits at a separator that no backslash precedes (R4 search.html#escaping). */
export function splitEscaped(text: string, separator: ',' | '|' | '$'): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === separator) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

/** More would be expressions, and walks, of which SQLite has bounds. */
export const ALTERNATIVES_MAX = 200;

/** The values of a parameter, any of which is enough, where each is asked for by itself. */
export function alternativesOf(name: string, value: string): string[] {
  const parts = splitEscaped(value, ',');
  if (parts.length > ALTERNATIVES_MAX) throw new SearchError('bad-value', name);
  return parts;
}

/** The text without its backslashes. */
export function unescaped(text: string): string {
  return text.replace(/\\([\\,|$])/g, '$1');
}
