import { compilePath } from '../path.ts';
import { type Parameter, parameterOf, parametersOf } from '../table.ts';
import { type Context, eachRow, type Filter } from './filter.ts';
import { quantityFilter } from './ranges.ts';
import { alternativesOf, SearchError, splitEscaped } from './request.ts';
import { and, or } from './sql.ts';
import { conceptsOfToken } from './tokens.ts';
import { elementTest } from './wanted.ts';

/** The filter of another parameter: handed in, since a composite is itself one of the kinds that it chooses from. */
type FilterOf = (parameter: Parameter, value: string) => Filter;

/** `code$value`: both in the same element (R4 search.html#composite). */
export function compositeFilter(context: Context, parameter: Parameter, value: string, filterOf: FilterOf): Filter {
  const searched = alternativesOf(parameter.code, value).map((part) => splitEscaped(part, '$'));
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
  return compositeOfParts(context, parameter, searched, filterOf);
}

/** Records that have all parts somewhere, then those that have them together. */
function compositeOfParts(
  context: Context,
  parameter: Parameter,
  searched: readonly (readonly string[])[],
  filterOf: FilterOf,
): Filter {
  const either = searched.map((values) => values.map((value, at) => partFilter(parameter, at, value, filterOf)));
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
function partFilter(composite: Parameter, at: number, value: string, filterOf: FilterOf): Filter | null {
  const part = composite.parts[at];
  const places = composite.bases.flatMap(
    (base) => part?.leaves.map(({ path }) => (base === '' ? path : `${base}.${path}`)) ?? [],
  );
  const whole = [...parametersWith(composite.type)].filter(
    ({ kind, leaves }) => kind === part?.kind && leaves.some(({ path }) => places.includes(path)),
  );
  const covered = new Set(whole.flatMap(({ leaves }) => leaves.map(({ path }) => path)));
  if (!places.every((place) => covered.has(place))) return null;
  return eachRow(whole, (row) => filterOf(row, value));
}

function parametersWith(type: string): Iterable<Parameter> {
  return [...parametersOf(type).values()].filter(({ of }) => of.length === 0);
}
