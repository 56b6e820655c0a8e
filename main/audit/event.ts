import type { AuditEvent } from 'fhir/r4';

/** What can be tried and denied, or done. */
type Interaction = 'read' | 'search' | 'print' | 'export' | 'create' | 'update' | 'delete' | 'upload' | 'emergency';

/** What is recorded of one access. Later the whole of IHE BALP; today who, what, whose, why and whether it was allowed. */
export interface AuditEntry {
  action:
    | Interaction
    | 'denied'
    /** Emergency access: the alert that goes with it, a wrong passphrase for it, and that it is over. */
    | 'emergency-alert'
    | 'emergency-failed'
    | 'emergency-end'
    /** What is restricted of a patient was opened by stating a purpose. */
    | 'open-restricted'
    /** The organisation's access policies could not be taken. */
    | 'policy-alarm'
    /** Text was typed that is not saved yet; once for each, not for each key. */
    | 'draft'
    | 'draft-discard'
    /** A change that was never sent is given up. */
    | 'withdraw'
    /** A person has chosen between two versions of a record. */
    | 'conflict-decision'
    /** A person has taken a server that was reset for what it is now. */
    | 'accept-server'
    /** The server has ordered that this profile is erased. */
    | 'wipe'
    /** A link that was to launch Wardlight, and that was not followed. */
    | 'launch-refused'
    | 'sign-in'
    /** A sign-in for an EHR that has launched Wardlight. */
    | 'launch'
    | 'enrol'
    | 'unlock'
    | 'unlock-failed'
    | 'lock'
    | 'change-passphrase'
    | 'rotate-key'
    /** After the last wrong passphrase: nothing on the workstation opens by one any more. */
    | 'keys-destroyed'
    /** The records were lost, and are fetched from the server again. */
    | 'rebuild-cache'
    /** A person has given up unsent changes that can't be opened; the file is kept. */
    | 'set-outbox-aside'
    /** A log of accesses begins: the first one here, or one in place of a log that can't be gone on with. */
    | 'log-begun'
    /** Something is wrong with the log of accesses. */
    | 'log-finding'
    /** The log can't be written any more, and can be again. */
    | 'log-stopped'
    | 'log-resumed'
    /** The record of access itself was looked at: of a patient, the alarms, or what the log is like. */
    | 'review'
    /** A person has found nothing in an alarm. */
    | 'alarm-false';
  /** `Practitioner/<id>`; null where nobody has signed in. */
  practitioner: string | null;
  server: string;
  patientId?: string;
  /** The record that is written, `DocumentReference/<id>`; a new one has the id that it has here. */
  resource?: string;
  /** The view or call that was asked for, such as `chart.read`. */
  view?: string;
  /** What was denied; a read where it isn't said. */
  attempted?: Interaction;
  /** Purpose of use, a code of HL7 v3 ActReason; TREAT where it isn't said. */
  purpose?: string;
  /** Under emergency access. */
  emergency?: boolean;
  /** Why, in the clinician's own words. */
  reason?: string;
  /** Ids of AuditEvents that it is about. */
  evidence?: readonly string[];
  /** What else is to be known, by name. */
  details?: Readonly<Record<string, string>>;
}

interface Codes {
  readonly type: AuditEvent['type'];
  readonly subtype: NonNullable<AuditEvent['subtype']>[number];
  readonly letter: AuditEvent['action'];
}

const DCM = { system: 'http://dicom.nema.org/resources/ontology/DCM' };
const REST = { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' };
const AUTHENTICATION = {
  system: 'http://dicom.nema.org/resources/ontology/DCM',
  code: '110114',
  display: 'User Authentication',
};

function interaction(code: string, letter: AuditEvent['action']): Codes {
  return { type: REST, subtype: { system: 'http://hl7.org/fhir/restful-interaction', code }, letter };
}

/** What happens to a record before it reaches the server (FHIR R4 valueset-audit-event-type.html, ISO 21089). */
function lifecycle(code: string, letter: AuditEvent['action']): Codes {
  const coding = { system: 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle', code };
  return { type: coding, subtype: coding, letter };
}

function authentication(code: string): Codes {
  const subtype = { system: 'http://dicom.nema.org/resources/ontology/DCM', code };
  return { type: AUTHENTICATION, subtype, letter: 'E' };
}

/** Something that a privacy officer is to look at (DICOM PS3.15, Security Alert). */
function securityAlert(code: string): Codes {
  const system = 'http://dicom.nema.org/resources/ontology/DCM';
  return { type: { system, code: '110113' }, subtype: { system, code }, letter: 'E' };
}

/** A decision on what the workstation trusts (DICOM: security configuration). */
const SECURITY_CONFIGURATION = securityAlert('110129');

/** A system that is not among those which may launch Wardlight (DICOM: node authentication). */
const NODE_AUTHENTICATION = securityAlert('110126');

/** DICOM: audit recording started, and stopped. */
const RECORDING_STARTED = securityAlert('110134');
const RECORDING_STOPPED = securityAlert('110133');

const CODES: Record<Exclude<AuditEntry['action'], 'denied'>, Codes> = {
  read: interaction('read', 'R'),
  search: interaction('search', 'E'),
  create: interaction('create', 'C'),
  update: interaction('update', 'U'),
  delete: interaction('delete', 'D'),
  upload: interaction('create', 'C'),
  print: lifecycle('report', 'R'),
  export: lifecycle('extract', 'R'),
  emergency: interaction('read', 'R'),
  // DICOM: Emergency Override Started, and Stopped.
  'emergency-alert': securityAlert('110127'),
  'emergency-failed': securityAlert('110127'),
  'emergency-end': securityAlert('110138'),
  'open-restricted': interaction('read', 'R'),
  'policy-alarm': SECURITY_CONFIGURATION,
  draft: lifecycle('originate', 'C'),
  'draft-discard': lifecycle('destroy', 'D'),
  withdraw: lifecycle('destroy', 'D'),
  'conflict-decision': lifecycle('merge', 'U'),
  'accept-server': SECURITY_CONFIGURATION,
  wipe: lifecycle('destroy', 'D'),
  'launch-refused': NODE_AUTHENTICATION,
  'sign-in': authentication('110122'),
  launch: authentication('110122'),
  enrol: authentication('110122'),
  unlock: authentication('110122'),
  'unlock-failed': authentication('110122'),
  lock: authentication('110123'),
  // User security attributes changed, and object security attributes changed.
  'change-passphrase': securityAlert('110137'),
  'rotate-key': securityAlert('110135'),
  'keys-destroyed': securityAlert('110135'),
  'rebuild-cache': lifecycle('restore', 'U'),
  'set-outbox-aside': lifecycle('archive', 'U'),
  'log-begun': RECORDING_STARTED,
  // Object security attributes changed.
  'log-finding': securityAlert('110135'),
  'log-stopped': RECORDING_STOPPED,
  'log-resumed': RECORDING_STARTED,
  // DICOM: Audit Log Used.
  review: { type: { ...DCM, code: '110101' }, subtype: { ...DCM, code: '110101' }, letter: 'R' },
  'alarm-false': lifecycle('amend', 'U'),
};

/** `auditevent-outcome`: success, or refused (FHIR R4 auditevent.html). */
function outcomeOf(action: AuditEntry['action']): AuditEvent['outcome'] {
  if (['policy-alarm', 'log-finding', 'log-stopped'].includes(action)) return '8';
  return ['denied', 'unlock-failed', 'emergency-failed', 'launch-refused'].includes(action) ? '4' : '0';
}

type Entity = NonNullable<AuditEvent['entity']>[number];

const ENTITY_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const OBJECT_ROLE = 'http://terminology.hl7.org/CodeSystem/object-role';

function patientEntity(patientId: string): Entity {
  return {
    what: { reference: `Patient/${patientId}` },
    type: { system: ENTITY_TYPE, code: '1' },
    role: { system: OBJECT_ROLE, code: '1' },
  };
}

/** A domain resource that is written (IHE BALP, Create and Update with a patient). */
function resourceEntity(reference: string): Entity {
  return {
    what: { reference },
    type: { system: ENTITY_TYPE, code: '2' },
    role: { system: OBJECT_ROLE, code: '4' },
  };
}

/** What an alarm goes by, or the alarm that a person has looked at (DICOM object role: security resource). */
function evidenceEntity(id: string): Entity {
  return {
    what: { reference: `AuditEvent/${id}` },
    type: { system: ENTITY_TYPE, code: '2' },
    role: { system: OBJECT_ROLE, code: '13' },
  };
}

/** Done by IT, for the whole workstation. */
const BY_IT: ReadonlySet<AuditEntry['action']> = new Set([
  'accept-server',
  'policy-alarm',
  'wipe',
  'log-begun',
  'log-finding',
  'log-stopped',
  'log-resumed',
  'review',
  'alarm-false',
]);

/** v3-ActReason: care where nothing else was stated, but for what IT does. */
function purposeOf({ action, purpose }: AuditEntry): string {
  return purpose ?? (BY_IT.has(action) ? 'HSYSADMIN' : 'TREAT');
}

/** Emergency access is told as what it is beside the purpose that was stated (v3-ActReason BTG). */
function purposesOf(entry: AuditEntry): string[] {
  const overrides = entry.emergency || entry.attempted === 'emergency' || entry.action.startsWith('emergency');
  return [...new Set([...(overrides ? ['BTG'] : []), purposeOf(entry)])];
}

/** The clinician's own words, beside what they are about (FHIR R4 auditevent.html, entity.detail). */
function reasonEntity(reason: string): Entity {
  return { name: 'reason', detail: [{ type: 'reason', valueString: reason }] };
}

function detailsEntity(details: Readonly<Record<string, string>>): Entity {
  return {
    name: 'details',
    detail: Object.entries(details).map(([type, valueString]) => ({ type, valueString })),
  };
}

/** Whoever sends a link to a workstation where nobody has signed in is nobody that is known. */
function agentOf(practitioner: string | null): AuditEvent['agent'][number] {
  if (practitioner === null) return { who: { display: 'nobody signed in' }, requestor: true };
  return { who: { reference: practitioner }, requestor: true };
}

/** A FHIR R4 AuditEvent after the patterns of IHE Basic Audit Log Patterns (one patient per event). */
export function auditEvent(entry: AuditEntry, recorded: string, requestId: string): AuditEvent {
  const { type, subtype, letter } = CODES[entry.action === 'denied' ? (entry.attempted ?? 'read') : entry.action];
  return {
    resourceType: 'AuditEvent',
    type,
    subtype: [subtype],
    ...(letter && { action: letter }),
    recorded,
    outcome: outcomeOf(entry.action) ?? '8',
    purposeOfEvent: purposesOf(entry).map((code) => ({
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code }],
    })),
    agent: [agentOf(entry.practitioner)],
    source: { observer: { display: 'Wardlight' }, site: entry.server },
    entity: [
      ...(entry.patientId === undefined ? [] : [patientEntity(entry.patientId)]),
      ...(entry.resource === undefined ? [] : [resourceEntity(entry.resource)]),
      ...(entry.evidence ?? []).map(evidenceEntity),
      {
        what: { identifier: { value: requestId } },
        type: { system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType', code: 'XrequestId' },
      },
      ...(entry.view === undefined ? [] : [{ name: entry.view }]),
      ...(entry.reason === undefined ? [] : [reasonEntity(entry.reason)]),
      ...(entry.details === undefined ? [] : [detailsEntity(entry.details)]),
    ],
  };
}
