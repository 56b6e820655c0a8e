import { compilePath } from '../path.ts';
import { holdsIdentifiers, indexedTypes, type Parameter, parameterOf, parametersOf, rowsOf } from '../table.ts';
import { type Context, everyRecord, type Filter, parameterNumber } from './filter.ts';
import { dateFilter, quantityFilter, stringFilter } from './ranges.ts';
import { referenceFilter, referredFilter, targetsOf, textsOfRecords, uriFilter, wantedTargets } from './references.ts';
import { type Criterion, SearchError, splitEscaped, unescaped } from './request.ts';
import { all, among, and, not, one, or, piece, type Sql } from './sql.ts';
import { conceptFilter, conceptsOfToken, identifierFilter, isIdentifier } from './tokens.ts';
import { elementTest } from './wanted.ts';
import { wordsFilter } from './words.ts';

/** Above this many records, the other end of a chain is asked about each record, not listed. */
const LISTED_MAX = 300;
/** Searches inside of searches. */
const LEVELS_MAX = 3;

/** Makes the criteria of a search ready for its type. Throws a SearchError for what isn't supported. */
export function compileCriteria(context: Context, criteria: readonly Criterion[]): Filter[] {
  const filters: Filter[] = [];
  const ranges = new Map<string, string[]>();
  for (const criterion of criteria) {
    const parameter = parameterOf(context.type, criterion.name);
    if (parameter?.kind === 'date' && parameter.single) {
      ranges.set(criterion.name, [...(ranges.get(criterion.name) ?? []), criterion.value]);
    } else filters.push(compileCriterion(context, criterion));
  }
  for (const [name, values] of ranges) {
    const parameter = parameterOf(context.type, name);
    if (parameter) filters.push(dateFilter(context, rowsOf(parameter), name, values));
  }
  return filters;
}

function compileCriterion(context: Context, { name, value }: Criterion): Filter {
  if (context.level > LEVELS_MAX) throw new SearchError('bad-value', name.split(/[:.]/, 1)[0] ?? name);
  if (name.startsWith('_has:')) return hasFilter(context, name, value);
  const dot = name.indexOf('.');
  if (dot > 0) return chainFilter(context, name, name.slice(0, dot), name.slice(dot + 1), value);
  const [code = '', modifier = ''] = name.split(':');
  if (value === '') throw new SearchError('bad-value', code);
  if (code === '_id') return idFilter(context, modifier, value);
  if (code === '_text' || code === '_content') {
    if (modifier !== '') throw new SearchError('unsupported-modifier', code);
    return wordsFilter(context, code, value);
  }
  const parameter = parameterOf(context.type, code);
  if (!parameter) throw new SearchError('unknown-parameter', code);
  if (modifier === 'missing') return missingFilter(context, parameter, value);
  checkModifier(parameter, modifier);
  return parameterFilter(context, parameter, modifier, value);
}

/** Modifiers that each kind takes, besides `:missing`. */
export const modifiers = {
  token: ['not', 'text', 'in', 'not-in'],
  identifier: ['not'],
  string: ['exact', 'contains'],
  reference: ['identifier'],
  uri: ['below', 'above'],
} as const;

/** Modifiers of a parameter; a reference also takes the name of a type. */
export function modifiersOf(parameter: Parameter): readonly string[] {
  if (parameter.kind === 'token') {
    return isIdentifier(rowsOf(parameter)) ? modifiers.identifier : modifiers.token;
  }
  const { kind } = parameter;
  return kind === 'string' || kind === 'reference' || kind === 'uri' ? modifiers[kind] : [];
}

function checkModifier(parameter: Parameter, modifier: string): void {
  if (modifier === '' || modifiersOf(parameter).includes(modifier)) return;
  if (
    parameter.kind === 'reference' &&
    (parameter.targets.length === 0 ? /^[A-Z]\w+$/.test(modifier) : parameter.targets.includes(modifier))
  )
    return;
  throw new SearchError('unsupported-modifier', parameter.code);
}

function parameterFilter(context: Context, parameter: Parameter, modifier: string, value: string): Filter {
  const rows = rowsOf(parameter);
  const { code: name } = parameter;
  switch (parameter.kind) {
    case 'token':
      return isIdentifier(rows)
        ? identifierFilter(context, rows.map(nameOf), name, modifier, value)
        : conceptFilter(context, rows, name, modifier, value);
    case 'string':
      return stringFilter(context, rows, name, modifier, value);
    case 'date':
      return dateFilter(context, rows, name, [value]);
    case 'number':
    case 'quantity': {
      const searched = splitEscaped(value, ',').map((part) => ({ value: part, concepts: null }));
      return quantityFilter(context, rows, name, searched);
    }
    case 'reference': {
      if (modifier === 'identifier')
        return identifierFilter(
          context,
          rows.map((row) => `${nameOf(row)}:identifier`),
          name,
          '',
          value,
        );
      const texts = narrowed(parameter, wantedTargets(parameter, modifier, value));
      return eachRow(rows, (row) => referenceFilter(context, row, targetsOf(context, row, texts)));
    }
    case 'uri':
      return eachRow(rows, (row) => uriFilter(context, row, modifier, value));
    case 'composite':
      return compositeFilter(context, parameter, value);
  }
}

const nameOf = ({ type, code }: Parameter) => `${type}.${code}`;

/** A parameter that is part of another's rows (`patient` of `subject`) finds only the types that it may point to. */
function narrowed(parameter: Parameter, texts: readonly string[]): readonly string[] {
  if (parameter.of.length === 0 || parameter.targets.length === 0) return texts;
  return texts.filter((text) => parameter.targets.some((type) => text.startsWith(`${type}/`)));
}

function eachRow(rows: readonly Parameter[], filterOf: (row: Parameter) => Filter): Filter {
  const [first, ...rest] = rows.map(filterOf);
  if (first && rest.length === 0) return first;
  const filters = first ? [first, ...rest] : [];
  return { alternatives: null, probe: (patient, rid) => or(filters.map((filter) => filter.probe(patient, rid))) };
}

function idFilter({ type }: Context, modifier: string, value: string): Filter {
  if (modifier !== '') throw new SearchError('unsupported-modifier', '_id');
  const ids = among('r.id', splitEscaped(value, ',').map(unescaped));
  const where = piece(`r.type = (SELECT tid FROM term WHERE text = ?) AND ${ids.text}`, type, ...ids.args);
  return {
    alternatives: [
      {
        id: 'ids',
        from: piece(
          `(SELECT r.rid, ifnull(r.patient, 0) AS patient FROM resource r WHERE ${where.text}) d`,
          ...where.args,
        ),
        where: piece('1'),
        order: ['d.patient', 'd.rid'],
        patient: 'd.patient',
        rid: 'd.rid',
        duplicate: piece('0'),
      },
    ],
    probe: (_patient, rid) => piece(`${rid} IN (SELECT r.rid FROM resource r WHERE ${where.text})`, ...where.args),
  };
}

/** `:missing` (R4 search.html#modifiers): whether there is any value, even one that can't be compared. */
function missingFilter({ db, type }: Context, parameter: Parameter, value: string): Filter {
  if (value !== 'true' && value !== 'false') throw new SearchError('bad-value', parameter.code);
  if (parameter.kind === 'composite') throw new SearchError('unsupported-modifier', parameter.code);
  const present = (patient: string, rid: string) =>
    or(rowsOf(parameter).map((row) => presence(db, type, row, parameter, patient, rid)));
  return {
    alternatives: null,
    probe: (patient, rid) => (value === 'true' ? not(present(patient, rid)) : present(patient, rid)),
  };
}

function presence(
  db: Context['db'],
  type: string,
  row: Parameter,
  asked: Parameter,
  patient: string,
  rid: string,
): Sql {
  const param = parameterNumber(db, nameOf(row));
  if (row.code === '_lastUpdated') {
    return piece(
      `EXISTS (SELECT 1 FROM search_record t WHERE t.type = (SELECT tid FROM term WHERE text = ?)
         AND t.patient = ${patient} AND t.rid = ${rid} AND t.updated <> 0)`,
      type,
    );
  }
  const uncompared = piece(
    `EXISTS (SELECT 1 FROM search_token t WHERE t.param = ? AND t.kid = 0 AND t.patient = ${patient} AND t.rid = ${rid})`,
    param,
  );
  if (row.kind === 'date' || row.kind === 'string') {
    const table = row.kind === 'date' ? 'search_date_of' : 'search_string_of';
    return or([piece(`EXISTS (SELECT 1 FROM ${table} t WHERE t.rid = ${rid} AND t.param = ?)`, param), uncompared]);
  }
  const table = tableOf(row);
  const kinds = narrowedRows(row, asked);
  const listed = piece(`${rid} IN (SELECT t.rid FROM ${table} t ${kinds.text} AND t.param = ?)`, ...kinds.args, param);
  return or([...(row.compartment ? [piece(`${patient} <> 0`)] : []), listed, ...(asked === row ? [uncompared] : [])]);
}

/** Rows of `subject` that are also `patient`: by the type that they point to. */
function narrowedRows(row: Parameter, asked: Parameter): Sql {
  if (row === asked || row.kind !== 'reference' || asked.targets.length === 0) return piece('WHERE 1');
  const types = asked.targets.map(() => `g.text GLOB ? || '/*'`).join(' OR ');
  return piece(`JOIN search_target g ON g.tid = t.tid WHERE (${types})`, ...asked.targets);
}

function tableOf(row: Parameter): string {
  if (row.kind === 'reference' || row.kind === 'uri') return 'search_reference';
  if (row.kind === 'quantity' || row.kind === 'number') return 'search_quantity';
  return holdsIdentifiers(row) ? 'search_identifier' : 'search_token';
}

/** `code$value`: both in the same element (R4 search.html#composite). */
function compositeFilter(context: Context, parameter: Parameter, value: string): Filter {
  const searched = splitEscaped(value, ',').map((part) => splitEscaped(part, '$'));
  const width = parameter.quantities.length > 0 ? 2 : parameter.parts.length;
  if (searched.some((parts) => parts.length !== width || parts.includes('')))
    throw new SearchError('bad-value', parameter.code);
  if (parameter.quantities.length > 0) {
    const rows = parameter.quantities.flatMap((code) => parameterOf(parameter.type, code) ?? []);
    return quantityFilter(
      context,
      rows,
      parameter.code,
      searched.map(([code = '', quantity = '']) => ({
        value: quantity,
        concepts: conceptsOfToken(context, parameter.code, code),
      })),
    );
  }
  return compositeOfParts(context, parameter, searched);
}

/** Records that have all parts somewhere, then those that have them together. */
function compositeOfParts(context: Context, parameter: Parameter, searched: readonly (readonly string[])[]): Filter {
  const either = searched.map((values) => values.map((value, at) => partFilter(context, parameter, at, value)));
  const holders = parameter.bases.map((base) =>
    compilePath<unknown[]>(base, (holder, found) => void found.push(holder)),
  );
  const tests = searched.map((values) =>
    parameter.parts.map((part, at) => {
      const test = elementTest(part.kind, parameter.code, values[at] ?? '', context.now);
      const walks = part.leaves.map(({ path, element }) =>
        compilePath<{ found: boolean }>(path, (value, state) => {
          if (!state.found && test(element, value)) state.found = true;
        }),
      );
      return (holder: unknown) => {
        const state = { found: false };
        for (const walk of walks) walk(holder, state);
        return state.found;
      };
    }),
  );
  return {
    alternatives:
      either.length === 1 ? (either[0]?.find((filter) => filter?.alternatives)?.alternatives ?? null) : null,
    probe: (patient, rid) =>
      or(either.map((parts) => and(parts.flatMap((filter) => filter?.probe(patient, rid) ?? [])))),
    verify: (resource) => {
      const found: unknown[] = [];
      for (const walk of holders) walk(resource, found);
      return found.some((holder) => tests.some((parts) => parts.every((test) => test(holder))));
    },
  };
}

/** A filter that lets all through that may have a part: the parameters that look at the same places. */
function partFilter(context: Context, composite: Parameter, at: number, value: string): Filter | null {
  const part = composite.parts[at];
  const places = composite.bases.flatMap(
    (base) => part?.leaves.map(({ path }) => (base === '' ? path : `${base}.${path}`)) ?? [],
  );
  const whole = [...parametersWith(composite.type)].filter(
    ({ kind, leaves }) => kind === part?.kind && leaves.some(({ path }) => places.includes(path)),
  );
  const covered = new Set(whole.flatMap(({ leaves }) => leaves.map(({ path }) => path)));
  if (!places.every((place) => covered.has(place))) return null;
  return eachRow(whole, (row) => parameterFilter(context, row, '', value));
}

function parametersWith(type: string): Iterable<Parameter> {
  return [...parametersOf(type).values()].filter(({ of }) => of.length === 0);
}

/** Chained parameters, one deep or more (R4 search.html#chaining): `patient.name=…`, `subject:Patient.name=…`. */
function chainFilter(context: Context, name: string, head: string, rest: string, value: string): Filter {
  const [code = '', only] = head.split(':');
  const parameter = parameterOf(context.type, code);
  if (!parameter) throw new SearchError('unknown-parameter', code);
  if (parameter.kind !== 'reference') throw new SearchError('unsupported-modifier', code);
  const types = only === undefined ? targetTypes(parameter) : [only];
  const inner = types.flatMap((type) => {
    const there = { ...context, type, level: context.level + 1 };
    try {
      return [{ type, rids: matching(there, compileCriteria(there, [{ name: rest, value }])) }];
    } catch (error) {
      // A target type that has no such parameter can't match; that none has is told below.
      if (error instanceof SearchError && error.code === 'unknown-parameter') return [];
      throw error;
    }
  });
  if (inner.length === 0) throw new SearchError('unknown-parameter', name.split(':', 1)[0] ?? name);
  const texts = inner.flatMap(({ type, rids }) => textsOfRecords(context, type, rids));
  return eachRow(rowsOf(parameter), (row) => referenceFilter(context, row, targetsOf(context, row, texts)));
}

function targetTypes(parameter: Parameter): readonly string[] {
  return parameter.targets.length > 0 ? parameter.targets.filter((type) => indexedTypes.includes(type)) : indexedTypes;
}

/** All records of a type that pass the filters. */
function matching(context: Context, filters: readonly Filter[]): number[] {
  const query = recordsOf(context, filters);
  return all<{ rid: number; body?: string }>(context.db, query)
    .filter(({ rid }) => verified(context, filters, rid))
    .map(({ rid }) => rid);
}

function verified({ db }: Context, filters: readonly Filter[], rid: number): boolean {
  const checks = filters.flatMap(({ verify }) => verify ?? []);
  if (checks.length === 0) return true;
  const row = one<{ body: string }>(db, piece('SELECT body FROM resource WHERE rid = ?', rid));
  const resource: unknown = row && JSON.parse(row.body);
  return checks.every((check) => check(resource));
}

/** A query of the numbers of all records that pass, along the first filter that has walks. */
function recordsOf(context: Context, filters: readonly Filter[], limit?: number): Sql {
  const driver = filters.find(({ alternatives }) => alternatives !== null);
  const walks = driver?.alternatives ?? [everyRecord(context)];
  const rest = filters.filter((filter) => filter !== driver);
  if (walks.length === 0) return piece('SELECT 0 AS rid, 0 AS patient WHERE 0');
  const parts = walks.map((walk) => {
    const where = and([
      walk.where,
      ...rest.map((filter) => filter.probe(walk.patient, walk.rid)),
      context.scope(walk.patient),
    ]);
    return piece(
      `SELECT ${walk.rid} AS rid, ${walk.patient} AS patient FROM ${walk.from.text} WHERE ${where.text}`,
      ...walk.from.args,
      ...where.args,
    );
  });
  const union = parts.map(({ text }) => text).join(' UNION ');
  return piece(
    limit === undefined ? union : `SELECT * FROM (${union}) LIMIT ${limit}`,
    ...parts.flatMap(({ args }) => args),
  );
}

/** Reverse chaining (R4 search.html#has): `_has:Observation:patient:code=…`. */
function hasFilter(context: Context, name: string, value: string): Filter {
  const [, source = '', code = '', ...rest] = name.split(':');
  const parameter = parameterOf(source, code);
  if (!indexedTypes.includes(source)) throw new SearchError('unknown-type', '_has');
  if (!parameter || rest.length === 0) throw new SearchError('unknown-parameter', '_has');
  if (parameter.kind !== 'reference') throw new SearchError('unsupported-modifier', '_has');
  const there = { ...context, type: source, level: context.level + 1 };
  const filters = compileCriteria(there, [{ name: rest.join(':'), value }]);
  const verifies = filters.some(({ verify }) => verify);
  const few = all<{ rid: number; patient: number }>(context.db, recordsOf(there, filters, LISTED_MAX));
  if (few.length < LISTED_MAX || verifies) return listedHas(context, there, parameter, filters, few, verifies);
  return probedHas(context, there, parameter, filters);
}

/** The other end is known: the records that it refers to. */
function listedHas(
  context: Context,
  there: Context,
  parameter: Parameter,
  filters: readonly Filter[],
  few: readonly { readonly rid: number; readonly patient: number }[],
  verifies: boolean,
): Filter {
  const rids = verifies ? matching(there, filters) : few.map(({ rid }) => rid);
  const ownOnly = context.type === 'Patient' && rowsOf(parameter).every((row) => row.compartment);
  if (ownOnly && !verifies) return patientsFilter(context, [...new Set(few.map(({ patient }) => patient))]);
  const list = JSON.stringify(rids);
  const found = rowsOf(parameter).map((row) =>
    piece(
      `SELECT r.rid FROM search_reference f JOIN search_target t ON t.tid = f.tid AND t.text >= ? AND t.text < ?
         JOIN resource r ON r.type = (SELECT tid FROM term WHERE text = ?) AND r.id = substr(t.text, ?)
       WHERE f.param = ? AND f.rid IN (SELECT value FROM json_each(?))`,
      `${context.type}/`,
      `${context.type}0`,
      context.type,
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

function patientsFilter(context: Context, patients: readonly number[]): Filter {
  const every = everyRecord(context);
  return {
    alternatives: [{ ...every, id: 'patients', where: and([every.where, among('d.patient', patients)]) }],
    probe: (patient) => among(patient, patients),
  };
}

function recordsFilter({ db, type }: Context, rids: readonly number[]): Filter {
  const list = JSON.stringify(rids);
  return {
    alternatives: [
      {
        ...everyRecord({ db, type }),
        id: 'records',
        from: piece(
          '(SELECT r.rid, ifnull(r.patient, 0) AS patient FROM json_each(?) j JOIN resource r ON r.rid = j.value) d',
          list,
        ),
        where: piece('1'),
      },
    ],
    probe: (_patient, rid) => piece(`${rid} IN (SELECT value FROM json_each(?))`, list),
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
        const where = and([walk.where, ...probes, there.scope(walk.patient)]);
        return piece(
          `EXISTS (SELECT 1 FROM (SELECT ${walk.patient} AS patient FROM ${walk.from.text} WHERE ${where.text}) ${inner}
             WHERE ${inner}.patient = ${patient})`,
          ...walk.from.args,
          ...where.args,
        );
      }),
    );
}
