/**
 * Numbers and words that are read from the left wherever they stand, such as `01-Nov-2026` and `3.5–5.1`: in a page that
 * is read from the right they would be put in another order, and say something else.
 */
export function ltr(text: string): string {
  return isFromRight() ? `\u2066${text}\u2069` : text;
}

/** A number with a word, such as `67 a`, in the order of the word's own language. */
export function inItsOrder(text: string): string {
  return isFromRight() ? `\u2068${text}\u2069` : text;
}

const isFromRight = () => globalThis.document?.documentElement.dir === 'rtl';
