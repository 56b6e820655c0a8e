import { type I18n, setupI18n } from '@lingui/core';
import { LANGUAGES, type Language } from '../../preload/contract/languages.ts';

type Values = Readonly<Record<string, string | number>>;
type Compiled = Parameters<I18n['load']>[1];

declare global {
  /** What the script of words before the page's own has put there (`build/words`); nothing in tests. */
  var WARDLIGHT_WORDS: Compiled | undefined;
}

/** The language that the page was made for. It can't change while the page lives: another language is another page. */
export const LANGUAGE: Language = LANGUAGES.find((one) => one === globalThis.document?.documentElement.lang) ?? 'en';

const i18n = setupI18n();
i18n.load(LANGUAGE, globalThis.WARDLIGHT_WORDS ?? {});
i18n.activate(LANGUAGE);

/**
 * What the page says, in the language of the page. `words` are the English words and the name of the message at once,
 * written out where they are said, in ICU's message format: `t('{count, plural, one {# record} other {# records}}',
 * { count })`. What has no translation is said in English.
 */
export function t(words: string, values?: Values): string {
  return values || words in i18n.messages ? i18n._(words, values) : words;
}

/** A number as people write it in the language of the page: `3,412`. */
export function number(value: number, options?: Intl.NumberFormatOptions): string {
  return i18n.number(value, options);
}

/** Sorts as a dictionary of the page's language would. */
export const collator = new Intl.Collator(LANGUAGE);
