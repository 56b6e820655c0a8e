import type { Phrase } from './phrases.ts';

/*
 * What main says where a record says nothing, or only codes: a code between two characters of nobody's (Unicode's private
 * use), for which the page and the papers have words in their languages. A phrase has what is said in it after its code,
 * and may stand within another. A text of a server that has them too can say these words, and no others.
 */

/** What a record doesn't name, or names and hides. */
export const placeholders = [
  'alert',
  'care-plan',
  'device',
  'directive',
  'document',
  'encounter',
  'encrypted',
  'form',
  'goal',
  'masked',
  'medicine',
  'observation',
  'person',
  'problem',
  'reaction',
  'record',
  'relationship',
  'results',
  'substance',
  'vaccine',
  'vital-signs',
] as const;
export type Placeholder = (typeof placeholders)[number];

/** Words with places for what is said in them, `{a}` and `{b}`. */
export type PlaceholderWords = Readonly<Partial<Record<Placeholder | Phrase, string>>>;

const [BEGIN, END, NEXT] = ['\uE0F0', '\uE0F1', '\uE0F2'];
/** One in which there is no other. */
const ANY = /\uE0F0([a-z-]{1,30})((?:\uE0F2[^\uE0F0-\uE0F2]*)*)\uE0F1/g;
const DEPTH_MAX = 8;

/** A code in the place of words. */
export function placeholder(code: Placeholder): string {
  return `${BEGIN}${code}${END}`;
}

/** Words of main's own, with what is said in them. */
export function phrase(code: Phrase, ...said: readonly string[]): string {
  return `${BEGIN}${[code, ...said].join(NEXT)}${END}`;
}

/** A text with words in the place of its codes. */
export function inWords(text: string, words: PlaceholderWords): string {
  return replaced(text, (whole, code, said) => {
    const own = Object.hasOwn(words, code) ? words[code as Placeholder] : undefined;
    return own === undefined ? whole : own.replace(/\{([ab])\}/g, (_, place) => said[place === 'a' ? 0 : 1] ?? '');
  });
}

/** A text without such codes: what is said in them stays. */
export function withoutPlaceholders(text: string): string {
  return replaced(text, (_whole, _code, said) => said.join(' '));
}

/** The codes in a text. */
export function codesWithin(text: string): string[] {
  return [...text.matchAll(/\uE0F0([a-z-]{1,30})/g)].flatMap(([, code]) => code ?? []);
}

type Say = (whole: string, code: string, said: readonly string[]) => string;

/** From the innermost outwards. */
function replaced(text: string, say: Say): string {
  let now = text;
  for (let depth = 0; depth < DEPTH_MAX && now.includes(BEGIN); depth += 1) {
    now = now.replace(ANY, (whole, code: string, rest: string) => say(whole, code, rest.split(NEXT).slice(1)));
  }
  return now;
}

/** An answer with words in the place of the codes in all its texts; the same where there is none. */
export function allInWords<Value>(value: Value, words: PlaceholderWords): Value {
  return worded(value) as Value;

  function worded(one: unknown): unknown {
    if (typeof one === 'string') return inWords(one, words);
    if (typeof one !== 'object' || one === null || ArrayBuffer.isView(one)) return one;
    if (Array.isArray(one)) {
      const all = one.map(worded);
      return all.some((member, at) => member !== one[at]) ? all : one;
    }
    let changed: Record<string, unknown> | null = null;
    for (const [name, member] of Object.entries(one)) {
      const now = worded(member);
      if (now !== member) {
        changed ??= { ...one };
        changed[name] = now;
      }
    }
    return changed ?? one;
  }
}
