import type { AlarmLine, AlarmRule, AlarmSending } from '../../../preload/contract/audit.ts';
import { t } from '../../words/t.ts';

type Counted = Pick<AlarmLine, 'measured' | 'threshold'>;

interface RuleWords {
  readonly title: string;
  /** What was seen, and why somebody is to look at it. */
  readonly means: (counted: Counted) => string;
}

const number = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(1));

/** `31 charts, where up to 20 are no surprise, for this person and her role.` */
function chartsWords({ measured, threshold }: Counted): string {
  if (measured === null) return t('Many charts for this person and her role.');
  const charts = number(measured);
  return threshold === null
    ? t('{charts} charts for this person and her role.', { charts })
    : t('{charts} charts, where up to {usual} are no surprise, for this person and her role.', {
        charts,
        usual: number(threshold),
      });
}

/** The same of what was printed, exported or copied. */
function timesWords({ measured, threshold }: Counted): string {
  if (measured === null) return t('Many times for this person and her role.');
  const times = number(measured);
  return threshold === null
    ? t('{times} times for this person and her role.', { times })
    : t('{times} times, where up to {usual} are no surprise, for this person and her role.', {
        times,
        usual: number(threshold),
      });
}

function chartCount(measured: number | null): string {
  if (measured === null) return t('Charts');
  return measured === 1 ? t('1 chart') : t('{number} charts', { number: number(measured) });
}

function patientCount(measured: number | null): string {
  if (measured === null) return t('several patients');
  return measured === 1 ? t('1 patient') : t('{number} patients', { number: number(measured) });
}

const RULES: Readonly<Record<AlarmRule, RuleWords>> = {
  'many-charts': {
    title: t('Many charts in a short time'),
    means: chartsWords,
  },
  'outside-panel': {
    title: t('Charts of patients who are not hers'),
    means: ({ measured }) =>
      t('Opened in an emergency, or tried in vain: {measured} to whom neither a care team nor a panel relates her.', {
        measured: patientCount(measured),
      }),
  },
  'same-family-name': {
    title: t('A patient of the same family name'),
    means: () => t('Somebody has opened the chart of a patient who has her own family name.'),
  },
  'own-record': { title: t('Her own record'), means: () => t('Somebody has opened the chart of herself.') },
  colleague: {
    title: t('A colleague as patient'),
    means: () => t('The patient is also a clinician who is known here.'),
  },
  confidential: {
    title: t('A confidential or well-known patient'),
    means: () => t('The patient is marked, and who has opened the chart is not on the care team.'),
  },
  'failed-unlocks': {
    title: t('Wrong passphrases'),
    means: (alarm) =>
      alarm.measured === null
        ? t('The keys were destroyed after too many wrong passphrases.')
        : t('{number} wrong passphrases in a short time.', { number: number(alarm.measured) }),
  },
  'unusual-hours': {
    title: t('At an unusual hour'),
    means: ({ measured }) =>
      t('{measured} at an hour at which neither this person nor her role usually works.', {
        measured: chartCount(measured),
      }),
  },
  'unusual-workstation': {
    title: t('At an unusual workstation'),
    means: () => t('Somebody has opened charts at a workstation at which only others have worked so far.'),
  },
  'emergency-access': {
    title: t('Emergency access'),
    means: () => t('Access was overridden. Each time is to be looked at.'),
  },
  'bulk-output': {
    title: t('Much was printed, exported or copied'),
    means: timesWords,
  },
  'after-discharge': {
    title: t('Charts long after discharge'),
    means: ({ measured }) =>
      t('{measured} of patients who left the hospital long ago.', {
        measured: chartCount(measured),
      }),
  },
  'policy-tampering': {
    title: t('The access policies were tampered with'),
    means: () => t('The policies that IT has signed were missing, changed, or older than those before.'),
  },
  'clock-tampering': {
    title: t('The clock was changed'),
    means: () => t('By more than clocks go wrong by themselves: the times of entries can be wrong.'),
  },
  'log-finding': {
    title: t('Something is wrong with the record of access'),
    means: () => t('Entries are missing, were changed or moved, or the log is another one. See below what was found.'),
  },
  other: {
    title: t('An alarm of another version'),
    means: () => t('This version of Wardlight doesn’t know the rule.'),
  },
};

export function alarmTitle({ rule }: Pick<AlarmLine, 'rule'>): string {
  return RULES[rule].title;
}

export function alarmMeans(alarm: Counted & Pick<AlarmLine, 'rule'>): string {
  return RULES[alarm.rule].means(alarm);
}

export const SENDING_WORDS: Readonly<Record<AlarmSending, string>> = {
  here: t('shown here only'),
  waiting: t('not yet received by those who are to be told'),
  received: t('received by those who are to be told'),
};
