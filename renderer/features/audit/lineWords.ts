import type { AccessLine, ReviewedPerson } from '../../../preload/contract/audit.ts';
import { formatName, formatNameWithPrefix } from '../../parts/names.ts';
import { t } from '../../words/t.ts';

const VIEWS: Readonly<Record<string, string>> = {
  'chart.read': t('Opened the chart'),
  'results.list': t('Looked at the results'),
  'results.trend': t('Looked at a trend of results'),
  'notes.read': t('Read a note'),
  'find.inChart': t('Searched in the chart'),
  'sync.sections': t('Looked at what is stored'),
  'sync.conflict': t('Looked at a conflict'),
  'audit.accesses': t('Looked at who has seen the chart'),
  'access.openRestricted': t('Opened restricted records'),
};

const ACTIONS: Readonly<Record<string, string>> = {
  read: t('Looked at the record'),
  search: t('Saw the patient in a list'),
  'search-type': t('Saw the patient in a list'),
  create: t('Wrote'),
  update: t('Changed'),
  delete: t('Deleted'),
  upload: t('Sent a document'),
  decrypt: t('Decrypted'),
  print: t('Printed'),
  export: t('Exported'),
  copy: t('Copied to the clipboard'),
  'open-restricted': t('Opened restricted records'),
  emergency: t('Emergency access'),
  'emergency-alert': t('Declared emergency access'),
  'emergency-failed': t('Tried to declare emergency access with a wrong passphrase'),
  'emergency-end': t('Emergency access ended'),
  draft: t('Typed something that was not saved yet'),
  'draft-discard': t('Discarded what was typed'),
  withdraw: t('Withdrew a change'),
  'conflict-decision': t('Decided between two versions'),
  'sync-sent': t('A change was sent to the server'),
  'sync-received': t('Records were brought by a sync'),
  receive: t('Records were brought by a sync'),
  review: t('Looked at the record of access'),
  alarm: t('An alarm rang'),
  'alarm-false': t('Marked an alarm as a false one'),
  unlock: t('Unlocked Wardlight'),
  'unlock-failed': t('Tried to unlock with a wrong passphrase'),
  '110122': t('Signed in, or unlocked'),
  '110123': t('Locked Wardlight'),
};

/** Records in a person's words where they stand for themselves. */
const RECORDS: Readonly<Record<string, string>> = {
  DocumentReference: t('a note'),
  Observation: t('a value'),
  AllergyIntolerance: t('an allergy'),
  Condition: t('a problem'),
  MedicationRequest: t('a medication'),
};

const own = (words: Readonly<Record<string, string>>, key: string | null) =>
  key !== null && Object.hasOwn(words, key) ? words[key] : undefined;

/** What somebody has done, in plain words. */
export function deedWords({ action, view, resourceType }: AccessLine): string {
  const seen = ['read', 'denied', 'review'].includes(action) ? own(VIEWS, view) : undefined;
  const deed = seen ?? own(ACTIONS, action) ?? t('Other access ({action})', { action: action || t('unknown') });
  const writes = ['create', 'update', 'delete'].includes(action);
  return writes && resourceType !== null ? `${deed} ${own(RECORDS, resourceType) ?? `a ${resourceType}`}` : deed;
}

const OUTCOMES = { done: '', refused: t('refused'), failed: t('failed') } as const;

/** Empty where it was done. */
export function outcomeWords({ outcome }: Pick<AccessLine, 'outcome'>): string {
  return OUTCOMES[outcome];
}

const PURPOSES: Readonly<Record<string, string>> = {
  TREAT: t('Treatment'),
  ETREAT: t('Emergency treatment'),
  BTG: t('Override of access'),
  CAREMGT: t('Planning and coordinating care'),
  HOPERAT: t('Running the hospital'),
  HSYSADMIN: t('Administration'),
  PATRQT: t('The patient’s request'),
};

export function purposesWords({ purposes }: Pick<AccessLine, 'purposes'>): string {
  return purposes.map((code) => own(PURPOSES, code) ?? code).join(', ');
}

/** By her name, else by her reference; nobody where the program did it. */
export function personWords(person: ReviewedPerson | null): string {
  if (person === null) return t('Nobody signed in');
  return person.name ? formatNameWithPrefix(person.name) : person.reference;
}

export function patientWords({ id, name }: NonNullable<AccessLine['patient']>): string {
  return name ? formatName(name) : t('Patient {id}', { id });
}
