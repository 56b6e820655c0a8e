import type { AlarmLine, AlarmRule, AlarmSending } from '../../../preload/contract/audit.ts';

type Counted = Pick<AlarmLine, 'measured' | 'threshold'>;

interface RuleWords {
  readonly title: string;
  /** What was seen, and why somebody is to look at it. */
  readonly means: (counted: Counted) => string;
}

const number = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(1));

/** `31 charts, where 20 would be usual`. */
function counted(what: string, { measured, threshold }: Counted): string {
  if (measured === null) return `Many ${what}`;
  return `${number(measured)} ${what}${threshold === null ? '' : `, where up to ${number(threshold)} are no surprise`}`;
}

const RULES: Readonly<Record<AlarmRule, RuleWords>> = {
  'many-charts': {
    title: 'Many charts in a short time',
    means: (alarm) => `${counted('charts', alarm)} for this person and her role.`,
  },
  'outside-panel': {
    title: 'Charts of patients who are not hers',
    means: ({ measured }) =>
      `Opened in an emergency, or tried in vain: ${measured === null ? 'several patients' : `${number(measured)} patients`} to whom neither a care team nor a panel relates her.`,
  },
  'same-family-name': {
    title: 'A patient of the same family name',
    means: () => 'Somebody has opened the chart of a patient who has her own family name.',
  },
  'own-record': { title: 'Her own record', means: () => 'Somebody has opened the chart of herself.' },
  colleague: { title: 'A colleague as patient', means: () => 'The patient is also a clinician who is known here.' },
  confidential: {
    title: 'A confidential or well-known patient',
    means: () => 'The patient is marked, and who has opened the chart is not on the care team.',
  },
  'failed-unlocks': {
    title: 'Wrong passphrases',
    means: (alarm) =>
      alarm.measured === null
        ? 'The keys were destroyed after too many wrong passphrases.'
        : `${number(alarm.measured)} wrong passphrases in a short time.`,
  },
  'unusual-hours': {
    title: 'At an unusual hour',
    means: ({ measured }) =>
      `${measured === null ? 'Charts' : `${number(measured)} charts`} at an hour at which neither this person nor her role usually works.`,
  },
  'unusual-workstation': {
    title: 'At an unusual workstation',
    means: () => 'Somebody has opened charts at a workstation at which only others have worked so far.',
  },
  'emergency-access': {
    title: 'Emergency access',
    means: () => 'Access was overridden. Each time is to be looked at.',
  },
  'bulk-output': {
    title: 'Much was printed, exported or copied',
    means: (alarm) => `${counted('times', alarm)} for this person and her role.`,
  },
  'after-discharge': {
    title: 'Charts long after discharge',
    means: ({ measured }) =>
      `${measured === null ? 'Charts' : `${number(measured)} charts`} of patients who left the hospital long ago.`,
  },
  'policy-tampering': {
    title: 'The access policies were tampered with',
    means: () => 'The policies that IT has signed were missing, changed, or older than those before.',
  },
  'clock-tampering': {
    title: 'The clock was changed',
    means: () => 'By more than clocks go wrong by themselves: the times of entries can be wrong.',
  },
  'log-finding': {
    title: 'Something is wrong with the record of access',
    means: () => 'Entries are missing, were changed or moved, or the log is another one. See below what was found.',
  },
  other: { title: 'An alarm of another version', means: () => 'This version of Wardlight doesn’t know the rule.' },
};

export function alarmTitle({ rule }: Pick<AlarmLine, 'rule'>): string {
  return RULES[rule].title;
}

export function alarmMeans(alarm: Counted & Pick<AlarmLine, 'rule'>): string {
  return RULES[alarm.rule].means(alarm);
}

export const SENDING_WORDS: Readonly<Record<AlarmSending, string>> = {
  here: 'shown here only',
  waiting: 'not yet received by those who are to be told',
  received: 'received by those who are to be told',
};
