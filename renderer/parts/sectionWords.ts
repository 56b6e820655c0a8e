import type { SectionState, Withheld } from '../../preload/contract/chart.ts';
import { isWithheld } from './withheldWords.ts';

/**
 * What an empty section says. Nothing recorded, nothing fetched and nothing allowed are three different things
 * (design rule 7); a partial section can't say that there is nothing.
 */
export const EMPTY_WORDS: Readonly<Record<SectionState, string>> = {
  complete: 'None recorded',
  partial: 'None in the part fetched so far',
  'not-fetched': 'Not available offline',
  'not-permitted': 'Not permitted to view',
};

/** The same where something may be withheld: then nothing is said to be absent. */
export function noneWords({ state, withheld }: { readonly state: SectionState; readonly withheld: Withheld }): string {
  if (!isWithheld(withheld) || state === 'not-fetched' || state === 'not-permitted') return EMPTY_WORDS[state];
  return 'None that may be shown';
}

/** `showing 200 of 431` where the list is capped, else null. */
export function cappedWords(shown: number, total: number): string | null {
  return shown < total ? `showing ${shown.toLocaleString('en')} of ${total.toLocaleString('en')}` : null;
}

/** `1 record`, `3,412 records`. */
export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
