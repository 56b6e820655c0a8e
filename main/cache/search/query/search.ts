import type { Result } from '../../../../preload/contract/channel.ts';
import type { ReadDb } from '../../open.ts';
import { compileCriteria } from './compile.ts';
import { type Context, patientNumbers } from './filter.ts';
import { includedRecords } from './include.ts';
import { readMark, writeMark } from './page.ts';
import { type Criterion, readRequest, SearchError, type SearchErrorCode } from './request.ts';
import { countAll, type Hit, runSearch } from './run.ts';
import { type Snippet, snippetOf, wordsOf } from './snippet.ts';
import { sortKeys } from './sort.ts';
import { among, piece } from './sql.ts';

export interface SearchArgs {
  /** Resource type. */
  readonly type: string;
  /** A FHIR search as in a URL, after the question mark. */
  readonly query: string;
  /** Ids of the patients whose records may be found; those of no patient always may. Absent: all. */
  readonly patients?: readonly string[];
  /** `next` of the page before, with the same type and query. */
  readonly page?: string;
}

export interface SearchEntry {
  readonly type: string;
  readonly id: string;
  readonly mode: 'match' | 'include';
  /** The resource as the server wrote it. */
  readonly body: string;
  /** Where `_content` or `_text` was asked for. */
  readonly snippet?: Snippet;
}

export interface SearchAnswer {
  /** Where `_total` or `_summary=count` was asked for. */
  readonly total?: number;
  readonly entries: readonly SearchEntry[];
  readonly next: string | null;
  /** Parameters that had no effect, and `includes-cut` where a page brought too much along. */
  readonly warnings: readonly string[];
}

/** `detail` is the parameter's name, never its value. */
export type SearchResult = Result<SearchAnswer, SearchErrorCode>;

const TYPE = /^[A-Z][A-Za-z]{1,63}$/;

/**
 * Answers a FHIR search (R4 search.html) from the cache. What is supported stands in docs/search.md; anything else is
 * refused by name, and never answered as if it hadn't been asked.
 */
export function search(db: ReadDb, args: SearchArgs, now: number): SearchResult {
  try {
    return { ok: true, value: answer(db, args, now) };
  } catch (error) {
    if (!(error instanceof SearchError)) throw error;
    return { ok: false, error: { code: error.code, detail: error.parameter } };
  }
}

function answer(db: ReadDb, { type, query, patients, page }: SearchArgs, now: number): SearchAnswer {
  if (!TYPE.test(type)) throw new SearchError('unknown-type', 'type');
  const request = readRequest(query);
  const context: Context = { db, type, now, level: 0, scope: scopeOf(db, patients) };
  const filters = compileCriteria(context, request.criteria);
  const total = request.total ? { total: countAll(context, filters) } : {};
  const warnings = [...request.ignored];
  if (request.onlyCount || request.count === 0) return { ...total, entries: [], next: null, warnings };
  const mark = page === undefined ? null : readMark(page);
  const { hits, next } = runSearch(context, filters, sortKeys(db, type, request.sort), request.count, mark);
  const matches = hits.map((hit) => ({ ...hit, type }));
  const { records, cut } = includedRecords(context, request.includes, matches);
  if (cut) warnings.push('includes-cut');
  const words = wordsAsked(request.criteria);
  return {
    ...total,
    entries: [
      ...hits.map((hit) => matchEntry(type, hit, words)),
      ...records.map((record) => ({ type: record.type, id: record.id, mode: 'include' as const, body: record.body })),
    ],
    next: next && writeMark(next),
    warnings,
  };
}

function scopeOf(db: ReadDb, patients: readonly string[] | undefined): Context['scope'] {
  if (patients === undefined) return () => piece('1');
  const numbers = patients.length === 0 ? [] : patientNumbers(db, patients);
  return (patient) => {
    const own = among(patient, numbers);
    return piece(`(${patient} = 0 OR ${own.text})`, ...own.args);
  };
}

interface WordsAsked {
  readonly words: readonly string[];
  readonly narrative: boolean;
}

function wordsAsked(criteria: readonly Criterion[]): WordsAsked | null {
  const asked = criteria.filter(({ name }) => name === '_content' || name === '_text');
  if (asked.length === 0) return null;
  return {
    words: asked.flatMap(({ value }) => wordsOf(value)),
    narrative: asked.every(({ name }) => name === '_text'),
  };
}

function matchEntry(type: string, { id, body }: Hit, asked: WordsAsked | null): SearchEntry {
  const snippet = asked && snippetOf(type, JSON.parse(body), asked.words, asked.narrative);
  return { type, id, mode: 'match', body, ...(snippet ? { snippet } : {}) };
}
