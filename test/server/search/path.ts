import { evalFhirPath } from '@medplum/core';
import type { Resource } from 'fhir/r4';

/**
 * The FHIRPath of search parameters, compiled. Nearly all of R4's are plain paths with `where(resolve() is T)`,
 * `where(name='value')` or `ofType(T)`; those become array walks, a hundred times as fast as an interpreter.
 * The rest go to @medplum/core.
 */
export type Extract = (resource: Resource) => unknown[];

type Step = (values: unknown[]) => unknown[];

const STEP = /^(?:where\(resolve\(\) is (\w+)\)|where\((\w+)='([^']*)'\)|ofType\((\w+)\)|as\((\w+)\)|(\w+)(\[0\])?)$/;

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function property(name: string, onlyFirst: boolean): Step {
  return (values) => {
    const out: unknown[] = [];
    for (const value of values) {
      const found = member(value, name);
      if (Array.isArray(found)) for (const item of found) out.push(item);
      else if (found !== undefined && found !== null) out.push(found);
    }
    return onlyFirst ? out.slice(0, 1) : out;
  };
}

/** `value` alone means any `value[x]`: FHIR R4 fhirpath.html#types. */
function choice(name: string): Step {
  const pattern = new RegExp(`^${name}[A-Z]`);
  return (values) =>
    values.flatMap((value) => {
      const plain = member(value, name);
      if (plain !== undefined) return plain as unknown[];
      const key = typeof value === 'object' && value !== null && Object.keys(value).find((k) => pattern.test(k));
      return key ? (member(value, key) as unknown[]) : [];
    });
}

/** Whether a reference is to the type: by its text, or `type`, without reading the target. */
function refersTo(type: string): (value: unknown) => boolean {
  return (value) => {
    const reference = member(value, 'reference');
    if (typeof reference === 'string') return `/${reference}`.includes(`/${type}/`);
    return member(value, 'type') === type;
  };
}

/** What may precede a type cast: the last property is a choice, read under its typed name. */
function typed(name: string, type: string): Step {
  const suffixed = property(name + type[0]!.toUpperCase() + type.slice(1), false);
  return suffixed;
}

function split(path: string): string[] {
  return path.match(/\w+\((?:[^()]|\(\))*\)|\w+(?:\[0\])?/g) ?? [];
}

/** Elements that are choices but appear in expressions without a cast. */
const CHOICES = new Set([
  'effective',
  'performed',
  'onset',
  'occurrence',
  'medication',
  'serviced',
  'multipleBirth',
  'collected',
]);

function compileSteps(parts: string[]): Step[] | undefined {
  const steps: Step[] = [];
  for (let i = 0; i < parts.length; i += 1) {
    const match = STEP.exec(parts[i]!);
    if (!match) return undefined;
    const [, resolves, key, value, ofType, asType, name, first] = match;
    if (resolves) {
      const test = refersTo(resolves);
      steps.push((values) => values.filter(test));
    } else if (key) steps.push((values) => values.filter((item) => member(item, key) === value));
    else if (name) {
      const next = parts[i + 1] ? STEP.exec(parts[i + 1]!) : undefined;
      const cast = next?.[4] ?? next?.[5];
      if (cast) {
        steps.push(typed(name, cast));
        i += 1;
      } else steps.push(CHOICES.has(name) ? choice(name) : property(name, first !== undefined));
    } else if (ofType || asType) return undefined;
  }
  return steps;
}

/** The alternatives of a parameter's expression that concern this type. */
function alternatives(expression: string, type: string): string[] {
  return expression
    .split('|')
    .map((part) => part.trim().replace(/^\(([^()]*(?:\([^()]*\))?[^()]*)\)/, '$1'))
    .filter((part) => new RegExp(`^\\(*(?:${type}|Resource|DomainResource)\\b`).test(part));
}

/** Compiles the part of `expression` that applies to `type`. */
export function compilePath(expression: string, type: string): Extract {
  const extracts = alternatives(expression, type).map((path): Extract => {
    const steps =
      /^[\w.[\]()'= -]+$/.test(path) && !/ and | != /.test(path) ? compileSteps(split(path).slice(1)) : undefined;
    if (!steps) return (resource) => evalFhirPath(path, resource);
    return (resource) => {
      let values: unknown[] = [resource];
      for (const step of steps) values = step(values);
      return values;
    };
  });
  if (extracts.length === 1) return extracts[0]!;
  return (resource) => extracts.flatMap((extract) => extract(resource));
}
