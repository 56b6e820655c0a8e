import type { Language } from '../../preload/contract/languages.ts';
import { phrasesIn } from '../../preload/contract/phrases.ts';
import { inWords } from '../../preload/contract/placeholders.ts';
import { short, type Written } from './resource.ts';

/** A record as it is kept and sent: what main says in it, and of it, is in the language of who has written it. */
export function worded({ body, title, ...rest }: Written, language: Language): Written {
  const words = phrasesIn(language);
  return { ...rest, body: inWords(body, words), title: short(inWords(title, words)) };
}
