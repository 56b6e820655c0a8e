/**
 * Letters that Unicode doesn't decompose into a base letter and an accent, but that people type without it; and the sigma
 * at the end of a Greek word, which capitals don't tell from the others.
 */
const letters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
  þ: 'th',
  ς: 'σ',
};

const WORD_MAX = 100;
const WORDS_MAX = 200;

/** Lower case without accents, for comparing and sorting. */
export function fold(value: string): string {
  return value
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replace(/[ßæœøđðłħıþς]/g, (letter) => letters[letter] ?? letter);
}

/**
 * The words by which texts are found: each word whole without its punctuation (`o'brien` as `obrien`), and the parts
 * between punctuation.
 */
export function searchWords(values: readonly string[]): ReadonlySet<string> {
  const words = new Set<string>();
  for (const value of values) {
    for (const word of fold(value).split(/\s+/)) {
      const parts = word.split(/[^\p{L}\p{N}]+/u).filter((part) => part !== '');
      for (const part of parts) words.add(part.slice(0, WORD_MAX));
      if (parts.length > 1) words.add(parts.join('').slice(0, WORD_MAX));
      if (words.size >= WORDS_MAX) return words;
    }
  }
  return words;
}

/** The words of a query, folded in the same way; each must begin a word of what is found. */
export function queryWords(query: string): readonly string[] {
  const words = fold(query)
    .split(/\s+/)
    .map((word) => word.replace(/[^\p{L}\p{N}]+/gu, ''))
    .filter((word) => word !== '')
    .map((word) => word.slice(0, WORD_MAX));
  return [...new Set(words)];
}
