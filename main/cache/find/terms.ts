import { foldedWords, type Phrase } from '../search/query/snippet.ts';

/** One thing that is looked for: the beginning of a word, or a phrase. */
export interface Term extends Phrase {
  /** In the language of FTS5, quoted so that nothing of it is taken for an operator. */
  readonly match: string;
}

const TERMS_MAX = 10;
const ASKED = /"([^"]*)("?)|([^\s"]+)/g;
/** The beginning of fewer letters begins too many words of a Latin script. */
const BEGINNING_MIN = 3;

/**
 * What somebody asks for in a search field. Each word stands for those that it begins; a phrase for itself, or for its
 * beginning while it is being typed. What has neither letters nor digits is left out.
 */
export function termsOf(asked: string): Term[] {
  return [...asked.matchAll(ASKED)]
    .flatMap(([, phrase, end, word]) => termOf(phrase ?? word ?? '', end !== '"') ?? [])
    .slice(0, TERMS_MAX);
}

function termOf(text: string, isOpen: boolean): Term | null {
  const words = foldedWords(text);
  const last = words.at(-1);
  if (last === undefined) return null;
  const isLong = last.length >= BEGINNING_MIN - (words.length > 1 ? 1 : 0);
  const begins = isOpen && (isLong || /[^\p{ASCII}]/u.test(last));
  // FTS5 reads its language up to a NUL; other control characters separate words anyway.
  return { words, begins, match: `"${text.replace(/\p{Cc}/gu, ' ')}"${begins ? '*' : ''}` };
}
