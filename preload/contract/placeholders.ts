/*
 * What main says where a record says nothing: a code between two characters of nobody's (Unicode's private use), for which
 * the page and the papers have words in their languages. A text of a server that has them too can say these words, and no
 * others.
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

export type PlaceholderWords = Readonly<Partial<Record<Placeholder, string>>>;

const [BEGIN, END] = ['\uE0F0', '\uE0F1'];
const ANY = /\uE0F0([a-z-]{1,20})\uE0F1/g;

/** A code in the place of words. */
export function placeholder(code: Placeholder): string {
  return `${BEGIN}${code}${END}`;
}

/** A text with words in the place of its codes. */
export function inWords(text: string, words: PlaceholderWords): string {
  if (!text.includes(BEGIN)) return text;
  return text.replace(ANY, (whole, code: string) =>
    Object.hasOwn(words, code) ? (words[code as Placeholder] ?? whole) : whole,
  );
}

/** A text without such codes. */
export function withoutPlaceholders(text: string): string {
  return text.replace(ANY, '');
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
