import type { ChangeState, PendingChange } from '../../../preload/contract/sync.ts';
import { formatName } from '../../parts/names.ts';
import { t } from '../../words/t.ts';

/** In the order in which they need somebody. */
export const STATE_ORDER: readonly ChangeState[] = ['conflict', 'parked', 'sending', 'waiting'];

export const STATE_WORDS: Readonly<Record<ChangeState, { readonly title: string; readonly means: string }>> = {
  conflict: {
    title: t('Conflicts'),
    means: t(
      'The record was changed on the server too. Nothing of it is sent until you have chosen; the rest goes on.',
    ),
  },
  parked: {
    title: t('Rejected'),
    means: t('The server did not take these. Correct them and send them again, or withdraw them.'),
  },
  sending: {
    title: t('Being sent'),
    means: t('They have left this workstation, and the answer is not known yet. Each is kept until it is.'),
  },
  waiting: { title: t('Waiting'), means: t('Stored here, encrypted. They go to the server with the next sync.') },
};

const ACTION_WORDS = { create: t('New'), update: t('Changed'), delete: t('Deleted') } as const;

export function actionWords({ action }: Pick<PendingChange, 'action'>): string {
  return ACTION_WORDS[action];
}

/** Whose record it is, as far as that may be said. */
export function whose({ patient, withheld }: Pick<PendingChange, 'patient' | 'withheld'>): string {
  return withheld ? t('A patient or record that you may not see') : formatName(patient);
}

/** `sent 2 times` says nothing good, so the first try is not counted out loud. */
export function attemptWords(attempts: number): string | null {
  return attempts === 0
    ? null
    : t('tried {count}', { count: t('{count, plural, one {# time} other {# times}}', { count: attempts }) });
}

/** The changes of one state after the other, each oldest first as they come. */
export function byState(items: readonly PendingChange[]): { state: ChangeState; items: PendingChange[] }[] {
  return STATE_ORDER.map((state) => ({ state, items: items.filter((item) => item.state === state) })).filter(
    (group) => group.items.length > 0,
  );
}

/** Codes of ours for a rejection; what the server says itself stands beside them. */
const PROBLEM_WORDS: Readonly<Record<string, string>> = {
  rejected: t('The server says that the record is not valid.'),
  forbidden: t('The server does not allow you to write this.'),
  'not-found': t('The server no longer has the record.'),
  gone: t('The server has deleted the record.'),
  partial: t('The server gave a part of the record only: sent, it would delete the rest.'),
  'too-large': t('It is too large for the server.'),
  'not-versioned': t('The server keeps no versions of such records: sent, it might overwrite what others wrote.'),
  'version-unusable': t('The server names its version in a way that can’t be sent back: it might overwrite others.'),
  entangled: t('It refers to another new record that the server did not take together with it.'),
  'number-taken': t(
    'Its number belongs to another patient on the server. Check the label or the paper that it is on, then give this record another number, or withdraw it.',
  ),
  'reference-withdrawn': t('It refers to a record that was withdrawn before it was sent.'),
  uncertain: t('It may be on the server already, and the server does not let this be asked.'),
};

/** Codes of problems in which the server may have said more. */
const SERVERS: ReadonlySet<string> = new Set(['rejected', 'forbidden', 'not-found', 'gone', 'too-large']);

/** What a rejection says to a person, where the server's issues are not known: its own words, else ours. */
export function problemLines({ code, lines }: NonNullable<PendingChange['problem']>): readonly string[] {
  const ours = Object.hasOwn(PROBLEM_WORDS, code) ? PROBLEM_WORDS[code] : undefined;
  // A refusal was kept with the server's words in lines, once; what is a problem of our own has ours.
  if (lines.length > 0 && (ours === undefined || SERVERS.has(code))) return lines;
  return [ours ?? t('The server did not say why it took it not.')];
}

/** True where the server may take a rejected change as it is: what refers to nothing it never will. */
export function isRepeatable({ state, problem }: Pick<PendingChange, 'state' | 'problem'>): boolean {
  return state === 'parked' && problem?.code !== 'reference-withdrawn';
}

/** Types of which what was typed or done can be corrected in the form in which it was. */
const CORRECTABLE: ReadonlySet<string> = new Set([
  'DocumentReference',
  'Observation',
  'AllergyIntolerance',
  'Condition',
  'MedicationStatement',
  'Task',
  'Immunization',
  'Appointment',
  'QuestionnaireResponse',
  'Encounter',
  'Specimen',
]);

/** True where this program has an editor for the record. */
export function isCorrectable({
  resourceType,
  action,
  problem,
}: Pick<PendingChange, 'resourceType' | 'action' | 'problem'>): boolean {
  // What has somebody else's number gets another one where that is told.
  return action !== 'delete' && problem?.code !== 'number-taken' && CORRECTABLE.has(resourceType);
}
