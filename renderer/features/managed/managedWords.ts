import type { ManagedState, PolicyProblem, PolicySource } from '../../../preload/contract/managed.ts';
import { t } from '../../words/t.ts';

const OF_ONE = {
  'unknown-key': t('Wardlight has no such setting.'),
  malformed: t('The value can’t be used, so the strictest one holds.'),
} as const;

const OF_ALL: Readonly<Record<Exclude<PolicyProblem['code'], 'unknown-key' | 'malformed'>, string>> = {
  'not-an-object': t('What IT has set has no settings in it.'),
  'not-json': t('What IT has set is damaged.'),
  'too-large': t('What IT has set is too large.'),
  'untrusted-file': t('Others than IT can change what IT has set.'),
  unreadable: t('What IT has set can’t be read.'),
};

/** What is wrong with a setting, or with all of them, and what holds instead. */
export function problemWords({ code }: PolicyProblem, { isEarlier }: Pick<ManagedState, 'isEarlier'>): string {
  if (code === 'unknown-key' || code === 'malformed') return OF_ONE[code];
  return `${OF_ALL[code]} ${isEarlier ? t('What it had set before holds on.') : t('The strictest values hold.')}`;
}

const SOURCES: Readonly<Record<PolicySource, string>> = {
  none: t('Your organisation has set nothing for this workstation.'),
  file: t('IT sets these by a file that only administrators can change.'),
  registry: t('IT sets these by Group Policy.'),
  preferences: t('IT sets these by a configuration profile.'),
  development: t('A developer sets these, by the command line.'),
};

/** By whom, and how, the workstation is managed. */
export const sourceWords = (source: PolicySource): string => SOURCES[source];

/** What is told on every screen; null where nothing is wrong that changes how Wardlight behaves. */
export function noticeOf({ problems }: ManagedState): PolicyProblem | null {
  return problems.find(({ code }) => code !== 'unknown-key') ?? null;
}
