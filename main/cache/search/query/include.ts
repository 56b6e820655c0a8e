import { idKey } from '../../id-key.ts';
import { type Parameter, parameterOf, parametersOf, rowsOf } from '../table.ts';
import { canonicalsOf, targetOf } from '../values.ts';
import { type Context, parameterNumber, typeNumber } from './filter.ts';
import { leavesWalk } from './leaves.ts';
import { type IncludeRule, SearchError } from './request.ts';
import { all, one, piece } from './sql.ts';

export interface Found {
  readonly rid: number;
  readonly type: string;
  readonly id: string;
  readonly patient: number;
  readonly body: string;
}

/** Records that a page brings along at most. */
const INCLUDED_MAX = 1_000;
const ROUNDS_MAX = 10;

interface Rule extends IncludeRule {
  readonly parameters: readonly Parameter[];
}

/** What `_include` and `_revinclude` add to a page (R4 search.html#include); `cut` where there was more. */
export function includedRecords(
  context: Context,
  rules: readonly IncludeRule[],
  matches: readonly Found[],
): { records: Found[]; cut: boolean } {
  const prepared = rules.map(prepare);
  const seen = new Set(matches.map(({ rid }) => rid));
  const records: Found[] = [];
  let from = matches;
  let active = prepared;
  for (let round = 0; round < ROUNDS_MAX && from.length > 0 && active.length > 0; round += 1) {
    const added: Found[] = [];
    for (const found of from.flatMap((record) => active.flatMap((rule) => follow(context, rule, record)))) {
      if (seen.has(found.rid)) continue;
      if (records.length + added.length >= INCLUDED_MAX) return { records: [...records, ...added], cut: true };
      seen.add(found.rid);
      added.push(found);
    }
    records.push(...added);
    from = added;
    active = prepared.filter(({ iterate }) => iterate);
  }
  return { records, cut: false };
}

function prepare(rule: IncludeRule): Rule {
  const name = rule.reverse ? '_revinclude' : '_include';
  const found =
    rule.code === '*'
      ? [...parametersOf(rule.type).values()].filter(({ kind, of }) => kind === 'reference' && of.length === 0)
      : [parameterOf(rule.type, rule.code)].filter((one) => one !== undefined);
  if (found.length === 0 || found.some(({ kind }) => kind !== 'reference')) {
    throw new SearchError('unknown-parameter', name);
  }
  return { ...rule, parameters: found };
}

function follow(context: Context, rule: Rule, record: Found): Found[] {
  return rule.reverse ? backward(context, rule, record) : forward(context, rule, record);
}

function forward(context: Context, { type, target, parameters }: Rule, record: Found): Found[] {
  if (record.type !== type) return [];
  const resource: unknown = JSON.parse(record.body);
  const texts = parameters.flatMap((parameter) =>
    leavesWalk(rowsOf(parameter).flatMap(({ leaves }) => leaves))(resource)
      .flatMap(({ element, value }) => (element === 'canonical' ? canonicalsOf(value) : (targetOf(value) ?? [])))
      .filter((text) => parameter.of.length === 0 || parameter.targets.some((one) => text.startsWith(`${one}/`))),
  );
  return [...new Set(texts)].flatMap((text) => {
    const [of = '', id = ''] = text.split('/');
    if (target !== null && of !== target) return [];
    return recordAt(context, of, id) ?? [];
  });
}

function recordAt({ db, scope }: Context, type: string, id: string): Found | undefined {
  const allowed = scope(type, 'ifnull(r.patient, 0)', 'r.rid');
  const row = one<Omit<Found, 'type'>>(
    db,
    piece(
      `SELECT r.rid, r.id, ifnull(r.patient, 0) AS patient, r.body FROM resource r
       WHERE r.type = ? AND r.key = ? AND r.id = ? AND ${allowed.text}`,
      typeNumber(db, type),
      idKey(id),
      id,
      ...allowed.args,
    ),
  );
  return row && { ...row, type };
}

function backward(context: Context, { type, target, parameters }: Rule, record: Found): Found[] {
  if (target !== null && record.type !== target) return [];
  const rids = parameters.flatMap((parameter) =>
    parameter.of.length > 0 && !parameter.targets.includes(record.type)
      ? []
      : rowsOf(parameter).flatMap((row) => referring(context, type, row, record)),
  );
  return [...new Set(rids)].flatMap((rid) => recordOf(context, type, rid) ?? []);
}

/** What may not be seen takes no place among those that a page can bring. */
function referring({ db, scope }: Context, type: string, row: Parameter, record: Found): number[] {
  const [among, owned] = [scope(type, 'f.patient', 'f.rid'), scope(type, 'd.patient', 'd.rid')];
  const listed = all<{ rid: number }>(
    db,
    piece(
      `SELECT f.rid FROM search_target t JOIN search_reference f ON f.param = ? AND f.tid = t.tid
       WHERE t.key = ? AND t.text = ? AND ${among.text} LIMIT ?`,
      parameterNumber(db, `${row.type}.${row.code}`),
      idKey(`${record.type}/${record.id}`),
      `${record.type}/${record.id}`,
      ...among.args,
      INCLUDED_MAX + 1,
    ),
  );
  const own =
    row.compartment && record.type === 'Patient'
      ? all<{ rid: number }>(
          db,
          piece(
            `SELECT d.rid FROM search_record d WHERE d.type = ? AND d.patient = ? AND ${owned.text} LIMIT ?`,
            typeNumber(db, type),
            record.patient,
            ...owned.args,
            INCLUDED_MAX + 1,
          ),
        )
      : [];
  return [...listed, ...own].map(({ rid }) => rid);
}

function recordOf({ db }: Context, type: string, rid: number): Found | undefined {
  const row = one<Omit<Found, 'type'>>(
    db,
    piece('SELECT r.rid, r.id, ifnull(r.patient, 0) AS patient, r.body FROM resource r WHERE r.rid = ?', rid),
  );
  return row && { ...row, type };
}
