/** Texts that a program runs or draws: they are never taken for plain ones. */
const MARKUP: readonly (readonly [RegExp, string])[] = [
  [/^<(?:!doctype svg|svg)\b/i, 'image/svg+xml'],
  [
    /^<(?:!doctype\s+html|html|head|body|script|iframe|style|meta|title|div|table|h1|br|p|a|b|img|form|object)\b/i,
    'text/html',
  ],
  [/^<(?:\?xml|[a-z][\w.-]*:?[\w.-]*[\s>/])/i, 'application/xml'],
  [/^<!(?:--|doctype)/i, 'application/xml'],
  [/^\{\\rtf/, 'application/rtf'],
  [/^%!/, 'application/postscript'],
  [/^#!/, 'text/x-script'],
];

/** The content type of a text by its first bytes. */
export function textTypeOf(head: Buffer): string {
  const text = head.toString('utf8').replace(/^[\ufeff\s]+/, '');
  const type = MARKUP.find(([pattern]) => pattern.test(text))?.[1] ?? 'text/plain';
  return type === 'application/xml' && /<svg\b/i.test(text) ? 'image/svg+xml' : type;
}

/** UTF-8 without control characters, as far as the bytes go; a character may be cut at their end. */
export function looksLikeText(head: Buffer): boolean {
  return createTextCheck()(head, true);
}

/** Answers, chunk after chunk, whether all of it is text so far. */
export function createTextCheck(): (chunk: Buffer, mayEndWithin?: boolean) => boolean {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return (chunk, more = true) => {
    try {
      return !CONTROLS.test(decoder.decode(chunk, { stream: more }));
    } catch {
      return false;
    }
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]/;
