import { type Parameter, rowsOf } from '../table.ts';
import { compositeFilter } from './composite.ts';
import { type Context, eachRow, type Filter, nameOf } from './filter.ts';
import { dateFilter, quantityFilter, stringFilter } from './ranges.ts';
import { referenceFilter, targetsOf, uriFilter, wantedTargets } from './references.ts';
import { alternativesOf } from './request.ts';
import { conceptFilter, identifierFilter, isIdentifier } from './tokens.ts';

/** A value of a parameter of the table, by its kind; the modifier is one that the parameter takes. */
export function parameterFilter(context: Context, parameter: Parameter, modifier: string, value: string): Filter {
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
      const searched = alternativesOf(name, value).map((part) => ({ value: part, concepts: null }));
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
      return compositeFilter(context, parameter, value, (row, part) => parameterFilter(context, row, '', part));
  }
}

/** A parameter that is part of another's rows (`patient` of `subject`) finds only the types that it may point to. */
function narrowed(parameter: Parameter, texts: readonly string[]): readonly string[] {
  if (parameter.of.length === 0 || parameter.targets.length === 0) return texts;
  return texts.filter((text) => parameter.targets.some((type) => text.startsWith(`${type}/`)));
}
