import type { Language } from '../../preload/contract/languages.ts';
import { codesEs, es } from './es.ts';

/** English words, whole sentences with named places, in the language of the sheet; what has no translation stays English. */
export type Say = (words: string, values?: Readonly<Record<string, string | number>>) => string;

export function sayIn(language: Language): Say {
  return (words, values = {}) => {
    const said = (language === 'es' && Object.hasOwn(es, words) && es[words]) || words;
    return said.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
  };
}

/** A code of a record as it is read: in English its own words, `in-progress` as `in progress`. */
export function codeIn(language: Language): (code: string) => string {
  return (code) => (language === 'es' && Object.hasOwn(codesEs, code) && codesEs[code]) || code.replaceAll('-', ' ');
}
