import canonicalize from 'canonicalize';

/**
 * The one text of a JSON value (RFC 8785): members sorted by UTF-16 code units, no white space, numbers as ECMAScript
 * writes them.
 *
 * @throws on what is no JSON value, and on a lone surrogate, which UTF-8 can't hold.
 */
export function canonical(value: object): string {
  return canonicalize(value) as string;
}
