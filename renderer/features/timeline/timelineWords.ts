import type { EntryKind, KindKnowledge, TimelineEntry, VersionLine } from '../../../preload/contract/timeline.ts';
import { formatDateTime } from '../../parts/dates.ts';

/** Kinds of entries in the order of the filter, one and many. */
export const KIND_WORDS: Readonly<Record<EntryKind, readonly [one: string, many: string]>> = {
  encounter: ['Encounter', 'Encounters'],
  note: ['Note', 'Notes'],
  result: ['Result', 'Results'],
  vital: ['Vital signs', 'Vital signs'],
  medication: ['Medication', 'Medications'],
  problem: ['Problem', 'Problems'],
  allergy: ['Allergy', 'Allergies'],
  immunisation: ['Immunisation', 'Immunisations'],
  procedure: ['Procedure', 'Procedures'],
  order: ['Request', 'Requests'],
  document: ['Document', 'Documents'],
  alert: ['Alert', 'Alerts'],
  plan: ['Plan', 'Care plans and teams'],
  appointment: ['Appointment', 'Appointments'],
  task: ['Task', 'Tasks'],
  history: ['History', 'Social and family history'],
  other: ['Other', 'Other records'],
};

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `2026-03` as `March 2026`. */
export function monthWords(month: string | null): string {
  if (month === null) return 'Without a date';
  const [year = '', number = ''] = month.split('-');
  return `${MONTHS[Number(number) - 1] ?? number} ${year}`;
}

/** Kinds that aren't all there, in one sentence each; what is complete is worth no word. */
export function gapWords(kinds: readonly KindKnowledge[]): readonly string[] {
  const named = (wanted: KindKnowledge['state']) =>
    kinds.filter(({ state }) => state === wanted).map(({ kind }) => KIND_WORDS[kind][1].toLowerCase());
  const sentence = (start: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${start}: ${names.join(', ')}.`];
  return [
    ...sentence('Not permitted to view', named('not-permitted')),
    ...sentence('Only a part is here', named('partial')),
    ...sentence('Not available offline', named('not-fetched')),
    ...sentence(
      'Deletions on the server can’t be noticed',
      kinds.filter((one) => one.deletionsUnknown).map(({ kind }) => KIND_WORDS[kind][1].toLowerCase()),
    ),
  ];
}

/** Why an entry is struck out. */
export function withdrawnWords({ status }: Pick<TimelineEntry, 'status'>): string {
  return status === 'cancelled' ? 'Cancelled' : 'Entered in error';
}

const ENDED: Readonly<Record<VersionLine['ended'], string>> = {
  current: 'now',
  replaced: 'replaced',
  deleted: 'deleted',
  unavailable: 'no longer readable',
  local: 'on the server',
};

/** A version on one line: `12-Mar-2026 14:32 · Dr Osei · version 3 · now`. */
export function versionWords({ lastUpdated, knownFrom, who, versionId, ended, unsent }: VersionLine): string {
  if (unsent !== null) return ['Not yet sent, on this workstation only', who].filter(Boolean).join(' · ');
  const time = lastUpdated ?? knownFrom;
  return [
    time === null ? 'time not known' : formatDateTime(time),
    who ?? 'author not recorded',
    versionId === '' ? null : `version ${versionId}`,
    ENDED[ended],
  ]
    .filter(Boolean)
    .join(' · ');
}
