import { indexedTypes, type Parameter, parameterOf, rowsOf } from '../table.ts';
import { type Compile, type Context, eachRow, type Filter } from './filter.ts';
import { matching } from './matching.ts';
import { referenceFilter, targetsOf, textsOfRecords } from './references.ts';
import { type Criterion, SearchError } from './request.ts';

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
  return eachRow(rowsOf(parameter), (row) => referenceFilter(context, row, targetsOf(context, row, texts)));
}

function targetTypes(parameter: Parameter): readonly string[] {
  return parameter.targets.length > 0 ? parameter.targets.filter((type) => indexedTypes.includes(type)) : indexedTypes;
}
