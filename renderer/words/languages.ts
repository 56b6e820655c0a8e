import { LANGUAGES, type Language } from '../../preload/contract/languages.ts';
import { bridge, codeOf } from '../app/bridge.ts';
import { LANGUAGE } from './t.ts';

/** Each language in its own words, as who can't read the page's has to find hers. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', es: 'Español' };

/** The languages that the page speaks and doesn't speak now. */
export const OTHER_LANGUAGES: readonly Language[] = LANGUAGES.filter((one) => one !== LANGUAGE);

/** Loads the page anew in that language. What is typed and not kept goes: ask before. */
export const speak = (language: Language) => void codeOf(bridge().preferences.setLanguage({ language }));
