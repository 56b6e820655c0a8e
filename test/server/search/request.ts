import { badRequest } from '../fhir/reply.ts';

/** A search as asked: FHIR R4 search.html. */
export interface SearchRequest {
  types: string[];
  /** `name=value` pairs that restrict the result. */
  filters: [string, string][];
  sort: { code: string; descending: boolean }[];
  count: number;
  cursor: string | undefined;
  /** Of servers that page so. */
  offset: number;
  includes: IncludeRule[];
  elements: string[] | undefined;
  summary: 'true' | 'text' | 'data' | 'count' | undefined;
  total: boolean;
  strict: boolean;
}

export interface IncludeRule {
  reverse: boolean;
  iterate: boolean;
  type: string;
  code: string;
  target: string | undefined;
}

export const MAX_COUNT = 1000;
export const DEFAULT_COUNT = 50;

export function parseCount(text: string | null | undefined): number {
  if (text === null || text === undefined || text === '') return DEFAULT_COUNT;
  if (!/^\d+$/.test(text)) throw badRequest(`_count=${text} is not a whole number`);
  return Math.min(Number(text), MAX_COUNT);
}

function includeRule(name: string, value: string): IncludeRule {
  const [type = '', code = '', target] = value.split(':');
  if (!code && type !== '*') throw badRequest(`${name}=${value} names no search parameter`);
  return {
    reverse: name.startsWith('_revinclude'),
    iterate: name.endsWith(':iterate') || name.endsWith(':recurse'),
    type,
    code: type === '*' ? '*' : code,
    target,
  };
}

/** Parameters that steer the answer's form or are agreed on elsewhere; they filter nothing. */
const CONTROL = new Set(['_format', '_pretty', '_contained', '_containedType', '_cursor', '_offset']);

export function parseSearch(types: string[], params: URLSearchParams, strict: boolean): SearchRequest {
  const request: SearchRequest = {
    types,
    filters: [],
    sort: [],
    count: parseCount(params.get('_count')),
    cursor: params.get('_cursor') ?? undefined,
    offset: Number(params.get('_offset') ?? 0),
    includes: [],
    elements: undefined,
    summary: undefined,
    total: true,
    strict,
  };
  for (const [name, value] of params) {
    const [base] = name.split(':');
    if (base === '_include' || base === '_revinclude') request.includes.push(includeRule(name, value));
    else if (name === '_sort') {
      for (const part of value.split(',').filter(Boolean)) {
        request.sort.push({ code: part.replace(/^-/, ''), descending: part.startsWith('-') });
      }
    } else if (name === '_elements') request.elements = value.split(',').filter(Boolean);
    else if (name === '_total') request.total = value !== 'none';
    else if (name === '_summary') {
      if (!/^(true|text|data|count|false)$/.test(value)) throw badRequest(`_summary=${value} is not a summary`);
      request.summary = value === 'false' ? undefined : (value as 'true' | 'text' | 'data' | 'count');
    } else if (name !== '_count' && name !== '_type' && !CONTROL.has(name)) request.filters.push([name, value]);
  }
  return request;
}
