import { parameterOf, rowsOf } from '../table.ts';
import { chainFilter } from './chain.ts';
import type { Context, Filter } from './filter.ts';
import { hasFilter } from './has.ts';
import { idFilter } from './id.ts';
import { missingFilter } from './missing.ts';
import { checkModifier } from './modifiers.ts';
import { parameterFilter } from './parameter.ts';
import { dateFilter } from './ranges.ts';
import { type Criterion, SearchError } from './request.ts';
import { wordsFilter } from './words.ts';

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

function compileCriterion(context: Context, criterion: Criterion): Filter {
  const { name, value } = criterion;
  if (context.level > LEVELS_MAX) throw new SearchError('bad-value', name.split(/[:.]/, 1)[0] ?? name);
  if (name.startsWith('_has:')) return hasFilter(context, criterion, compileCriteria);
  if (name.indexOf('.') > 0) return chainFilter(context, criterion, compileCriteria);
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
