import type { EmergencyPurpose, Grant, PolicyAlarm, Purpose } from '../../../preload/contract/access.ts';
import { t } from '../../words/t.ts';

export const PURPOSES: readonly { readonly code: Purpose; readonly words: string }[] = [
  { code: 'TREAT', words: t('Treatment') },
  { code: 'ETREAT', words: t('Emergency treatment') },
  { code: 'CAREMGT', words: t('Planning and coordinating care') },
  { code: 'HOPERAT', words: t('Running the hospital') },
];

export const EMERGENCIES: readonly { readonly code: EmergencyPurpose; readonly words: string }[] = [
  { code: 'ETREAT', words: t('Emergency treatment of this patient') },
  { code: 'BTG', words: t('Other reason to override access') },
];

/** Words for a purpose of use. */
export function purposeWords(code: Grant['purpose']): string {
  return [...PURPOSES, ...EMERGENCIES].find((one) => one.code === code)?.words ?? code;
}

/** `29:41`, to be read at a glance; hours where there are any. */
export function remainingWords(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  const padded = [
    hours > 0 ? String(minutes).padStart(2, '0') : String(minutes),
    String(seconds % 60).padStart(2, '0'),
  ];
  return [...(hours > 0 ? [String(hours)] : []), ...padded].join(':');
}

interface AlarmWords {
  readonly title: string;
  readonly means: string;
}

/** What is wrong with the organisation's access policies. What follows from it is said beside it. */
export const ALARM_WORDS: Readonly<Record<PolicyAlarm, AlarmWords>> = {
  'policy-missing': {
    title: t('The access policies can’t be read'),
    means: t('The file that IT has named is not there, or may not be read.'),
  },
  'policy-damaged': {
    title: t('The access policies are damaged'),
    means: t('The file is no bundle of access policies.'),
  },
  'policy-signature': {
    title: t('The access policies are not signed by your organisation'),
    means: t('Somebody has changed them, or signed them with another key.'),
  },
  'policy-invalid': { title: t('The access policies don’t hold together'), means: t('They fail their own check.') },
  'policy-older': {
    title: t('The access policies are older than those before'),
    means: t('An older version was put in place of a newer one.'),
  },
  'policy-not-kept': {
    title: t('The access policies could not be kept'),
    means: t('They are in force now. If they fail the next time, the ones before them would hold.'),
  },
};
