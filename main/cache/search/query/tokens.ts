import { idKey } from '../../id-key.ts';
import { field, items } from '../../json.ts';
import { holdsIdentifiers, type Parameter } from '../table.ts';
import { codeKey, textKey } from '../values.ts';
import { type Alternative, type Context, type Filter, parameterNumber } from './filter.ts';
import { alternativesOf, SearchError, splitEscaped, unescaped } from './request.ts';
import { ALWAYS, all, among, and, LAST, not, one, or, piece, type Sql } from './sql.ts';
import { isPlain, ofPlainCode, type WantedToken, wantedToken } from './wanted.ts';

/** Above this, one walk takes all concepts together. */
const WALKS_MAX = 64;

/** Tokens whose codes are in the dictionary of concepts (R4 search.html#token). */
export function conceptFilter(
  context: Context,
  rows: readonly Parameter[],
  name: string,
  modifier: string,
  value: string,
): Filter {
  const params = rows.map(({ type, code }) => parameterNumber(context.db, `${type}.${code}`));
  const kids = used(context, params, conceptsOf(context, rows, name, modifier, value));
  const single = rows.length === 1 && rows[0]?.single === true;
  const probe = (patient: string, rid: string) => tokenProbe(params, kids, patient, rid);
  if (modifier === 'not' || modifier === 'not-in') {
    return { alternatives: null, probe: (patient, rid) => not(probe(patient, rid)) };
  }
  return { alternatives: conceptWalks(params, kids, single), probe };
}

function tokenProbe(params: readonly number[], kids: readonly number[], patient: string, rid: string): Sql {
  const [param, kid] = [among('t.param', params), among('t.kid', kids)];
  return piece(
    `EXISTS (SELECT 1 FROM search_token t WHERE ${param.text} AND ${kid.text} AND t.patient = ${patient} AND t.rid = ${rid})`,
    ...param.args,
    ...kid.args,
  );
}

function conceptWalks(params: readonly number[], kids: readonly number[], single: boolean): Alternative[] {
  const pairs = params.toSorted((a, b) => a - b).flatMap((param) => kids.map((kid) => [param, kid] as const));
  if (pairs.length > WALKS_MAX) return [manyConcepts(params, kids)];
  return pairs.map(([param, kid], index) => ({
    id: `${param}.${kid}`,
    from: piece('search_token d'),
    where: piece('d.param = ? AND d.kid = ?', param, kid),
    order: ['d.patient', 'd.rid'],
    patient: 'd.patient',
    rid: 'd.rid',
    duplicate:
      single || index === 0
        ? piece('0')
        : or(pairs.slice(0, index).map(([one, other]) => tokenProbe([one], [other], 'd.patient', 'd.rid'))),
  }));
}

/** All concepts in one walk, which is sorted: for `:text` and `:in` with many. */
function manyConcepts(params: readonly number[], kids: readonly number[]): Alternative {
  const [param, kid] = [among('t.param', params), among('t.kid', kids)];
  return {
    id: 'many',
    from: piece(
      `(SELECT DISTINCT t.patient, t.rid FROM search_token t WHERE ${param.text} AND ${kid.text}) d`,
      ...param.args,
      ...kid.args,
    ),
    where: ALWAYS,
    order: ['d.patient', 'd.rid'],
    patient: 'd.patient',
    rid: 'd.rid',
    duplicate: piece('0'),
  };
}

/** Concepts that the parameters have at all: most of the dictionary belongs to others. */
function used({ db }: Context, params: readonly number[], kids: readonly number[]): number[] {
  const [param, kid] = [among('t.param', params), JSON.stringify(kids)];
  return all<{ kid: number }>(
    db,
    piece(
      `SELECT k.value AS kid FROM json_each(?) k WHERE EXISTS (
         SELECT 1 FROM search_token t WHERE ${param.text} AND t.kid = k.value) ORDER BY k.value`,
      kid,
      ...param.args,
    ),
  ).map((row) => row.kid);
}

function conceptsOf(
  context: Context,
  rows: readonly Parameter[],
  name: string,
  modifier: string,
  value: string,
): number[] {
  const parts = splitEscaped(value, ',');
  if (modifier === 'text') return parts.flatMap((part) => conceptsByText(context, name, unescaped(part)));
  const isInSet = modifier === 'in' || modifier === 'not-in';
  const wanted = isInSet ? valueSetCodes(context, name, value) : parts.map((part) => wantedToken(name, part));
  const arePlain = rows.every(({ leaves }) => leaves.every(({ element }) => isPlain(element)));
  return conceptsOfCodes(context, arePlain ? wanted.map(ofPlainCode) : wanted);
}

function conceptsOfCodes({ db }: Context, wanted: readonly WantedToken[]): number[] {
  const kids = wanted.flatMap(({ system, code }) => {
    const parts: Sql[] = [];
    if (code !== undefined) parts.push(piece('code = ?', code));
    if (system !== undefined) parts.push(piece('system = ?', system));
    const where = and(parts);
    const query = piece(`SELECT kid FROM search_concept_code WHERE ${where.text}`, ...where.args);
    return all<{ kid: number }>(db, query).map(({ kid }) => kid);
  });
  return [...new Set(kids)];
}

function conceptsByText({ db }: Context, name: string, text: string): number[] {
  const from = textKey(text);
  if (from === '') throw new SearchError('bad-value', name);
  const query = piece('SELECT DISTINCT kid FROM search_concept_text WHERE text >= ? AND text < ?', from, from + LAST);
  return all<{ kid: number }>(db, query).map(({ kid }) => kid);
}

/** Codes of a cached ValueSet: of its expansion, else those that it lists. */
function valueSetCodes(context: Context, name: string, value: string): WantedToken[] {
  const resource = valueSet(context, unescaped(value));
  if (resource === undefined) throw new SearchError('unknown-value-set', name);
  const contains = items(resource, 'expansion', 'contains');
  if (contains.length > 0) return contains.flatMap((one) => expanded(one, 0));
  const listed = (member: string) => items(resource, 'compose', member).flatMap((part) => listedCodes(name, part));
  const keyOf = ({ system, code }: WantedToken) => `${system ?? ''}|${code}`;
  const excluded = new Set(listed('exclude').map(keyOf));
  return listed('include').filter((one) => !excluded.has(keyOf(one)));
}

/** A whole code system, a filter or another value set can't be told without what defines them. */
function listedCodes(name: string, part: unknown): WantedToken[] {
  const concepts = items(part, 'concept');
  const isDefinedElsewhere = ['filter', 'valueSet'].some((member) => items(part, member).length > 0);
  if (concepts.length === 0 || isDefinedElsewhere) throw new SearchError('unknown-value-set', name);
  return concepts.flatMap((concept) => codeOf(field(part, 'system'), field(concept, 'code')));
}

const EXPANSION_DEEP = 20;

function expanded(entry: unknown, depth: number): WantedToken[] {
  const own = field(entry, 'abstract') === true ? [] : codeOf(field(entry, 'system'), field(entry, 'code'));
  if (depth >= EXPANSION_DEEP) return own;
  return [...own, ...items(entry, 'contains').flatMap((inner) => expanded(inner, depth + 1))];
}

function codeOf(system: unknown, code: unknown): WantedToken[] {
  if (typeof code !== 'string') return [];
  return [{ system: typeof system === 'string' ? system : undefined, code: codeKey(code) }];
}

/** A value set by its id, or by its URL: with a version, of that version only (R4 references.html#canonical). */
function valueSet({ db, scope }: Context, reference: string): unknown {
  const allowed = scope('ValueSet', 'ifnull(r.patient, 0)', 'r.rid');
  const id = /^ValueSet\/([A-Za-z0-9\-.]{1,64})$/.exec(reference)?.[1];
  const [url = '', version] = reference.split('|');
  const query =
    id === undefined
      ? piece(
          `SELECT r.body FROM search_target t JOIN search_reference f ON f.param = ? AND f.tid = t.tid
           JOIN resource r ON r.rid = f.rid WHERE t.key = ? AND t.text = ? AND ${allowed.text}`,
          parameterNumber(db, 'ValueSet.url'),
          idKey(url),
          url,
          ...allowed.args,
        )
      : piece(
          `SELECT r.body FROM resource r
           WHERE r.type = (SELECT tid FROM term WHERE text = 'ValueSet') AND r.key = ? AND r.id = ? AND ${allowed.text}`,
          idKey(id),
          id,
          ...allowed.args,
        );
  return all<{ body: string }>(db, query)
    .map(({ body }): unknown => JSON.parse(body))
    .find((one) => version === undefined || field(one, 'version') === version);
}

/** The concepts of one token: those that stand beside a quantity. */
export function conceptsOfToken(context: Context, name: string, value: string): number[] {
  return conceptsOfCodes(context, [wantedToken(name, value)]);
}

/** Identifiers and contact points, which are kept as text. */
export function identifierFilter(
  context: Context,
  names: readonly string[],
  name: string,
  modifier: string,
  value: string,
): Filter {
  const params = names.map((one) => parameterNumber(context.db, one));
  const wanted = alternativesOf(name, value).map((part) => wantedToken(name, part));
  const match = (alias: string) => or(wanted.map((one) => identifierMatch(context, one, alias)));
  const probe = (patient: string, rid: string) => {
    const [param, matches] = [among('t.param', params), match('t')];
    return piece(
      `EXISTS (SELECT 1 FROM search_identifier t WHERE ${param.text} AND ${matches.text}
         AND t.patient = ${patient} AND t.rid = ${rid})`,
      ...param.args,
      ...matches.args,
    );
  };
  if (modifier === 'not') return { alternatives: null, probe: (patient, rid) => not(probe(patient, rid)) };
  return { alternatives: identifierWalks(context, params, wanted), probe };
}

function identifierMatch({ db }: Context, { system, code }: WantedToken, alias: string): Sql {
  const parts: Sql[] = [];
  if (code !== undefined) parts.push(piece(`${alias}.value = ?`, code));
  if (system !== undefined) parts.push(piece(`${alias}.system = ?`, system === '' ? 0 : targetNumber(db, system)));
  return and(parts);
}

function targetNumber(db: Context['db'], text: string): number {
  return (
    one<{ tid: number }>(db, piece('SELECT tid FROM search_target WHERE key = ? AND text = ?', idKey(text), text))
      ?.tid ?? -1
  );
}

function identifierWalks(context: Context, params: readonly number[], wanted: readonly WantedToken[]): Alternative[] {
  const pairs = params.flatMap((param) => wanted.map((want) => ({ param, want })));
  return pairs.map(({ param, want }, index) => {
    const matches = identifierMatch(context, want, 'd');
    const earlier = pairs.slice(0, index).map((pair) => {
      const before = identifierMatch(context, pair.want, 'e');
      return piece(
        `EXISTS (SELECT 1 FROM search_identifier e WHERE e.param = ? AND ${before.text}
           AND e.patient = d.patient AND e.rid = d.rid)`,
        pair.param,
        ...before.args,
      );
    });
    // One record may have the value twice, under two systems, or the system twice.
    const again = piece(
      `EXISTS (SELECT 1 FROM search_identifier e WHERE e.param = d.param AND ${identifierMatch(context, want, 'e').text}
         AND (e.value, e.system) < (d.value, d.system) AND e.patient = d.patient AND e.rid = d.rid)`,
      ...matches.args,
    );
    return {
      id: String(index),
      from: piece('search_identifier d'),
      where: and([piece('d.param = ?', param), matches]),
      order: ['d.value', 'd.system', 'd.patient', 'd.rid'],
      patient: 'd.patient',
      rid: 'd.rid',
      duplicate: or([...earlier, ...(want.system === undefined || want.code === undefined ? [again] : [])]),
    };
  });
}

/** True where a token is found among identifiers. */
export function isIdentifier(rows: readonly Parameter[]): boolean {
  return rows.every(holdsIdentifiers);
}
