import { LONG_MS } from '../extract.ts';
import type { Parameter } from '../table.ts';
import { BEGINNING, END, textKey, textsOf } from '../values.ts';
import { type Alternative, type Context, distinct, type Filter, parameterNumber, typeNumber } from './filter.ts';
import { leavesWalk } from './leaves.ts';
import { alternativesOf, SearchError, unescaped } from './request.ts';
import { ALWAYS, all, among, and, LAST, NEVER, or, piece, type Sql } from './sql.ts';
import { type WantedQuantity, type WantedRange, wantedDate, wantedNumber, wantedQuantity } from './wanted.ts';

/** Whether a row's interval is one that is searched for (wanted.ts, inRange). */
function dateMatch({ prefix, low, high }: WantedRange, alias: string): Sql {
  const [start, end] = [`${alias}.low`, `${alias}.high`];
  switch (prefix) {
    case 'eq':
      return piece(`(${start} >= ? AND ${end} <= ?)`, low, high);
    case 'ne':
      return piece(`NOT (${start} >= ? AND ${end} <= ?)`, low, high);
    case 'gt':
      return piece(`${end} > ?`, high);
    case 'lt':
      return piece(`${start} < ?`, low);
    case 'ge':
      return piece(`(${start} >= ? OR ${end} > ?)`, low, high);
    case 'le':
      return piece(`(${end} <= ? OR ${start} < ?)`, high, low);
    case 'sa':
      return piece(`${start} > ?`, high);
    case 'eb':
      return piece(`${end} < ?`, low);
    case 'ap':
      return piece(`(${start} <= ? AND ${end} >= ?)`, high, low);
  }
}

/** Where the rows begin that can match. */
interface Bounds {
  /** Those that begin from here on match by their beginning. */
  readonly from: number;
  readonly to: number;
  /** Those that begin before may end late enough. */
  readonly reachesBack: boolean;
}

function bounds({ prefix, low, high }: WantedRange): Bounds {
  switch (prefix) {
    case 'eq':
      return { from: low, to: high, reachesBack: false };
    case 'ne':
      return { from: BEGINNING, to: END, reachesBack: false };
    case 'gt':
      return { from: high + 1, to: END, reachesBack: true };
    case 'ge':
      return { from: low, to: END, reachesBack: true };
    case 'lt':
    case 'eb':
      return { from: BEGINNING, to: low - 1, reachesBack: false };
    case 'le':
      return { from: BEGINNING, to: high, reachesBack: false };
    case 'sa':
      return { from: high + 1, to: END, reachesBack: false };
    case 'ap':
      return { from: low, to: high, reachesBack: true };
  }
}

/** Dates (R4 search.html#date). */
export function dateFilter(
  context: Context,
  rows: readonly Parameter[],
  name: string,
  values: readonly string[],
): Filter {
  // Repeated criteria of a parameter with one value are one range, which is walked at once.
  const wanted = values.map((value) => alternativesOf(name, value).map((part) => wantedDate(name, part, context.now)));
  const match = (alias: string) => and(wanted.map((any) => or(any.map((one) => dateMatch(one, alias)))));
  const [first] = rows;
  if (first?.code === '_lastUpdated') return updatedFilter(context, wanted, match);
  const params = rows.map(({ type, code }) => parameterNumber(context.db, `${type}.${code}`));
  const probe = (_patient: string, rid: string) => {
    const [param, matches] = [among('t.param', params), match('t')];
    return piece(
      `EXISTS (SELECT 1 FROM search_date_of t WHERE t.rid = ${rid} AND ${param.text} AND ${matches.text})`,
      ...param.args,
      ...matches.args,
    );
  };
  const single = rows.every((row) => row.single);
  return {
    alternatives: params.flatMap((param) => dateWalks(param, wanted, match, { single, instants: false })),
    probe,
  };
}

function updatedFilter(
  { db, type }: Context,
  wanted: readonly (readonly WantedRange[])[],
  match: (alias: string) => Sql,
): Filter {
  const number = typeNumber(db, type);
  return {
    alternatives: dateWalks(parameterNumber(db, `${type}._lastUpdated`), wanted, match, {
      single: true,
      instants: true,
    }),
    probe(patient, rid) {
      const { text, args } = match('u');
      return piece(
        `EXISTS (SELECT 1 FROM (SELECT t.updated AS low, t.updated AS high FROM search_record t
           WHERE t.type = ? AND t.patient = ${patient} AND t.rid = ${rid} AND t.updated <> 0) u WHERE ${text})`,
        number,
        ...args,
      );
    },
  };
}

function dateWalks(
  param: number,
  wanted: readonly (readonly WantedRange[])[],
  match: (alias: string) => Sql,
  { single, instants }: { single: boolean; instants: boolean },
): Alternative[] {
  const each = wanted.map((any) => {
    const all = any.map(bounds);
    return {
      from: Math.min(...all.map(({ from }) => from)),
      to: Math.max(...all.map(({ to }) => to)),
      back: all.some(({ reachesBack }) => reachesBack),
    };
  });
  const from = Math.max(...each.map((one) => one.from));
  const to = Math.min(...each.map((one) => one.to));
  const again = match('e');
  const shape = {
    order: ['d.low', 'd.high', 'd.patient', 'd.rid'],
    patient: 'd.patient',
    rid: 'd.rid',
    duplicate: single
      ? piece('0')
      : piece(
          `EXISTS (SELECT 1 FROM search_date_of e WHERE e.rid = d.rid AND e.param = d.param AND ${again.text}
             AND (e.low, e.high) < (d.low, d.high))`,
          ...again.args,
        ),
  };
  const matches = match('d');
  const walk = (id: string, table: 'search_date' | 'search_date_long', edges: Sql): Alternative => ({
    ...shape,
    id,
    from: piece(`${table} d`),
    where: and([piece('d.param = ?', param), edges, matches]),
  });
  const main = walk('dates', 'search_date', piece('d.low >= ? AND d.low <= ?', from, to));
  if (instants || !each.some(({ back }) => back)) return [main];
  // Of the many that begin before, few end late enough: they come last.
  const back = from - LONG_MS;
  return [
    main,
    walk('before', 'search_date', piece('d.low >= ? AND d.low < ? AND d.low <= ?', back, from, to)),
    walk('long', 'search_date_long', piece('d.low < ? AND d.low <= ?', back, to)),
  ];
}

/** Strings (R4 search.html#string): folded, from their beginning, unless a modifier says otherwise. */
export function stringFilter(
  context: Context,
  rows: readonly Parameter[],
  name: string,
  modifier: string,
  value: string,
): Filter {
  const texts = alternativesOf(name, value).map(unescaped);
  if (texts.some((text) => textKey(text) === '')) throw new SearchError('bad-value', name);
  const params = rows.map(({ type, code }) => parameterNumber(context.db, `${type}.${code}`));
  const conditions = texts.map((text) => (alias: string) => stringMatch(modifier, textKey(text), alias));
  const walks = params.flatMap((param) =>
    conditions.map((condition, index) => ({ param, condition, id: `${param}.${index}` })),
  );
  const any = (alias: string) => or(conditions.map((condition) => condition(alias)));
  const probeOf = (param: Sql, matches: Sql, rid: string) =>
    piece(
      `EXISTS (SELECT 1 FROM search_string_of t WHERE t.rid = ${rid} AND ${param.text} AND ${matches.text})`,
      ...param.args,
      ...matches.args,
    );
  const earlier = walks.map(({ param, condition }) => probeOf(piece('t.param = ?', param), condition('t'), 'd.rid'));
  const made = walks.map(({ param, condition, id }) => ({
    id,
    from: piece('search_string d'),
    where: and([piece('d.param = ?', param), condition('d')]),
    order: ['d.value', 'd.patient', 'd.rid'],
    patient: 'd.patient',
    rid: 'd.rid',
  }));
  const alternatives = distinct(made, earlier, false).map((walk, index) => {
    const again = walks[index]?.condition('e') ?? piece('0');
    const before = piece(
      `EXISTS (SELECT 1 FROM search_string_of e WHERE e.rid = d.rid AND e.param = d.param AND ${again.text}
         AND e.value < d.value)`,
      ...again.args,
    );
    return { ...walk, duplicate: or([walk.duplicate, before]) };
  });
  const probe = (_patient: string, rid: string) => probeOf(among('t.param', params), any('t'), rid);
  const verify = stringVerify(rows, modifier, texts);
  return { alternatives, probe, ...(verify ? { verify } : {}) };
}

function stringMatch(modifier: string, key: string, alias: string): Sql {
  if (modifier === 'contains') return piece(`instr(${alias}.value, ?) > 0`, key);
  if (modifier === 'exact') return piece(`${alias}.value = ?`, key);
  return piece(`(${alias}.value >= ? AND ${alias}.value < ?)`, key, key + LAST);
}

/** The index knows no upper case and no accents. */
function stringVerify(
  rows: readonly Parameter[],
  modifier: string,
  texts: readonly string[],
): ((resource: unknown) => boolean) | null {
  if (modifier !== 'exact') return null;
  const walk = leavesWalk(rows.flatMap(({ leaves }) => leaves));
  return (resource) => walk(resource).some(({ value }) => textsOf(value).some((text) => texts.includes(text)));
}

/** Bounds of a number's column (wanted.ts, isNumber). */
function numberMatch({ prefix, low, high }: WantedRange, column: string): Sql {
  switch (prefix) {
    case 'eq':
      return piece(`(${column} >= ? AND ${column} < ?)`, low, high);
    case 'ne':
      return piece(`NOT (${column} >= ? AND ${column} < ?)`, low, high);
    case 'ap':
      return piece(`(${column} >= ? AND ${column} <= ?)`, low, high);
    case 'gt':
    case 'sa':
      return piece(`${column} > ?`, high);
    case 'lt':
    case 'eb':
      return piece(`${column} < ?`, low);
    case 'ge':
      return piece(`${column} >= ?`, low);
    case 'le':
      return piece(`${column} <= ?`, high);
  }
}

/** A concept and a unit with which a parameter occurs. */
interface QuantityKind {
  readonly param: number;
  readonly kid: number;
  readonly uid: number;
}

/** What is searched for, and the kinds that it can be found among. */
interface SearchedQuantity {
  readonly wanted: WantedRange;
  readonly kinds: readonly QuantityKind[];
}

/** Above this, one walk takes all kinds together: of the many that a cache has, SQLite joins no more than 500. */
const WALKS_MAX = 200;

/** Quantities and numbers; `concepts` restricts them to those beside one of the concepts (code$value). */
export function quantityFilter(
  context: Context,
  rows: readonly Parameter[],
  name: string,
  asked: readonly { readonly value: string; readonly concepts: readonly number[] | null }[],
): Filter {
  const params = rows.map(({ type, code }) => parameterNumber(context.db, `${type}.${code}`));
  const number = rows.every(({ kind }) => kind === 'number');
  const searched = asked.map(({ value, concepts }): SearchedQuantity => {
    const wanted = number ? { ...wantedNumber(name, value), system: '', code: '' } : wantedQuantity(name, value);
    return { wanted, kinds: kindsOf(context, params, wanted, concepts) };
  });
  const found = searched.filter(({ kinds }) => kinds.length > 0);
  const [first] = found;
  const probe = (_patient: string, rid: string) => {
    const rids = joined(found, 't.rid', ' UNION ALL ');
    return first ? piece(`${rid} IN (${rids.text})`, ...rids.args) : NEVER;
  };
  if (!first) return { alternatives: [], probe };
  const single = rows.length === 1 && rows[0]?.single === true && searched.length === 1;
  const isWalked = single && first.kinds.length <= WALKS_MAX;
  return { alternatives: isWalked ? quantityWalks(first) : [quantityUnion(found)], probe };
}

/** A record has one quantity at most. */
function quantityWalks({ wanted, kinds }: SearchedQuantity): Alternative[] {
  return kinds.map((kind) => ({
    id: `${kind.param}.${kind.kid}.${kind.uid}`,
    from: piece('search_quantity d'),
    where: kindMatch(kind, wanted, 'd'),
    order: ['d.value', 'd.patient', 'd.rid'],
    patient: 'd.patient',
    rid: 'd.rid',
    duplicate: piece('0'),
  }));
}

/** Several quantities of one record may match: one walk, sorted. */
function quantityUnion(searched: readonly SearchedQuantity[]): Alternative {
  const { text, args } = joined(searched, 't.rid, t.patient', ' UNION ');
  return {
    id: 'quantities',
    // A patient's own don't stand together in it: nobody should look for them there one patient after the other.
    order: ['d.rid'],
    from: piece(`(SELECT DISTINCT u.rid, u.patient FROM (${text}) u) d`, ...args),
    where: ALWAYS,
    patient: 'd.patient',
    rid: 'd.rid',
    duplicate: piece('0'),
  };
}

/** The rows of everything that is searched for. */
function joined(searched: readonly SearchedQuantity[], columns: string, by: ' UNION ' | ' UNION ALL '): Sql {
  const count = searched.reduce((sum, { kinds }) => sum + kinds.length, 0);
  const parts = searched.flatMap((one) => (count > WALKS_MAX ? listedRows(one, columns) : rowsOfEach(one, columns)));
  return piece(parts.map(({ text }) => text).join(by), ...parts.flatMap(({ args }) => args));
}

function rowsOfEach({ wanted, kinds }: SearchedQuantity, columns: string): Sql[] {
  return kinds.map((kind) => {
    const { text, args } = kindMatch(kind, wanted, 't');
    return piece(`SELECT ${columns} FROM search_quantity t WHERE ${text}`, ...args);
  });
}

/** The kinds as a list of any length in one parameter: that takes up to twice as long. */
function listedRows({ wanted, kinds }: SearchedQuantity, columns: string): Sql {
  const list = JSON.stringify(kinds.map(({ param, kid, uid }) => [param, kid, uid]));
  const match = numberMatch(wanted, 't.value');
  return piece(
    `SELECT ${columns} FROM json_each(?) k CROSS JOIN search_quantity t
       ON t.param = k.value ->> 0 AND t.kid = k.value ->> 1 AND t.uid = k.value ->> 2 WHERE ${match.text}`,
    list,
    ...match.args,
  );
}

function kindMatch({ param, kid, uid }: QuantityKind, wanted: WantedRange, alias: string): Sql {
  return and([
    piece(`${alias}.param = ? AND ${alias}.kid = ? AND ${alias}.uid = ?`, param, kid, uid),
    numberMatch(wanted, `${alias}.value`),
  ]);
}

/** The concepts and units with which the parameters occur, as far as they are searched for. */
function kindsOf(
  { db }: Context,
  params: readonly number[],
  { system, code }: WantedQuantity,
  concepts: readonly number[] | null,
): QuantityKind[] {
  const parts = [among('k.param', params)];
  if (concepts !== null) parts.push(among('k.kid', concepts));
  if (system !== '') parts.push(piece('u.system = ? AND u.code = ?', system, code));
  else if (code !== '') parts.push(piece('(u.code = ? OR u.unit = ?)', code, code));
  const where = and(parts);
  return all(
    db,
    piece(
      `SELECT k.param, k.kid, k.uid FROM search_quantity_kind k JOIN search_unit u ON u.uid = k.uid
       WHERE ${where.text} ORDER BY k.param, k.kid, k.uid`,
      ...where.args,
    ),
  );
}
