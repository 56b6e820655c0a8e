import type { Result } from '../../../../preload/contract/channel.ts';
import type { ReadDb } from '../../open.ts';
import { type Labelled, needCurrent, type SearchSight } from '../../sight.ts';
import { compileCriteria } from './compile.ts';
import { type Context, patientNumbers, type Scope } from './filter.ts';
import { includedRecords } from './include.ts';
import { readMark, writeMark } from './page.ts';
import { type Criterion, readRequest, SearchError, type SearchErrorCode } from './request.ts';
import { countAll, type Hit, runSearch } from './run.ts';
import { type Phrase, type Snippet, snippetOf, wordsOf } from './snippet.ts';
import { sortKeys } from './sort.ts';
import { ALWAYS, among, and, NEVER, or, piece, type Sql } from './sql.ts';

export interface SearchArgs {
  /** Resource type. */
  readonly type: string;
  /** A FHIR search as in a URL, after the question mark. */
  readonly query: string;
  /** What may be found, looked at and counted; null for all, where the answer is shown to nobody. */
  readonly sight: SearchSight | null;
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
  /** Where `_total`, `_summary=count` or `_count=0` was asked for. */
  readonly total?: number;
  readonly entries: readonly SearchEntry[];
  readonly next: string | null;
  /** Types whose records decide what is found, and those of what was brought along. */
  readonly types: readonly string[];
  readonly brought: readonly string[];
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

function answer(db: ReadDb, { type, query, sight, page }: SearchArgs, now: number): SearchAnswer {
  if (!TYPE.test(type)) throw new SearchError('unknown-type', 'type');
  const request = readRequest(query);
  const allowed = scopeOf(db, sight);
  const looked = new Set([type]);
  const scope: Scope = (of, ...where) => {
    looked.add(of);
    return allowed(of, ...where);
  };
  const context: Context = { db, type, now, level: 0, scope };
  const filters = compileCriteria(context, request.criteria);
  const total = request.total ? { total: countAll(context, filters) } : {};
  const warnings = [...request.ignored];
  if (request.onlyCount) return { ...total, entries: [], next: null, types: [...looked], brought: [], warnings };
  const mark = page === undefined ? null : readMark(page);
  const { hits, next } = runSearch(context, filters, sortKeys(db, type, request.sort), request.count, mark);
  const matches = hits.map((hit) => ({ ...hit, type }));
  const types = [...looked];
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
    types,
    brought: [...looked].filter((one) => !types.includes(one)),
    warnings,
  };
}

function scopeOf(db: ReadDb, sight: SearchSight | null): Scope {
  if (sight === null) return () => ALWAYS;
  needCurrent(db, sight);
  const groups = sight.patients.map(({ ids, shown }) => ({ numbers: patientNumbers(db, ids), shown }));
  return (type, patient, rid) =>
    or([
      both(piece(`${patient} = 0`), shownOf(sight.shared, type, rid)),
      ...groups.map(({ numbers, shown }) => both(among(patient, numbers), shownOf(shown, type, rid))),
    ]);
}

function both(one: Sql, other: Sql): Sql {
  return [one, other].some(({ text }) => text === NEVER.text) ? NEVER : and([one, other]);
}

/** Records of a type that are shown. Few have labels: those are listed once for each query, not looked up for each record. */
function shownOf({ types, labels }: Labelled, type: string, rid: string): Sql {
  const listed = 'SELECT l.rid FROM resource l WHERE l.label <> 0 AND l.label';
  const known = '(SELECT value FROM json_each(?))';
  if (types.includes(type)) return piece(`${rid} NOT IN (${listed} NOT IN ${known})`, JSON.stringify(labels));
  return labels.length === 0 ? NEVER : piece(`${rid} IN (${listed} IN ${known})`, JSON.stringify(labels));
}

interface WordsAsked {
  readonly words: readonly Phrase[];
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
