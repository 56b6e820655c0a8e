import { CONTAINED, containedParameter, refersToMedicines } from '../extract.ts';
import { indexedTypes, type Parameter, parameterOf, rowsOf } from '../table.ts';
import { type Compile, type Context, eachRow, type Filter, parameterNumber } from './filter.ts';
import { matching } from './matching.ts';
import { checkModifier } from './modifiers.ts';
import { referenceFilter, targetsOf, textsOfRecords } from './references.ts';
import { type Criterion, SearchError } from './request.ts';
import { and, or, piece } from './sql.ts';
import { conceptFilter } from './tokens.ts';

/** Chained parameters, one deep or more (R4 search.html#chaining): `patient.name=…`, `subject:Patient.name=…`. */
export function chainFilter(context: Context, { name, value }: Criterion, compile: Compile): Filter {
  const dot = name.indexOf('.');
  const [code = '', only] = name.slice(0, dot).split(':');
  const rest = name.slice(dot + 1);
  const parameter = parameterOf(context.type, code);
  if (!parameter) throw new SearchError('unknown-parameter', code);
  if (parameter.kind !== 'reference') throw new SearchError('unsupported-modifier', code);
  const types = only === undefined ? targetTypes(parameter) : [only];
  const inner = types.flatMap((type) => {
    const there = { ...context, type, level: context.level + 1 };
    try {
      return [{ type, rids: matching(there, compile(there, [{ name: rest, value }])) }];
    } catch (error) {
      // A target type that has no such parameter can't match; that none has is told below.
      if (error instanceof SearchError && error.code === 'unknown-parameter') return [];
      throw error;
    }
  });
  if (inner.length === 0) throw new SearchError('unknown-parameter', name.split(':', 1)[0] ?? name);
  const texts = inner.flatMap(({ type, rids }) => textsOfRecords(context, type, rids));
  const referred = eachRow(rowsOf(parameter), (row) => referenceFilter(context, row, targetsOf(context, row, texts)));
  const isOfMedicine = code === 'medication' && types.includes('Medication') && refersToMedicines.has(context.type);
  return isOfMedicine ? eitherMedicine(referred, containedFilter(context, rest, value)) : referred;
}

/** By the code of a Medication that the record contains; null where anything else of it is asked for. */
function containedFilter(context: Context, name: string, value: string): Filter | null {
  const [code = '', modifier = ''] = name.split(':');
  const parameter = parameterOf('Medication', code);
  if (code !== 'code' || !parameter || modifier === 'missing') return null;
  checkModifier(parameter, modifier);
  const row = { ...parameter, type: context.type, code: CONTAINED };
  const filter = conceptFilter(context, [row], code, modifier, value);
  if (filter.alternatives) return filter;
  const param = parameterNumber(context.db, containedParameter(context.type));
  const contains = (rid: string) => piece(`${rid} IN (SELECT t.rid FROM search_token t WHERE t.param = ?)`, param);
  return { ...filter, probe: (patient, rid) => and([contains(rid), filter.probe(patient, rid)]) };
}

/** A record is of one medicine, which either it contains or another record is. */
function eitherMedicine(referred: Filter, contained: Filter | null): Filter {
  if (!contained) return referred;
  const lists = [referred.alternatives, contained.alternatives];
  const walks = lists.flatMap((list, at) => list?.map((walk) => ({ ...walk, id: `${at}.${walk.id}` })) ?? []);
  return {
    alternatives: lists.includes(null) ? null : walks,
    probe: (patient, rid) => or([referred.probe(patient, rid), contained.probe(patient, rid)]),
  };
}

function targetTypes(parameter: Parameter): readonly string[] {
  return parameter.targets.length > 0 ? parameter.targets.filter((type) => indexedTypes.includes(type)) : indexedTypes;
}
