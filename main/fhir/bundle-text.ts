/**
 * Reads a FHIR Bundle without re-writing it: each resource stays the text that the server sent, so that its numbers
 * come back digit for digit (`1.50` is not `1.5`: FHIR R4 datatypes.html#decimal). Only the thin envelope around the
 * resources is parsed here; the resources are parsed where they are stored.
 */
export interface SearchsetPage {
  /** Verbatim JSON text of each `entry.resource`. */
  resources: string[];
  /** `link` with relation `next`, as sent. */
  next: string | null;
  total: number | null;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++;
  return at;
}

/** Position after the string that starts at `from`. */
function skipString(text: string, from: number): number {
  let at = from + 1;
  for (;;) {
    const end = text.indexOf('"', at);
    if (end < 0) throw new SyntaxError('unterminated string');
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end + 1;
    at = end + 1;
  }
}

/** Position after the value that starts at `from`; nesting is counted, not recursed into. */
function skipValue(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (first === QUOTE) return skipString(text, from);
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) {
    let at = from;
    while (at < text.length && !isDelimiter(text.charCodeAt(at))) at++;
    return at;
  }
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      at = skipString(text, at);
      continue;
    }
    if (char === OPEN_BRACE || char === OPEN_BRACKET) depth++;
    else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) depth--;
    at++;
    if (depth === 0) return at;
  }
  throw new SyntaxError('unterminated value');
}

function isDelimiter(char: number): boolean {
  return char === COMMA || char === CLOSE_BRACE || char === CLOSE_BRACKET || char <= 0x20;
}

/** Calls `visit` with the bounds of each member's value of the object at `from`; answers the position after it. */
function eachMember(text: string, from: number, visit: (name: string, start: number, end: number) => void): number {
  if (text.charCodeAt(from) !== OPEN_BRACE) throw new SyntaxError('not an object');
  let at = skipSpace(text, from + 1);
  if (text.charCodeAt(at) === CLOSE_BRACE) return at + 1;
  for (;;) {
    if (text.charCodeAt(at) !== QUOTE) throw new SyntaxError('member name expected');
    const nameEnd = skipString(text, at);
    const name: unknown = JSON.parse(text.slice(at, nameEnd));
    at = skipSpace(text, nameEnd);
    if (text.charCodeAt(at) !== COLON) throw new SyntaxError('colon expected');
    const start = skipSpace(text, at + 1);
    const end = skipValue(text, start);
    visit(String(name), start, end);
    at = skipSpace(text, end);
    const separator = text.charCodeAt(at);
    if (separator === CLOSE_BRACE) return at + 1;
    if (separator !== COMMA) throw new SyntaxError('comma expected');
    at = skipSpace(text, at + 1);
  }
}

function eachElement(text: string, from: number, visit: (start: number, end: number) => void): void {
  if (text.charCodeAt(from) !== OPEN_BRACKET) throw new SyntaxError('not an array');
  let at = skipSpace(text, from + 1);
  if (text.charCodeAt(at) === CLOSE_BRACKET) return;
  for (;;) {
    const end = skipValue(text, at);
    visit(at, end);
    at = skipSpace(text, end);
    const separator = text.charCodeAt(at);
    if (separator === CLOSE_BRACKET) return;
    if (separator !== COMMA) throw new SyntaxError('comma expected');
    at = skipSpace(text, at + 1);
  }
}

interface Link {
  relation?: unknown;
  url?: unknown;
}

function nextOf(links: unknown): string | null {
  if (!Array.isArray(links)) return null;
  const next = (links as Link[]).find((link) => link?.relation === 'next');
  return typeof next?.url === 'string' ? next.url : null;
}

/** @throws SyntaxError where the text is no whole Bundle: cut off, not JSON, or another resource. */
export function readSearchset(text: string): SearchsetPage {
  const page: SearchsetPage = { resources: [], next: null, total: null };
  let isBundle = false;
  const end = eachMember(text, skipSpace(text, 0), (name, start, stop) => {
    if (name === 'entry') {
      eachElement(text, start, (entryStart) => {
        eachMember(text, entryStart, (member, from, to) => {
          if (member !== 'resource') return;
          if (text.charCodeAt(from) !== OPEN_BRACE) throw new SyntaxError('resource expected');
          page.resources.push(text.slice(from, to));
        });
      });
      return;
    }
    const value: unknown = JSON.parse(text.slice(start, stop));
    if (name === 'resourceType') isBundle = value === 'Bundle';
    else if (name === 'link') page.next = nextOf(value);
    else if (name === 'total' && typeof value === 'number') page.total = value;
  });
  if (!isBundle) throw new SyntaxError('not a Bundle');
  if (skipSpace(text, end) !== text.length) throw new SyntaxError('text after the Bundle');
  return page;
}
