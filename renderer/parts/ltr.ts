/**
 * Numbers and words that are read from the left wherever they stand, such as `01-Nov-2026` and `3.5–5.1`: in a page that
 * is read from the right they would be put in another order, and say something else.
 */
export function ltr(text: string): string {
  return globalThis.document?.documentElement.dir === 'rtl' ? `\u2066${text}\u2069` : text;
}
