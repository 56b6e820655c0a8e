import type { SectionState, Withheld } from '../../preload/contract/chart.ts';
import { number, t } from '../words/t.ts';
import { isWithheld } from './withheldWords.ts';

/**
 * What an empty section says. Nothing recorded, nothing fetched and nothing allowed are three different things
 * (design rule 7); a partial section can't say that there is nothing.
 */
export const EMPTY_WORDS: Readonly<Record<SectionState, string>> = {
  complete: t('None recorded'),
  partial: t('None in the part fetched so far'),
  'not-fetched': t('Not available offline'),
  'not-permitted': t('Not permitted to view'),
  'not-kept': t('Not kept on this workstation, by your organisation’s policy'),
};

/** Of such a section nothing can be said about records that aren't here. */
export const UNKNOWN: ReadonlySet<SectionState> = new Set(['not-fetched', 'not-permitted', 'not-kept']);

/** The same where something may be withheld: then nothing is said to be absent. */
export function noneWords({ state, withheld }: { readonly state: SectionState; readonly withheld: Withheld }): string {
  if (!isWithheld(withheld) || UNKNOWN.has(state)) return EMPTY_WORDS[state];
  return t('None that may be shown');
}

interface Omitting {
  readonly items: readonly unknown[];
  readonly total: number;
  readonly omittedSince: string | null;
}

/** What isn't listed here, and how far it goes back; null where all is. */
export function omittedWords({ items, total, omittedSince: year }: Omitting): string | null {
  const count = total - items.length;
  if (count <= 0) return null;
  return year === null
    ? t('{count, plural, one {# more is} other {# more are}} not listed here. The timeline has all.', { count })
    : t('{count, plural, one {# more is} other {# more are}} not listed here, back to {year}. The timeline has all.', {
        count,
        year,
      });
}

/** Of a list that begins short: all, or as much of it as is here. */
export function unfoldWords(count: number, total: number): string {
  return total <= count
    ? t('Show all {count}', { count: number(count) })
    : t('Show {count} of {total}', { count: number(count), total: number(total) });
}

/** `showing 200 of 431` where the list is capped, else null. */
export function cappedWords(shown: number, total: number): string | null {
  return shown < total ? t('showing {count} of {count2}', { count: number(shown), count2: number(total) }) : null;
}
