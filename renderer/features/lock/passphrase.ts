import type * as contract from '../../../preload/contract/session.ts';

// Written out again, because importing the value would bring zod into the page; the types hold the two together.
export const PASSPHRASE_MIN: typeof contract.PASSPHRASE_MIN = 8;
export const PASSPHRASE_MAX: typeof contract.PASSPHRASE_MAX = 256;

/** What stands in the way of this pair of fields, in words; null where nothing does. */
export function passphraseProblem(passphrase: string, repeat: string): string | null {
  const length = [...passphrase].length;
  if (length < PASSPHRASE_MIN) return `At least ${PASSPHRASE_MIN} characters are needed.`;
  if (length > PASSPHRASE_MAX) return `At most ${PASSPHRASE_MAX} characters are possible.`;
  return passphrase === repeat ? null : 'The two passphrases are not the same.';
}

/** A hint by length alone: longer is what helps, and rules on signs only make people write it down. */
export function strengthHint(passphrase: string): string {
  const length = [...passphrase].length;
  if (length === 0) return `At least ${PASSPHRASE_MIN} characters. Four or five words are easy to keep in mind.`;
  if (length < PASSPHRASE_MIN) return `Too short: ${PASSPHRASE_MIN - length} more.`;
  if (length < 14) return 'Enough. A few more characters make it stronger.';
  return length < 20 ? 'Good.' : 'Very good.';
}
