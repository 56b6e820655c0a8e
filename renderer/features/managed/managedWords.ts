import type { ManagedState, PolicyProblem, PolicySource } from '../../../preload/contract/managed.ts';
import { t } from '../../words/t.ts';

const WHOLE: Readonly<Record<PolicyProblem['code'], string>> = {
  'unknown-key': t('Wardlight has no such setting.'),
  malformed: t('The value can’t be used, so the strictest one holds.'),
  'not-an-object': t('What IT has set has no settings in it, so the strictest values hold.'),
  'not-json': t('What IT has set is damaged, so the strictest values hold.'),
  'too-large': t('What IT has set is too large, so the strictest values hold.'),
  'untrusted-file': t('Others than IT can change what IT has set, so the strictest values hold.'),
  unreadable: t('What IT has set can’t be read, so the strictest values hold.'),
};

/** What is wrong with a setting, or with all of them, and what holds instead. */
export const problemWords = ({ code }: PolicyProblem): string => WHOLE[code];

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
