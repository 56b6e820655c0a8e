import { indexedTypes, type Parameter, parameterOf, rowsOf } from '../table.ts';
import { type Compile, type Context, everyRecord, type Filter, nameOf, parameterNumber } from './filter.ts';
import { recordsFilter } from './listed.ts';
import { matching, recordsOf } from './matching.ts';
import { referredFilter } from './references.ts';
import { type Criterion, SearchError } from './request.ts';
import { all, and, one, or, piece, type Sql } from './sql.ts';

/** Above this many records, the other end of a chain is asked about each record, not listed. */
const LISTED_MAX = 300;

/** Reverse chaining (R4 search.html#has): `_has:Observation:patient:code=…`. */
export function hasFilter(context: Context, { name, value }: Criterion, compile: Compile): Filter {
  const [, source = '', code = '', ...rest] = name.split(':');
  const parameter = parameterOf(source, code);
  if (!indexedTypes.includes(source)) throw new SearchError('unknown-type', '_has');
  if (!parameter || rest.length === 0) throw new SearchError('unknown-parameter', '_has');
  if (parameter.kind !== 'reference') throw new SearchError('unsupported-modifier', '_has');
  const there = { ...context, type: source, level: context.level + 1 };
  const filters = compile(there, [{ name: rest.join(':'), value }]);
  const verifies = filters.some(({ verify }) => verify);
  const few = recordsOf(there, filters, LISTED_MAX);
  // To count them takes a fifth of the time that it takes to read them.
  const counted = one<{ n: number }>(context.db, piece(`SELECT count(*) AS n FROM (${few.text})`, ...few.args));
  if ((counted?.n ?? 0) >= LISTED_MAX && !verifies) return probedHas(context, there, parameter, filters);
  const ownOnly = context.type === 'Patient' && rowsOf(parameter).every((row) => row.compartment);
  if (ownOnly && !verifies) return patientsOf(context, few);
  const rids = verifies ? matching(there, filters) : all<{ rid: number }>(context.db, few).map(({ rid }) => rid);
  return listedHas(context, parameter, rids);
}

/** The other end is known: the records that it refers to. */
function listedHas(context: Context, parameter: Parameter, rids: readonly number[]): Filter {
  const list = JSON.stringify(rids);
  const found = rowsOf(parameter).map((row) =>
    piece(
      `SELECT r.rid FROM search_reference f JOIN search_target t ON t.tid = f.tid AND t.text >= ? AND t.text < ?
         JOIN resource r ON r.type = (SELECT tid FROM term WHERE text = ?) 
           AND r.key = id_key(substr(t.text, ?)) AND r.id = substr(t.text, ?)
       WHERE f.param = ? AND f.rid IN (SELECT value FROM json_each(?))`,
      `${context.type}/`,
      `${context.type}0`,
      context.type,
      context.type.length + 2,
      context.type.length + 2,
      parameterNumber(context.db, nameOf(row)),
      list,
    ),
  );
  const own =
    context.type === 'Patient' && rowsOf(parameter).some((row) => row.compartment)
      ? [
          piece(
            'SELECT d.rid FROM search_record d WHERE d.type = (SELECT tid FROM term WHERE text = ?) AND d.patient IN (SELECT r.patient FROM json_each(?) j JOIN resource r ON r.rid = j.value)',
            'Patient',
            list,
          ),
        ]
      : [];
  const rows = [...found, ...own].flatMap((query) => all<{ rid: number }>(context.db, query));
  return recordsFilter(context, [...new Set(rows.map(({ rid }) => rid))]);
}

/** The patients whose own records those at the other end are. The database makes the list: it takes half of the time. */
function patientsOf(context: Context, records: Sql): Filter {
  const every = everyRecord(context);
  const among = (patient: string) =>
    piece(`${patient} IN (SELECT own.patient FROM (${records.text}) own)`, ...records.args);
  return {
    alternatives: [{ ...every, id: 'patients', where: and([every.where, among('d.patient')]) }],
    probe: among,
  };
}

/** Many at the other end: each record is asked whether it has one. */
function probedHas(context: Context, there: Context, parameter: Parameter, filters: readonly Filter[]): Filter {
  const passes = (patient: string, rid: string) => and(filters.map((filter) => filter.probe(patient, rid)));
  const probes = rowsOf(parameter).flatMap((row) => {
    const referred = referredFilter(context, there, row, passes);
    if (!row.compartment || context.type !== 'Patient') return [referred];
    const others = all(
      context.db,
      piece(
        `SELECT 1 FROM search_reference f JOIN search_target t ON t.tid = f.tid
       WHERE f.param = ? AND t.text >= 'Patient/' AND t.text < 'Patient0' LIMIT 1`,
        parameterNumber(context.db, nameOf(row)),
      ),
    );
    return others.length > 0 ? [ownProbe(there, filters), referred] : [ownProbe(there, filters)];
  });
  return { alternatives: null, probe: (patient, rid) => or(probes.map((probe) => probe(patient, rid))) };
}

/** A patient's own records are one stretch of each index of codes and references. */
function ownProbe(there: Context, filters: readonly Filter[]): Filter['probe'] {
  const driver = filters.find(({ alternatives }) => alternatives?.every(({ order }) => order[0] === 'd.patient'));
  const walks = driver?.alternatives ?? [everyRecord(there)];
  const rest = filters.filter((filter) => filter !== driver);
  const inner = `h${there.level}`;
  return (patient) =>
    or(
      walks.map((walk) => {
        const probes = rest.map((filter) => filter.probe(walk.patient, walk.rid));
        const where = and([walk.where, ...probes, there.scope(there.type, walk.patient, walk.rid)]);
        return piece(
          `EXISTS (SELECT 1 FROM (SELECT ${walk.patient} AS patient FROM ${walk.from.text} WHERE ${where.text}) ${inner}
             WHERE ${inner}.patient = ${patient})`,
          ...walk.from.args,
          ...where.args,
        );
      }),
    );
}
