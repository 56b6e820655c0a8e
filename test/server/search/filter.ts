import { badRequest } from '../fhir/reply.ts';
import { referenceKey } from '../store/references.ts';
import type { Repository, Version } from '../store/store.ts';
import { dateTest, parameterTest, referenceTargets } from './match.ts';
import { parameterOf } from './parameters.ts';
import { splitEscaped, unescaped } from './values.ts';

/** One `name=value` of a search, made ready for one type. */
export interface Filter {
  test: (version: Version) => boolean;
  /** All that can match, where an index knows; otherwise every resource of the type is tested. */
  candidates?: () => Version[];
}

type Store = Pick<Repository, 'all' | 'current' | 'parsed' | 'referring' | 'types'>;

/** Distinct versions from several index look-ups. */
const distinct = (versions: Version[]) => [...new Set(versions)];

function idFilter(store: Store, type: string, value: string): Filter {
  const ids = new Set(splitEscaped(value, ',').map(unescaped));
  return {
    test: (version) => ids.has(version.id),
    candidates: () => [...ids].flatMap((id) => store.current(type, id) ?? []).filter((version) => version.text),
  };
}

function lastUpdatedFilter(value: string): Filter {
  const tests = splitEscaped(value, ',').map(dateTest);
  return { test: (version) => tests.some((test) => test(version.lastUpdated)) };
}

/** `patient=` is answered from what the store knows of each version, without parsing it. */
function patientFilter(store: Store, type: string, modifier: string | undefined, value: string): Filter {
  const targets = splitEscaped(value, ',').flatMap((part) => referenceTargets(part, ['Patient'], modifier));
  const ids = new Set(targets.flatMap((target) => (target.startsWith('Patient/') ? target.slice(8) : [])));
  return {
    test: (version) => version.patients.some((id) => ids.has(id)),
    candidates: () => distinct([...ids].flatMap((id) => store.referring(`Patient/${id}`, type))),
  };
}

/** All current resources of a type that pass one more `name=value`; the inner search of chains and `_has`. */
function matching(store: Store, type: string, name: string, value: string): Version[] | undefined {
  const filter = compileFilter(store, type, name, value);
  return filter && (filter.candidates?.() ?? store.all(type)).filter(filter.test);
}

/** Chained parameters: FHIR R4 search.html#chaining. */
function chainFilter(store: Store, type: string, head: string, rest: string, value: string): Filter | undefined {
  const [code = '', targetType] = head.split(':');
  const parameter = parameterOf(type, code);
  if (parameter?.type !== 'reference') return undefined;
  const targets = targetType ? [targetType] : store.types().filter((t) => parameter.target.includes(t));
  const found = targets.map((target) => matching(store, target, rest, value));
  if (targets.length > 0 && found.every((list) => list === undefined)) return undefined;
  const keys = new Set(found.flatMap((list) => (list ?? []).map((version) => `${version.type}/${version.id}`)));
  return {
    test: (version) =>
      parameter.extract(store.parsed(version)).some((element) => {
        const reference = (element as { reference?: string }).reference;
        return reference !== undefined && keys.has(referenceKey(reference) ?? reference);
      }),
    candidates: () => distinct([...keys].flatMap((key) => store.referring(key, type))),
  };
}

/** Reverse chaining: FHIR R4 search.html#has. */
function hasFilter(store: Store, type: string, name: string, value: string): Filter | undefined {
  const [, source = '', code = '', ...rest] = name.split(':');
  const parameter = parameterOf(source, code);
  const found = rest.length > 0 && parameter?.type === 'reference' && matching(store, source, rest.join(':'), value);
  if (!found || !parameter) return undefined;
  const ids = new Set<string>();
  for (const version of found) {
    for (const element of parameter.extract(store.parsed(version))) {
      const key = referenceKey((element as { reference?: string }).reference ?? '');
      if (key?.startsWith(`${type}/`)) ids.add(key.slice(type.length + 1));
    }
  }
  return {
    test: (version) => ids.has(version.id),
    candidates: () => [...ids].flatMap((id) => store.current(type, id) ?? []).filter((version) => version.text),
  };
}

/** Prepares one `name=value` for a type; undefined where the type has no such parameter. */
export function compileFilter(store: Store, type: string, name: string, value: string): Filter | undefined {
  if (name.startsWith('_has:')) return hasFilter(store, type, name, value);
  const dot = name.indexOf('.');
  if (dot > 0) return chainFilter(store, type, name.slice(0, dot), name.slice(dot + 1), value);
  const [code = '', modifier] = name.split(':');
  if (code === '_id' && !modifier) return idFilter(store, type, value);
  if (code === '_lastUpdated' && !modifier) return lastUpdatedFilter(value);
  const parameter = parameterOf(type, code);
  if (!parameter) return undefined;
  if (value === '') throw badRequest(`${name} has no value`);
  if (code === 'patient' && parameter.type === 'reference' && (!modifier || modifier === 'Patient')) {
    return patientFilter(store, type, modifier, value);
  }
  const test = parameterTest(parameter, modifier, value);
  const filter: Filter = { test: (version) => test(parameter.extract(store.parsed(version))) };
  if (parameter.type === 'reference' && (!modifier || /^[A-Z]/.test(modifier))) {
    const keys = splitEscaped(value, ',').flatMap((part) => referenceTargets(part, parameter.target, modifier));
    // Canonical and absolute references to other servers are not in the index.
    if (keys.every((key) => referenceKey(key) === key)) {
      filter.candidates = () => distinct(keys.flatMap((key) => store.referring(key, type)));
    }
  }
  return filter;
}
