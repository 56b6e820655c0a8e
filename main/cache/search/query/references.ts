import { parseReference } from '../../json.ts';
import { holdsCanonicals, indexedTypes, type Parameter } from '../table.ts';
import { type Alternative, type Context, everyRecord, type Filter, parameterNumber, patientNumbers } from './filter.ts';
import { splitEscaped, unescaped } from './request.ts';
import { all, among, and, LAST, or, piece, type Sql } from './sql.ts';

const PATIENT = 'Patient/';
const WALKS_MAX = 64;

/** What a reference parameter is compared with: patients where it makes the chart, and integers of other targets. */
export interface Targets {
  readonly patients: readonly number[];
  readonly tids: readonly number[];
}

/** Values of a reference parameter as `Type/id` or whole URL; an id alone may be of any of the parameter's types. */
export function wantedTargets(parameter: Parameter, modifier: string, value: string): string[] {
  const types = modifier === '' ? parameter.targets : [modifier];
  return splitEscaped(value, ',')
    .map(unescaped)
    .flatMap((text) => {
      const literal = holdsCanonicals(parameter) ? undefined : parseReference(text);
      if (literal) return [`${literal.type}/${literal.id}`];
      if (text.includes('/') || text.includes(':')) return [text];
      return (types.length > 0 ? types : indexedTypes).map((type) => `${type}/${text}`);
    });
}

/** The integers of targets; of a patient's own reference the patient's. */
export function targetsOf({ db }: Context, parameter: Parameter, texts: readonly string[]): Targets {
  const owners = parameter.compartment ? texts.filter((text) => text.startsWith(PATIENT)) : [];
  const ids = owners.map((text) => text.slice(PATIENT.length));
  return {
    patients: ids.length > 0 ? patientNumbers(db, ids) : [],
    tids: targetNumbers(db, texts),
  };
}

function targetNumbers(db: Context['db'], texts: readonly string[]): number[] {
  const query = piece(
    `SELECT DISTINCT g.tid FROM json_each(?) w
     JOIN search_target g ON g.key = id_key(w.value) AND g.text = w.value ORDER BY g.tid`,
    JSON.stringify(texts),
  );
  return all<{ tid: number }>(db, query).map(({ tid }) => tid);
}

/** References to any of the targets. */
export function referenceFilter(context: Context, parameter: Parameter, { patients, tids }: Targets): Filter {
  const param = parameterNumber(context.db, `${parameter.type}.${parameter.code}`);
  const others = tids.length > 0 && param >= 0 && (!parameter.compartment || hasRows(context, param, tids));
  const parts = (patient: string, rid: string): Sql[] => [
    ...(patients.length > 0 ? [among(patient, patients)] : []),
    ...(others ? [referenceProbe(param, tids, patient, rid)] : []),
  ];
  const probe = (patient: string, rid: string) => or(parts(patient, rid));
  const walks = [
    ...(patients.length > 0 ? [ownRecords(context, patients)] : []),
    // A canonical with a version has a second row.
    ...(others ? walksOf(param, tids, parameter.single && !holdsCanonicals(parameter)) : []),
  ];
  return {
    alternatives: patients.length > 0 && others ? null : walks,
    probe,
    ...(parameter.compartment && !others ? { patients } : {}),
  };
}

function hasRows({ db }: Context, param: number, tids: readonly number[]): boolean {
  const tid = among('tid', tids);
  const query = piece(`SELECT 1 FROM search_reference WHERE param = ? AND ${tid.text} LIMIT 1`, param, ...tid.args);
  return all(db, query).length > 0;
}

function referenceProbe(param: number, tids: readonly number[], patient: string, rid: string): Sql {
  const tid = among('t.tid', tids);
  return piece(
    `EXISTS (SELECT 1 FROM search_reference t WHERE t.param = ? AND ${tid.text} AND t.patient = ${patient} AND t.rid = ${rid})`,
    param,
    ...tid.args,
  );
}

/** The records of patients: each of their charts is one stretch of the index. */
function ownRecords(context: Context, patients: readonly number[]): Alternative {
  const every = everyRecord(context);
  return { ...every, id: 'own', where: and([every.where, among('d.patient', patients)]) };
}

function walksOf(param: number, tids: readonly number[], single: boolean): Alternative[] {
  const shape = { order: ['d.patient', 'd.rid'], patient: 'd.patient', rid: 'd.rid' };
  if (tids.length > WALKS_MAX) {
    const tid = among('t.tid', tids);
    const from = `(SELECT DISTINCT t.patient, t.rid FROM search_reference t WHERE t.param = ? AND ${tid.text}) d`;
    return [{ ...shape, id: 'many', from: piece(from, param, ...tid.args), where: piece('1'), duplicate: piece('0') }];
  }
  return tids.map((tid, index) => ({
    ...shape,
    id: String(tid),
    from: piece('search_reference d'),
    where: piece('d.param = ? AND d.tid = ?', param, tid),
    duplicate: single || index === 0 ? piece('0') : referenceProbe(param, tids.slice(0, index), 'd.patient', 'd.rid'),
  }));
}

/** Uris are compared as they stand; `:below` takes what begins with it, `:above` what it begins with. */
export function uriFilter(context: Context, parameter: Parameter, modifier: string, value: string): Filter {
  const texts = splitEscaped(value, ',').map(unescaped);
  const tids = texts.flatMap((text) => {
    if (modifier === '') return targetNumbers(context.db, [text]);
    // Only addresses have an index by their beginning.
    const below = text.includes(':') ? `text GLOB '*:*'` : '1';
    const query =
      modifier === 'below'
        ? piece(
            `SELECT tid FROM search_target WHERE ${below} AND text >= ? AND text < ? ORDER BY tid`,
            text,
            text + LAST,
          )
        : piece('SELECT tid FROM search_target WHERE substr(?, 1, length(text)) = text ORDER BY tid', text);
    return all<{ tid: number }>(context.db, query).map(({ tid }) => tid);
  });
  const sorted = [...new Set(tids)].sort((a, b) => a - b);
  const used = sorted.filter((tid) =>
    hasRows(context, parameterNumber(context.db, `${parameter.type}.${parameter.code}`), [tid]),
  );
  return referenceFilter(context, { ...parameter, compartment: false }, { patients: [], tids: used });
}

/** `Type/id` of records, for references to them. */
export function textsOfRecords({ db }: Context, type: string, rids: readonly number[]): string[] {
  const query = piece(`SELECT r.id FROM json_each(?) j JOIN resource r ON r.rid = j.value`, JSON.stringify(rids));
  return all<{ id: string }>(db, query).map(({ id }) => `${type}/${id}`);
}

/** The other way round: whether anything of `source` refers to a record by a parameter, and passes `inner`. */
export function referredFilter(
  context: Context,
  source: Context,
  parameter: Parameter,
  inner: (patient: string, rid: string) => Sql,
): Filter['probe'] {
  const param = parameterNumber(context.db, `${parameter.type}.${parameter.code}`);
  const [x, g, f] = ['x', 'g', 'f'].map((alias) => alias + source.level);
  const passes = inner(`${f}.patient`, `${f}.rid`);
  const scope = source.scope(source.type, `${f}.patient`, `${f}.rid`);
  return (_patient, rid) =>
    piece(
      `EXISTS (SELECT 1 FROM resource ${x} JOIN search_target ${g}
           ON ${g}.key = id_key(? || ${x}.id) AND ${g}.text = ? || ${x}.id
         JOIN search_reference ${f} ON ${f}.param = ? AND ${f}.tid = ${g}.tid
         WHERE ${x}.rid = ${rid} AND ${passes.text} AND ${scope.text})`,
      `${context.type}/`,
      `${context.type}/`,
      param,
      ...passes.args,
      ...scope.args,
    );
}
