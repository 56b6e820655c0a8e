import type { AuditEvent } from 'fhir/r4';

type Coding = AuditEvent['type'];

/** What can be tried and denied, or done. */
export const interactions = [
  'read',
  'search',
  'print',
  'export',
  'copy',
  'create',
  'update',
  'delete',
  'upload',
  'decrypt',
  'emergency',
] as const;
export type Interaction = (typeof interactions)[number];

/** What becomes of a profile, and who comes and goes: what the session records. */
export const sessionActions = [
  'sign-in',
  /** A sign-in for an EHR that has launched Wardlight. */
  'launch',
  'enrol',
  'unlock',
  'unlock-failed',
  'lock',
  'change-passphrase',
  'rotate-key',
  /** After the last wrong passphrase: nothing on the workstation opens by one any more. */
  'keys-destroyed',
  /** The records were lost, and are fetched from the server again. */
  'rebuild-cache',
  /** A person has given up unsent changes that can't be opened; the file is kept. */
  'set-outbox-aside',
] as const;
export type SessionAction = (typeof sessionActions)[number];

/** All that is recorded. */
export const actions = [
  ...interactions,
  'denied',
  /** Emergency access: the alert that goes with it, a wrong passphrase for it, and that it is over. */
  'emergency-alert',
  'emergency-failed',
  'emergency-end',
  /** What is restricted of a patient was opened by stating a purpose. */
  'open-restricted',
  /** The organisation's access policies were taken, or could not be. */
  'policy-load',
  'policy-alarm',
  /** Text was typed that is not saved yet; once for each, not for each key. */
  'draft',
  'draft-discard',
  /** A change that was never sent is given up. */
  'withdraw',
  /** A person has chosen between two versions of a record. */
  'conflict-decision',
  /** A person has taken a server that was reset for what it is now. */
  'accept-server',
  /** A change leaves for the server; a run has brought records; a patient's records are on this workstation now. */
  'sync-sent',
  'sync-received',
  /** The server has ordered that this profile is erased. */
  'wipe',
  /** A link that was to launch Wardlight, and that was not followed. */
  'launch-refused',
  ...sessionActions,
  /** The program, its settings and machine policy, and the clock that it goes by. */
  'start',
  'stop',
  'configuration',
  'program-update',
  'clock-jump',
  /** A record begins, the first one here or one in place of another; can't be written any more, and can be again. */
  'log-begun',
  'log-stopped',
  'log-resumed',
  /** Something of this record was changed, is missing, or was never ours. */
  'log-finding',
  /** A rule has found something that a person is to look at; that a person found nothing in it. */
  'alarm',
  'alarm-false',
  /** The record of access itself was looked at: of a patient, the alarms, or what the log is like. */
  'review',
] as const;
export type AuditAction = (typeof actions)[number];

/** IHE Basic Audit Log Patterns 1.1 that an event follows; null where they have none for it. */
export type Pattern = 'read' | 'query' | 'create' | 'update' | 'delete' | 'disclosure' | null;

export interface Codes {
  readonly type: Coding;
  readonly subtype: readonly Coding[];
  readonly letter: NonNullable<AuditEvent['action']>;
  readonly pattern: Pattern;
}

export const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const ISO = 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle';
/** What was done, in the words of this list, beside the standards' words, several of which mean the same. */
export const ACTION_SYSTEM = 'urn:wardlight:audit-action';

function coding(system: string, code: string, display?: string): Coding {
  return { system, code, ...(display !== undefined && { display }) };
}

function rest(code: string, letter: Codes['letter'], pattern: Pattern): Codes {
  const type = coding('http://terminology.hl7.org/CodeSystem/audit-event-type', 'rest', 'Restful Operation');
  return { type, subtype: [coding('http://hl7.org/fhir/restful-interaction', code)], letter, pattern };
}

/** What happens to a record before it reaches the server (FHIR R4 valueset-audit-event-type.html, ISO 21089). */
function lifecycle(code: string, letter: Codes['letter']): Codes {
  return { type: coding(ISO, code), subtype: [coding(ISO, code)], letter, pattern: null };
}

function dicom(type: Coding, subtype: string, letter: Codes['letter'] = 'E'): Codes {
  return { type, subtype: [coding(DCM, subtype)], letter, pattern: null };
}

const authentication = (subtype: string) => dicom(coding(DCM, '110114', 'User Authentication'), subtype);
/** Something that a privacy officer is to look at (DICOM PS3.15, Security Alert). */
const securityAlert = (subtype: string) => dicom(coding(DCM, '110113', 'Security Alert'), subtype);
const application = (subtype: string) => dicom(coding(DCM, '110100', 'Application Activity'), subtype);

/** What leaves Wardlight for paper, a file or another program. */
function leaving(how: readonly string[], pattern: Pattern): Codes {
  return { type: coding(DCM, '110106', 'Export'), subtype: how.map((code) => coding(ISO, code)), letter: 'R', pattern };
}

const IMPORT: Codes = {
  type: coding(DCM, '110107', 'Import'),
  subtype: [coding(ISO, 'receive')],
  letter: 'C',
  pattern: null,
};

/** DICOM: what the workstation trusts, its software, the rights on a thing and of a person, a node's authentication. */
const SECURITY_CONFIGURATION = securityAlert('110129');
const SOFTWARE_CONFIGURATION = securityAlert('110131');
const OBJECT_SECURITY = securityAlert('110135');
const USER_SECURITY = securityAlert('110137');
const NODE_AUTHENTICATION = securityAlert('110126');
/** DICOM: audit recording started, and stopped. */
const RECORDING_STARTED = securityAlert('110134');
const RECORDING_STOPPED = securityAlert('110133');
const RESTRICTED_FUNCTION = securityAlert('110132');

type Plain = Exclude<AuditAction, 'denied' | 'sync-sent'>;

const CODES: Record<Plain, Codes> = {
  read: rest('read', 'R', 'read'),
  search: rest('search', 'E', 'query'),
  create: rest('create', 'C', 'create'),
  update: rest('update', 'U', 'update'),
  delete: rest('delete', 'D', 'delete'),
  upload: rest('create', 'C', 'create'),
  print: leaving(['disclose', 'report'], 'disclosure'),
  export: leaving(['disclose', 'extract'], 'disclosure'),
  copy: leaving(['extract'], null),
  decrypt: lifecycle('decrypt', 'R'),
  emergency: rest('read', 'R', 'read'),
  // DICOM: Emergency Override Started, and Stopped.
  'emergency-alert': securityAlert('110127'),
  'emergency-failed': securityAlert('110127'),
  'emergency-end': securityAlert('110138'),
  'open-restricted': rest('read', 'R', 'read'),
  'policy-load': SECURITY_CONFIGURATION,
  'policy-alarm': SECURITY_CONFIGURATION,
  draft: lifecycle('originate', 'C'),
  'draft-discard': lifecycle('destroy', 'D'),
  withdraw: lifecycle('destroy', 'D'),
  'conflict-decision': lifecycle('merge', 'U'),
  'accept-server': SECURITY_CONFIGURATION,
  'sync-received': IMPORT,
  wipe: lifecycle('destroy', 'D'),
  'launch-refused': NODE_AUTHENTICATION,
  'sign-in': authentication('110122'),
  launch: authentication('110122'),
  enrol: authentication('110122'),
  unlock: authentication('110122'),
  'unlock-failed': authentication('110122'),
  lock: authentication('110123'),
  'change-passphrase': USER_SECURITY,
  'rotate-key': OBJECT_SECURITY,
  'keys-destroyed': OBJECT_SECURITY,
  'rebuild-cache': lifecycle('restore', 'U'),
  'set-outbox-aside': lifecycle('archive', 'U'),
  start: application('110120'),
  stop: application('110121'),
  configuration: SECURITY_CONFIGURATION,
  'program-update': SOFTWARE_CONFIGURATION,
  'clock-jump': SECURITY_CONFIGURATION,
  'log-begun': RECORDING_STARTED,
  'log-stopped': RECORDING_STOPPED,
  'log-resumed': RECORDING_STARTED,
  'log-finding': OBJECT_SECURITY,
  alarm: RESTRICTED_FUNCTION,
  'alarm-false': lifecycle('amend', 'U'),
  review: dicom(coding(DCM, '110101', 'Audit Log Used'), '110101', 'R'),
};

const REFUSED: ReadonlySet<AuditAction> = new Set(['denied', 'unlock-failed', 'emergency-failed', 'launch-refused']);
const SERIOUS: ReadonlySet<AuditAction> = new Set(['policy-alarm', 'log-finding', 'log-stopped']);

/** `auditevent-outcome`: success, refused or failed, or a serious failure (FHIR R4 auditevent.html). */
export function outcomeOf(action: AuditAction): '0' | '4' | '8' {
  if (SERIOUS.has(action)) return '8';
  return REFUSED.has(action) ? '4' : '0';
}

function standardCodes(action: AuditAction, attempted: Interaction): Codes {
  if (action === 'denied') return CODES[attempted];
  if (action !== 'sync-sent') return CODES[action];
  const codes = CODES[attempted];
  // BALP lets a deletion have no second subtype.
  return attempted === 'delete' ? codes : { ...codes, subtype: [...codes.subtype, coding(ISO, 'transmit')] };
}

/** The codes by which an action is recorded; `attempted`: what was denied, or what a change that is sent does. */
export function codesOf(action: AuditAction, attempted: Interaction = 'read'): Codes {
  const codes = standardCodes(action, attempted);
  if (codes.pattern === 'delete') return codes;
  return { ...codes, subtype: [...codes.subtype, coding(ACTION_SYSTEM, action)] };
}
