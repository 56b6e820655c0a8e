import type { EntryKind, KindKnowledge, TimelineEntry, VersionLine } from '../../../preload/contract/timeline.ts';
import { formatDateTime } from '../../parts/dates.ts';
import { LANGUAGE, t } from '../../words/t.ts';

/** Kinds of entries in the order of the filter, one and many. */
export const KIND_WORDS: Readonly<Record<EntryKind, readonly [one: string, many: string]>> = {
  encounter: [t('Encounter'), t('Encounters')],
  note: [t('Note'), t('Notes')],
  result: [t('Result'), t('Results')],
  vital: [t('Vital signs'), t('Vital signs')],
  medication: [t('Medication'), t('Medications')],
  problem: [t('Problem'), t('Problems')],
  allergy: [t('Allergy'), t('Allergies')],
  immunisation: [t('Immunisation'), t('Immunisations')],
  procedure: [t('Procedure'), t('Procedures')],
  order: [t('Request'), t('Requests')],
  document: [t('Document'), t('Documents')],
  form: [t('Form'), t('Forms')],
  alert: [t('Alert'), t('Alerts')],
  plan: [t('Plan'), t('Care plans and teams')],
  appointment: [t('Appointment'), t('Appointments')],
  task: [t('Task'), t('Tasks')],
  history: [t('History'), t('Social and family history')],
  other: [t('Other'), t('Other records')],
};

const monthFormat = new Intl.DateTimeFormat(LANGUAGE, { month: 'long', year: 'numeric', timeZone: 'UTC' });

/** `2026-03` as `March 2026`. */
export function monthWords(month: string | null): string {
  if (month === null) return t('Without a date');
  return monthFormat.format(new Date(`${month}-15T00:00:00Z`));
}

type KindGap = Pick<KindKnowledge, 'kind' | 'state'> & Partial<Pick<KindKnowledge, 'deletionsUnknown'>>;

/** Kinds that aren't all there, in one sentence each; what is complete is worth no word. */
export function gapWords(kinds: readonly KindGap[]): readonly string[] {
  const named = (wanted: KindKnowledge['state']) =>
    kinds.filter(({ state }) => state === wanted).map(({ kind }) => KIND_WORDS[kind][1].toLowerCase());
  const sentence = (start: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${start}: ${names.join(', ')}.`];
  return [
    ...sentence(t('Not permitted to view'), named('not-permitted')),
    ...sentence(t('Only a part is here'), named('partial')),
    ...sentence(t('Not available offline'), named('not-fetched')),
    ...sentence(t('Not kept on this workstation, by your organisation’s policy'), named('not-kept')),
    ...sentence(
      t('Deletions on the server can’t be noticed'),
      kinds.filter((one) => one.deletionsUnknown).map(({ kind }) => KIND_WORDS[kind][1].toLowerCase()),
    ),
  ];
}

/** Why an entry is struck out. */
export function withdrawnWords({ status }: Pick<TimelineEntry, 'status'>): string {
  return status === 'cancelled' ? t('Cancelled') : t('Entered in error');
}

const ENDED: Readonly<Record<VersionLine['ended'], string>> = {
  current: t('now'),
  replaced: t('replaced'),
  deleted: t('deleted'),
  unavailable: t('no longer readable'),
  local: t('on the server'),
};

/** A version on one line: `12-Mar-2026 14:32 · Dr Osei · version 3 · now`. */
export function versionWords({ lastUpdated, knownFrom, who, versionId, ended, unsent }: VersionLine): string {
  if (unsent !== null) return [t('Not yet sent, on this workstation only'), who].filter(Boolean).join(' · ');
  const time = lastUpdated ?? knownFrom;
  return [
    time === null ? t('time not known') : formatDateTime(time),
    who ?? t('author not recorded'),
    versionId === '' ? null : t('version {versionId}', { versionId }),
    ENDED[ended],
  ]
    .filter(Boolean)
    .join(' · ');
}
