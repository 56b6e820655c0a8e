import type * as contract from '../../../preload/contract/session.ts';
import { t } from '../../words/t.ts';

// Written out again, because importing the value would bring zod into the page; the types hold the two together.
export const PASSPHRASE_MAX: typeof contract.PASSPHRASE_MAX = 256;

/** What stands in the way of this pair of fields, in words; null where nothing does. Strength is main's to judge. */
export function passphraseProblem(passphrase: string, repeat: string): string | null {
  if (passphrase.length > PASSPHRASE_MAX)
    return t('At most {PASSPHRASE_MAX} characters are possible.', { PASSPHRASE_MAX });
  return passphrase === repeat ? null : t('The two passphrases are not the same.');
}
