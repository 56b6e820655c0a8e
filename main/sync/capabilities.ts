import type { CapabilityStatement, CapabilityStatementRestResource } from 'fhir/r4';

/** What the download needs to know of a server (FHIR R4 capabilitystatement.html). */
export interface Capabilities {
  /** True where the server says that it can search the type, of most by patient, or says nothing of its searches. */
  canSearch(type: string): boolean;
  /** True where the server says that it has the type, or says nothing of its types. */
  hasType(type: string): boolean;
  /** Search parameter of the type's clinical date, or null. */
  dateParameter(type: string): string | null;
  /** True where the server tells what was deleted of a type. */
  hasTypeHistory(type: string): boolean;
  /** True where a single earlier version can be read, so that one that can't be is one that the server never had. */
  hasVersions(type: string): boolean;
  readonly exportsGroups: boolean;
  /** By what the server is known again; null where it doesn't tell. */
  readonly identity: string | null;
}

/** The objects of a list in a server's statement, which may be anything. */
export function listOf<Item>(list: readonly Item[] | undefined): readonly Item[] {
  return Array.isArray(list) ? list.filter((item: Item) => typeof item === 'object' && item !== null) : [];
}

/**
 * Parameters by which a type's clinical date is searched (R4, each resource's page), the best one first. Of immunisations and
 * procedures none: their time may be words ("January 2012"), which no comparison of dates finds, and which servers don't
 * count as missing.
 */
const dateParameters: Readonly<Record<string, readonly string[]>> = {
  Encounter: ['date'],
  Observation: ['date'],
  DiagnosticReport: ['date'],
  DocumentReference: ['date'],
  CarePlan: ['date'],
  Goal: ['start-date'],
  FamilyMemberHistory: ['date'],
  ServiceRequest: ['authored', 'occurrence'],
};

/** Types that are searched otherwise than by a patient of whom they are. */
const ofNoPatient: ReadonlySet<string> = new Set(['Patient', 'Questionnaire']);

/** Reads the statement; one that says nothing leaves everything to be tried. */
export function readCapabilities(statement: CapabilityStatement | null): Capabilities {
  const resources = listOf(statement?.rest).flatMap(({ resource }) => listOf(resource));
  const byType = new Map(resources.map((resource) => [String(resource.type), resource]));
  const tellsSearches = resources.some((resource) => hasParameter(resource, 'patient'));
  const offers = (type: string, code: string) =>
    listOf(byType.get(type)?.interaction).some((interaction) => interaction.code === code);
  return {
    canSearch: (type) => !tellsSearches || hasParameter(byType.get(type), ofNoPatient.has(type) ? null : 'patient'),
    hasType: (type) => byType.size === 0 || byType.has(type),
    dateParameter: (type) => dateParameters[type]?.find((name) => hasParameter(byType.get(type), name)) ?? null,
    hasTypeHistory: (type) => offers(type, 'history-type'),
    hasVersions: (type) => offers(type, 'vread'),
    exportsGroups: listOf(byType.get('Group')?.operation).some(({ name }) => /^\$?(group-)?export$/.test(name)),
    identity: identityOf(statement),
  };
}

function hasParameter(resource: CapabilityStatementRestResource | undefined, name: string | null): boolean {
  if (!resource) return false;
  return name === null || listOf(resource.searchParam).some((parameter) => parameter.name === name);
}

/** Version and date change with every update of a server; its name and address don't. */
function identityOf(statement: CapabilityStatement | null): string | null {
  const [name, url] = [statement?.software?.name, statement?.implementation?.url];
  return name === undefined && url === undefined ? null : JSON.stringify([name ?? null, url ?? null]);
}
