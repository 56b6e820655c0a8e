import type { AccessLine, ReviewedPerson } from '../../../preload/contract/audit.ts';
import { formatName, formatNameWithPrefix } from '../../parts/names.ts';

const VIEWS: Readonly<Record<string, string>> = {
  'chart.read': 'Opened the chart',
  'results.list': 'Looked at the results',
  'results.trend': 'Looked at a trend of results',
  'notes.read': 'Read a note',
  'sync.sections': 'Looked at what is stored',
  'sync.conflict': 'Looked at a conflict',
  'audit.accesses': 'Looked at who has seen the chart',
  'access.openRestricted': 'Opened restricted records',
};

const ACTIONS: Readonly<Record<string, string>> = {
  read: 'Looked at the record',
  search: 'Saw the patient in a list',
  'search-type': 'Saw the patient in a list',
  create: 'Wrote',
  update: 'Changed',
  delete: 'Deleted',
  upload: 'Sent a document',
  decrypt: 'Decrypted',
  print: 'Printed',
  export: 'Exported',
  copy: 'Copied to the clipboard',
  'open-restricted': 'Opened restricted records',
  emergency: 'Emergency access',
  'emergency-alert': 'Declared emergency access',
  'emergency-failed': 'Tried to declare emergency access with a wrong passphrase',
  'emergency-end': 'Emergency access ended',
  draft: 'Typed something that was not saved yet',
  'draft-discard': 'Discarded what was typed',
  withdraw: 'Withdrew a change',
  'conflict-decision': 'Decided between two versions',
  'sync-sent': 'A change was sent to the server',
  'sync-received': 'Records were brought by a sync',
  receive: 'Records were brought by a sync',
  review: 'Looked at the record of access',
  alarm: 'An alarm rang',
  'alarm-false': 'Marked an alarm as a false one',
  unlock: 'Unlocked Wardlight',
  'unlock-failed': 'Tried to unlock with a wrong passphrase',
  '110122': 'Signed in, or unlocked',
  '110123': 'Locked Wardlight',
};

/** Records in a person's words where they stand for themselves. */
const RECORDS: Readonly<Record<string, string>> = {
  DocumentReference: 'a note',
  Observation: 'a value',
  AllergyIntolerance: 'an allergy',
  Condition: 'a problem',
  MedicationRequest: 'a medication',
};

const own = (words: Readonly<Record<string, string>>, key: string | null) =>
  key !== null && Object.hasOwn(words, key) ? words[key] : undefined;

/** What somebody has done, in plain words. */
export function deedWords({ action, view, resourceType }: AccessLine): string {
  const seen = ['read', 'denied', 'review'].includes(action) ? own(VIEWS, view) : undefined;
  const deed = seen ?? own(ACTIONS, action) ?? `Other access (${action || 'unknown'})`;
  const writes = ['create', 'update', 'delete'].includes(action);
  return writes && resourceType !== null ? `${deed} ${own(RECORDS, resourceType) ?? `a ${resourceType}`}` : deed;
}

const OUTCOMES = { done: '', refused: 'refused', failed: 'failed' } as const;

/** Empty where it was done. */
export function outcomeWords({ outcome }: Pick<AccessLine, 'outcome'>): string {
  return OUTCOMES[outcome];
}

const PURPOSES: Readonly<Record<string, string>> = {
  TREAT: 'Treatment',
  ETREAT: 'Emergency treatment',
  BTG: 'Override of access',
  CAREMGT: 'Planning and coordinating care',
  HOPERAT: 'Running the hospital',
  HSYSADMIN: 'Administration',
  PATRQT: 'The patient’s request',
};

export function purposesWords({ purposes }: Pick<AccessLine, 'purposes'>): string {
  return purposes.map((code) => own(PURPOSES, code) ?? code).join(', ');
}

/** By her name, else by her reference; nobody where the program did it. */
export function personWords(person: ReviewedPerson | null): string {
  if (person === null) return 'Nobody signed in';
  return person.name ? formatNameWithPrefix(person.name) : person.reference;
}

export function patientWords({ id, name }: NonNullable<AccessLine['patient']>): string {
  return name ? formatName(name) : `Patient ${id}`;
}
