import type { Finding, FindingCode } from '../../../preload/contract/audit.ts';
import { t } from '../../words/t.ts';

const FINDINGS: Readonly<Record<FindingCode, string>> = {
  'entry-missing': t('Entries are missing'),
  'entry-altered': t('Entries were changed'),
  'entry-misplaced': t('Entries are not where they belong'),
  'chain-broken': t('Entries don’t follow those before them'),
  'checkpoint-missing': t('A signed state of the log is missing'),
  'checkpoint-signature': t('A signed state of the log is not signed by its key'),
  'checkpoint-root': t('The entries are not those that were signed'),
  'log-truncated': t('Entries at the end of the log are gone'),
  'log-differs': t('The log has another history than was signed before'),
  'log-missing': t('The log that was here is gone'),
  'log-replaced': t('Another log was put in its place'),
  'log-damaged': t('The file of the log can’t be read'),
  'device-key-changed': t('The workstation has, or had, another signing key'),
  'anchor-behind': t('The keychain or the server holds an older state of the log than was put there'),
  'anchor-missing': t('The keychain or the server no longer holds the state of the log'),
  'index-altered': t('What entries are found by was changed'),
  'hashes-altered': t('Hashes that proofs are made of were changed'),
};

/** What was found, and of which entries; they are counted from 1, as people do. */
export function findingWords({ code, first, end }: Pick<Finding, 'code' | 'first' | 'end'>): string {
  const words = FINDINGS[code];
  if (end <= first) return words;
  return end === first + 1
    ? t('{words}: entry {first}', { words, first: first + 1 })
    : t('{words}: entries {first} to {end}', { words, first: first + 1, end });
}
