import type { Finding, FindingCode } from '../../../preload/contract/audit.ts';

const FINDINGS: Readonly<Record<FindingCode, string>> = {
  'entry-missing': 'Entries are missing',
  'entry-altered': 'Entries were changed',
  'entry-misplaced': 'Entries are not where they belong',
  'chain-broken': 'Entries don’t follow those before them',
  'checkpoint-missing': 'A signed state of the log is missing',
  'checkpoint-signature': 'A signed state of the log is not signed by its key',
  'checkpoint-root': 'The entries are not those that were signed',
  'log-truncated': 'Entries at the end of the log are gone',
  'log-differs': 'The log has another history than was signed before',
  'log-missing': 'The log that was here is gone',
  'log-replaced': 'Another log was put in its place',
  'log-damaged': 'The file of the log can’t be read',
  'device-key-changed': 'The workstation has, or had, another signing key',
  'anchor-behind': 'The keychain or the server holds an older state of the log than was put there',
  'anchor-missing': 'The keychain or the server no longer holds the state of the log',
  'index-altered': 'What entries are found by was changed',
  'hashes-altered': 'Hashes that proofs are made of were changed',
};

/** What was found, and of which entries; they are counted from 1, as people do. */
export function findingWords({ code, first, end }: Pick<Finding, 'code' | 'first' | 'end'>): string {
  const words = FINDINGS[code];
  if (end <= first) return words;
  return end === first + 1 ? `${words}: entry ${first + 1}` : `${words}: entries ${first + 1} to ${end}`;
}
