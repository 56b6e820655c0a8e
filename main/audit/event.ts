import type { AuditEvent } from 'fhir/r4';

/** What is recorded of one access. Later the whole of IHE BALP; today who, what, whose, why and whether it was allowed. */
export interface AuditEntry {
  action: 'read' | 'search' | 'denied' | 'sign-in' | 'enrol' | 'unlock' | 'unlock-failed' | 'lock';
  /** `Practitioner/<id>`. */
  practitioner: string;
  server: string;
  patientId?: string;
  /** The view that was asked for, such as `chart.read`. */
  view?: string;
}

const SUBTYPES: Record<AuditEntry['action'], { system: string; code: string; letter: AuditEvent['action'] }> = {
  read: { system: 'http://hl7.org/fhir/restful-interaction', code: 'read', letter: 'R' },
  search: { system: 'http://hl7.org/fhir/restful-interaction', code: 'search', letter: 'E' },
  denied: { system: 'http://hl7.org/fhir/restful-interaction', code: 'read', letter: 'R' },
  'sign-in': { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110122', letter: 'E' },
  enrol: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110122', letter: 'E' },
  unlock: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110122', letter: 'E' },
  'unlock-failed': { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110122', letter: 'E' },
  lock: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110123', letter: 'E' },
};

/** `auditevent-outcome`: success, or refused (FHIR R4 auditevent.html). */
function outcomeOf(action: AuditEntry['action']): AuditEvent['outcome'] {
  return action === 'denied' || action === 'unlock-failed' ? '4' : '0';
}

function typeOf(action: AuditEntry['action']): AuditEvent['type'] {
  const isAccess = action === 'read' || action === 'search' || action === 'denied';
  return isAccess
    ? { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' }
    : { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110114', display: 'User Authentication' };
}

/** A FHIR R4 AuditEvent after the patterns of IHE Basic Audit Log Patterns (one patient per event). */
export function auditEvent(entry: AuditEntry, recorded: string, requestId: string): AuditEvent {
  const { letter, ...subtype } = SUBTYPES[entry.action];
  return {
    resourceType: 'AuditEvent',
    type: typeOf(entry.action),
    subtype: [subtype],
    ...(letter && { action: letter }),
    recorded,
    outcome: outcomeOf(entry.action) ?? '8',
    purposeOfEvent: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }] }],
    agent: [{ who: { reference: entry.practitioner }, requestor: true }],
    source: { observer: { display: 'Wardlight' }, site: entry.server },
    entity: [
      ...(entry.patientId === undefined
        ? []
        : [
            {
              what: { reference: `Patient/${entry.patientId}` },
              type: { system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type', code: '1' },
              role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '1' },
            },
          ]),
      {
        what: { identifier: { value: requestId } },
        type: { system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType', code: 'XrequestId' },
      },
      ...(entry.view === undefined ? [] : [{ name: entry.view }]),
    ],
  };
}
