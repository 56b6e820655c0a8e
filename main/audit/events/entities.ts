import type { AuditEvent } from 'fhir/r4';
import type { Pattern } from './actions.ts';
import { contextOf, type Details, factDetails, labelCodings } from './details.ts';
import type { AuditEntry, Encryption } from './entry.ts';

type Entity = NonNullable<AuditEvent['entity']>[number];

const ENTITY_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const OBJECT_ROLE = 'http://terminology.hl7.org/CodeSystem/object-role';
/** A part of a chart that is no resource by itself: the summary, the results of one kind. */
export const VIEW_SYSTEM = 'urn:wardlight:view';

const PERSON = { system: ENTITY_TYPE, code: '1', display: 'Person' };
const SYSTEM_OBJECT = { system: ENTITY_TYPE, code: '2', display: 'System Object' };
const role = (code: string, display: string) => ({ system: OBJECT_ROLE, code, display });
const DOMAIN_RESOURCE = role('4', 'Domain Resource');
const QUERY = role('24', 'Query');
const SECURITY_USER = role('11', 'Security User Entity');
const SECURITY_RESOURCE = role('13', 'Security Resource');

function patientEntity({ patientId, facts }: AuditEntry, pattern: Pattern): Entity[] {
  if (patientId === undefined) return [];
  const what = { reference: `Patient/${patientId}` };
  const plain = { what, type: PERSON, role: role('1', 'Patient') };
  // BALP gives the patient of a deletion neither labels nor details.
  if (facts === undefined || pattern === 'delete') return [plain];
  const labels = facts.labels.length > 0 ? { securityLabel: labelCodings(facts.labels) } : {};
  return [{ ...plain, ...labels, detail: factDetails(facts) }];
}

/** BALP: exactly one thing that was read or written, or exactly one query. */
function objectEntity({ resource, view, query }: AuditEntry, pattern: Pattern): Entity[] {
  if (pattern === 'query') {
    const raw = Buffer.from(query ?? view ?? 'search').toString('base64');
    return [{ type: SYSTEM_OBJECT, role: QUERY, query: raw }];
  }
  if (resource !== undefined) return [{ what: { reference: resource }, type: SYSTEM_OBJECT, role: DOMAIN_RESOURCE }];
  if (pattern === null) return [];
  const what = { identifier: { system: VIEW_SYSTEM, value: view ?? 'unknown' } };
  return [{ what, type: SYSTEM_OBJECT, role: DOMAIN_RESOURCE }];
}

/** X-Request-Id (BALP 3:5.7.3.1): the same for all events of one call, and for the server where one was asked. */
function transactionEntity(requestId: string): Entity {
  return {
    what: { identifier: { value: requestId } },
    type: { system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType', code: 'XrequestId' },
  };
}

function evidenceEntities({ about, evidence = [] }: AuditEntry): Entity[] {
  return [
    ...(about === undefined ? [] : [{ what: { reference: about }, type: PERSON, role: SECURITY_USER }]),
    ...evidence.map((id) => ({
      what: { reference: `AuditEvent/${id}` },
      type: SYSTEM_OBJECT,
      role: SECURITY_RESOURCE,
    })),
  ];
}

function encryptionDetails({ context, keyId, algorithm }: Encryption): Details {
  const sorted = Object.fromEntries(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { 'encryption-context': JSON.stringify(sorted), 'key-id': keyId, algorithm };
}

/** The call, and what is told besides: of no type, so that it is none of BALP's parts. */
function contextEntity({ view, reason, details, encryption }: AuditEntry): Entity[] {
  const told: Details = {
    ...details,
    ...(reason !== undefined && { reason }),
    ...(encryption && encryptionDetails(encryption)),
  };
  const detail = contextOf(told);
  if (view === undefined && detail.length === 0) return [];
  return [{ name: view ?? 'context', ...(detail.length > 0 && { detail }) }];
}

/** What an event is about, in the parts that BALP gives it. */
export function entitiesOf(entry: AuditEntry, pattern: Pattern, requestId: string): Entity[] {
  return [
    ...patientEntity(entry, pattern),
    ...objectEntity(entry, pattern),
    ...evidenceEntities(entry),
    transactionEntity(requestId),
    ...contextEntity(entry),
  ];
}
