import canonicalize from 'canonicalize';

/**
 * The one text of a JSON value (RFC 8785): members sorted by UTF-16 code units, no white space, numbers as ECMAScript
 * writes them.
 *
 * @throws on what is no JSON value, and on a lone surrogate, which UTF-8 can't hold.
 */
export function canonical(value: object): string {
  // Events come sorted already. ECMAScript's own text is the canonical one then, but for what it writes of surrogates.
  if (isSorted(value)) {
    const text = JSON.stringify(value);
    if (!text.includes('\\ud')) return text;
  }
  return canonicalize(value) as string;
}

function isSorted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'number' || Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isSorted);
  let last = '';
  for (const [key, member] of Object.entries(value)) {
    if (key < last || !isSorted(member)) return false;
    last = key;
  }
  return true;
}
