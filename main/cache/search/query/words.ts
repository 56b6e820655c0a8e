import { attachmentParameter } from '../extract.ts';
import { type Alternative, type Context, type Filter, parameterNumber, typeNumber } from './filter.ts';
import { alternativesOf, SearchError, unescaped } from './request.ts';
import { or, piece } from './sql.ts';

const TERMS_MAX = 32;
/** Words are rarer than codes. */
const WORDS_EXPECTED = 500;
const TERM = /(-?)"([^"]*)"?|(-?)([^\s"]+)/g;

/**
 * A search for words in FTS5's language, every word quoted so that nothing of it is taken for an operator: words are
 * joined by "and", `OR` between two makes either enough, `-word` or `NOT word` must not occur, `"…"` is a phrase, and
 * `word*` a beginning. Commas are "or" (R4 search.html#combining).
 */
export function matchExpression(name: string, value: string): string {
  const either = alternativesOf(name, value).map((part) => expressionOf(name, unescaped(part)));
  return either.map((one) => `(${one})`).join(' OR ');
}

function expressionOf(name: string, text: string): string {
  const wanted: string[][] = [];
  const unwanted: string[] = [];
  let join: 'and' | 'or' | 'not' = 'and';
  for (const [whole, minus, phrase, dash, word] of text.matchAll(TERM)) {
    if (whole === 'AND') continue;
    if (whole === 'OR' || whole === 'NOT') {
      join = whole === 'OR' ? 'or' : 'not';
      continue;
    }
    const term = quoted(phrase ?? word ?? '');
    if (term === null) continue;
    if (join === 'not' || minus === '-' || dash === '-') unwanted.push(term);
    else if (join === 'or' && wanted.length > 0) wanted.at(-1)?.push(term);
    else wanted.push([term]);
    join = 'and';
  }
  if (wanted.length === 0 || wanted.length + unwanted.length > TERMS_MAX) throw new SearchError('bad-value', name);
  const all = wanted.map((terms) => `(${terms.join(' OR ')})`).join(' AND ');
  return unwanted.length === 0 ? all : `(${all}) NOT (${unwanted.join(' OR ')})`;
}

function quoted(term: string): string | null {
  const beginning = term.endsWith('*');
  // FTS5 reads its language up to a NUL; other control characters separate words anyway.
  const text = term.replace(/[*"\p{Cc}]/gu, ' ').trim();
  return /[\p{L}\p{N}]/u.test(text) ? `"${text}"${beginning ? '*' : ''}` : null;
}

/** `_text` looks at narratives, `_content` at everything that was written (R4 search.html#content). */
export function wordsFilter(context: Context, name: '_text' | '_content', value: string): Filter {
  const expression = matchExpression(name, value);
  const match = name === '_text' ? `narrative : (${expression})` : expression;
  const attached = name === '_content' ? parameterNumber(context.db, attachmentParameter(context.type)) : -1;
  const own = (rid: string) =>
    piece(`${rid} IN (SELECT w.rowid FROM search_text w WHERE w.search_text MATCH ?)`, match);
  // A file that may not be seen finds no note either.
  const file = context.scope('Binary', 'ifnull(b.patient, 0)', 'b.rid');
  const byBinary = (rid: string) =>
    piece(
      `${rid} IN (SELECT f.rid FROM search_text w JOIN resource b ON b.rid = w.rowid AND b.type = ?
         JOIN search_target t ON t.key = id_key('Binary/' || b.id) AND t.text = 'Binary/' || b.id
         JOIN search_reference f ON f.param = ? AND f.tid = t.tid WHERE w.search_text MATCH ? AND ${file.text})`,
      typeNumber(context.db, 'Binary'),
      attached,
      match,
      ...file.args,
    );
  const probes = (rid: string) => (attached < 0 ? [own(rid)] : [own(rid), byBinary(rid)]);
  return {
    alternatives:
      attached < 0 ? [ownWords(context, match)] : [ownWords(context, match), binaryWords(context, byBinary, own)],
    probe: (_patient, rid) => or(probes(rid)),
  };
}

function ownWords({ db, type }: Context, match: string): Alternative {
  return {
    id: 'words',
    from: piece('search_text w CROSS JOIN resource d ON d.rid = w.rowid'),
    where: piece('w.search_text MATCH ? AND d.type = ?', match, typeNumber(db, type)),
    order: ['w.rowid'],
    patient: 'ifnull(d.patient, 0)',
    rid: 'w.rowid',
    duplicate: piece('0'),
    expected: WORDS_EXPECTED,
  };
}

function binaryWords(
  { db, type }: Context,
  found: (rid: string) => ReturnType<typeof piece>,
  own: (rid: string) => ReturnType<typeof piece>,
): Alternative {
  const rids = found('d.rid');
  return {
    id: 'attached',
    from: piece('resource d'),
    where: piece(`${rids.text} AND d.type = ?`, ...rids.args, typeNumber(db, type)),
    order: ['d.rid'],
    patient: 'ifnull(d.patient, 0)',
    rid: 'd.rid',
    duplicate: own('d.rid'),
    expected: WORDS_EXPECTED,
  };
}
