import type { CodeableConcept, Coding, Identifier, Period, Quantity, Reference, Timing } from 'fhir/r4';
import { badRequest } from '../fhir/reply.ts';
import { referenceKey } from '../store/references.ts';
import type { Parameter } from './parameters.ts';
import {
  compareRange,
  dateRange,
  fold,
  numberRange,
  type Range,
  splitEscaped,
  splitPrefix,
  unescaped,
} from './values.ts';

/** Whether one extracted element satisfies one searched value (already split at commas). */
type Test = (element: unknown) => boolean;

/** Elements of a search parameter, by shape; all types that R4's expressions yield. */
type Element = Coding & CodeableConcept & Identifier & Quantity & Reference & Period & Timing;

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(strings);
  if (typeof value !== 'object' || value === null) return [];
  // HumanName and Address: their text and parts. `use` and `period` are codes and dates, not names.
  return Object.entries(value).flatMap(([name, part]) => (name === 'use' || name === 'period' ? [] : strings(part)));
}

function stringTest(value: string, modifier: string | undefined): Test {
  const plain = unescaped(value);
  if (modifier === 'exact') return (element) => strings(element).includes(plain);
  const wanted = fold(plain);
  if (modifier === 'contains') return (element) => strings(element).some((text) => fold(text).includes(wanted));
  if (modifier) throw badRequest(`the modifier :${modifier} does not fit a string parameter`);
  return (element) => strings(element).some((text) => fold(text).startsWith(wanted));
}

interface Token {
  system: string | undefined;
  value: string;
}

function tokens(element: unknown): Token[] {
  if (typeof element === 'string' || typeof element === 'boolean')
    return [{ system: undefined, value: String(element) }];
  const { coding, system, code, value, resourceType } = element as Element & { resourceType?: string };
  if (resourceType) return [];
  if (coding) return coding.flatMap((c) => (c.code ? [{ system: c.system, value: c.code }] : []));
  const plain = code ?? value;
  return plain === undefined ? [] : [{ system, value: String(plain) }];
}

function texts(element: unknown): string[] {
  const { coding, text, display, type } = element as Element;
  return [text, display, (type as CodeableConcept | undefined)?.text, ...(coding ?? []).map((c) => c.display)].filter(
    (t) => t !== undefined,
  );
}

function tokenTest(value: string, modifier: string | undefined): Test {
  if (modifier === 'text')
    return (element) => texts(element).some((text) => fold(text).startsWith(fold(unescaped(value))));
  if (modifier && modifier !== 'not')
    throw badRequest(`the modifier :${modifier} is not supported for a token parameter`);
  const parts = splitEscaped(value, '|').map(unescaped);
  const [system, code] = parts.length > 1 ? parts : [undefined, parts[0]];
  const wanted = code?.toLowerCase() ?? '';
  // "|code" asks for no system at all; "system|" for any code of it: FHIR R4 search.html#token.
  return (element) =>
    tokens(element).some(
      (token) =>
        (system === undefined || (system === '' ? !token.system : token.system === system)) &&
        ((wanted === '' && system !== undefined) || token.value.toLowerCase() === wanted),
    );
}

export function referenceTargets(value: string, target: readonly string[], modifier: string | undefined): string[] {
  const plain = unescaped(value);
  if (plain.includes('/')) return [referenceKey(plain) ?? plain];
  return (modifier ? [modifier] : target).map((type) => `${type}/${plain}`);
}

function referenceTest(value: string, modifier: string | undefined, target: readonly string[]): Test {
  if (modifier === 'identifier') {
    const test = tokenTest(value, undefined);
    return (element) => (element as Reference).identifier !== undefined && test((element as Reference).identifier);
  }
  if (modifier && !/^[A-Z]/.test(modifier))
    throw badRequest(`the modifier :${modifier} is not supported for references`);
  const wanted = new Set(referenceTargets(value, target, modifier));
  return (element) => {
    const reference = typeof element === 'string' ? element : (element as Reference).reference;
    return reference !== undefined && (wanted.has(referenceKey(reference) ?? reference) || wanted.has(reference));
  };
}

function elementRange(element: unknown): Range | undefined {
  if (typeof element === 'string') return dateRange(element);
  const { start, end, event, repeat } = element as Element;
  if (start || end) {
    return {
      low: dateRange(start ?? '')?.low ?? Number.NEGATIVE_INFINITY,
      high: dateRange(end ?? '')?.high ?? Number.POSITIVE_INFINITY,
    };
  }
  if (repeat?.boundsPeriod) return elementRange(repeat.boundsPeriod);
  const ranges = (event ?? []).flatMap((text) => dateRange(text) ?? []);
  if (ranges.length === 0) return undefined;
  return { low: Math.min(...ranges.map((r) => r.low)), high: Math.max(...ranges.map((r) => r.high)) };
}

/** A test on dates, also used for `_lastUpdated`, which needs no parse of the resource. */
export function dateTest(value: string): Test {
  const { prefix, rest } = splitPrefix(value);
  const search = dateRange(rest);
  if (!search) throw badRequest(`"${value}" is not a date`);
  return (element) => {
    const range = elementRange(element);
    return range !== undefined && compareRange(prefix, range, search, Date.now());
  };
}

function numberTest(value: string): Test {
  const { prefix, rest } = splitPrefix(value);
  const search = numberRange(rest);
  return (element) => {
    const { low, high } = element as { low?: Quantity; high?: Quantity };
    const range =
      typeof element === 'number'
        ? { low: element, high: element }
        : { low: low?.value ?? Number.NEGATIVE_INFINITY, high: high?.value ?? Number.POSITIVE_INFINITY };
    // For all but equality the searched value is exact: FHIR R4 search.html#number.
    const exact = { low: Number(rest), high: Number(rest) };
    return compareRange(prefix, range, prefix === 'eq' || prefix === 'ne' ? search : exact);
  };
}

function quantityTest(value: string): Test {
  const [number = '', system = '', code = ''] = splitEscaped(value, '|').map(unescaped);
  const test = numberTest(number);
  return (element) => {
    const quantity = element as Quantity;
    if (quantity.value === undefined || !test(quantity.value)) return false;
    if (system) return quantity.system === system && quantity.code === code;
    return !code || quantity.code === code || quantity.unit === code;
  };
}

function uriTest(value: string, modifier: string | undefined): Test {
  const wanted = unescaped(value);
  if (modifier === 'below') return (element) => String(element).startsWith(wanted);
  if (modifier === 'above') return (element) => wanted.startsWith(String(element));
  if (modifier) throw badRequest(`the modifier :${modifier} does not fit a uri parameter`);
  return (element) => element === wanted;
}

function compositeTest(value: string, parameter: Parameter): Test {
  const parts = splitEscaped(value, '$');
  if (parts.length !== parameter.components.length)
    throw badRequest(`"${value}" needs ${parameter.components.length} parts`);
  const tests = parameter.components.map((part, i) => ({
    ...part,
    test: typeTest(part.type, parts[i]!, undefined, []),
  }));
  return (element) => tests.every(({ extract, test }) => extract(element as never).some(test));
}

function typeTest(
  type: Parameter['type'],
  value: string,
  modifier: string | undefined,
  target: readonly string[],
): Test {
  if (type === 'string') return stringTest(value, modifier);
  if (type === 'token') return tokenTest(value, modifier);
  if (type === 'reference') return referenceTest(value, modifier, target);
  if (type === 'uri') return uriTest(value, modifier);
  if (modifier) throw badRequest(`the modifier :${modifier} does not fit a ${type} parameter`);
  if (type === 'date') return dateTest(value);
  if (type === 'number') return numberTest(value);
  if (type === 'quantity') return quantityTest(value);
  throw badRequest(`parameters of type ${type} are not supported`);
}

/** A test of all elements that the parameter extracts: comma means or, `:not` no match at all, `:missing` presence. */
export function parameterTest(
  parameter: Parameter,
  modifier: string | undefined,
  value: string,
): (all: unknown[]) => boolean {
  if (modifier === 'missing') {
    if (value !== 'true' && value !== 'false') throw badRequest(':missing takes true or false');
    return (all) => (all.length === 0) === (value === 'true');
  }
  const tests = splitEscaped(value, ',').map((part) =>
    parameter.type === 'composite'
      ? compositeTest(part, parameter)
      : typeTest(parameter.type, part, modifier, parameter.target),
  );
  if (modifier === 'not') return (all) => !all.some((element) => tests.some((test) => test(element)));
  return (all) => all.some((element) => tests.some((test) => test(element)));
}
