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

type Visit = (start: number, end: number) => void;

/** The thin envelope of a Bundle: its links are parsed, and each entry's bounds are handed to `visit`. */
function readEnvelope(text: string, visit: Visit): { next: string | null; total: number | null } {
  const envelope: { next: string | null; total: number | null } = { next: null, total: null };
  let isBundle = false;
  const end = eachMember(text, skipSpace(text, 0), (name, start, stop) => {
    if (name === 'entry') {
      eachElement(text, start, visit);
      return;
    }
    const value: unknown = JSON.parse(text.slice(start, stop));
    if (name === 'resourceType') isBundle = value === 'Bundle';
    else if (name === 'link') envelope.next = nextOf(value);
    else if (name === 'total' && typeof value === 'number') envelope.total = value;
  });
  if (!isBundle) throw new SyntaxError('not a Bundle');
  if (skipSpace(text, end) !== text.length) throw new SyntaxError('text after the Bundle');
  return envelope;
}

/** @throws SyntaxError where the text is no whole Bundle: cut off, not JSON, or another resource. */
export function readSearchset(text: string): SearchsetPage {
  const resources: string[] = [];
  const envelope = readEnvelope(text, (entryStart) => {
    eachMember(text, entryStart, (member, from, to) => {
      if (member !== 'resource') return;
      if (text.charCodeAt(from) !== OPEN_BRACE) throw new SyntaxError('resource expected');
      resources.push(text.slice(from, to));
    });
  });
  return { resources, ...envelope };
}

/** One version of a history (FHIR R4 http.html#history), without its text. */
export interface HistoryEntry {
  readonly method: string;
  /** Id of the resource, or null where the entry doesn't tell it. */
  readonly id: string | null;
  /** `response.lastModified`, as sent. */
  readonly lastModified: string | null;
  readonly versionId: string;
}

/** Reads what a page of a type's history says of each version, newest first. @throws SyntaxError as above. */
export function readHistory(text: string): { entries: HistoryEntry[]; next: string | null } {
  const entries: HistoryEntry[] = [];
  const { next } = readEnvelope(text, (entryStart) => {
    const parts: Record<string, unknown> = {};
    eachMember(text, entryStart, (member, from, to) => {
      if (member === 'request' || member === 'response' || member === 'fullUrl') {
        parts[member] = JSON.parse(text.slice(from, to));
      } else if (member === 'resource') parts['resourceId'] = idAt(text, from);
    });
    const request = parts['request'] as { method?: unknown; url?: unknown } | undefined;
    const response = parts['response'] as { lastModified?: unknown; etag?: unknown } | undefined;
    entries.push({
      method: String(request?.method ?? ''),
      id: firstId(parts['resourceId'], segment(request?.url), segment(parts['fullUrl'])),
      lastModified: typeof response?.lastModified === 'string' ? response.lastModified : null,
      versionId: typeof response?.etag === 'string' ? response.etag.replace(/^W\/|"/g, '') : '',
    });
  });
  return { entries, next };
}

/** The id of a resource, from its own members only. */
function idAt(text: string, from: number): unknown {
  let id: unknown;
  eachMember(text, from, (name, start, end) => {
    if (name === 'id') id = JSON.parse(text.slice(start, end));
  });
  return id;
}

/** The id in `Type/id` at the end of an address, with or without a version. */
function segment(url: unknown): string | undefined {
  if (typeof url !== 'string') return undefined;
  return /(?:^|\/)[A-Z][A-Za-z]+\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?$/.exec(url)?.[1];
}

function firstId(...candidates: readonly unknown[]): string | null {
  const found = candidates.find((candidate) => typeof candidate === 'string');
  return typeof found === 'string' ? found : null;
}

/** What a server says of one entry of a transaction (FHIR R4 bundle.html#transaction-response). */
export interface AnswerEntry {
  /** Status code; NaN where the entry has none. */
  readonly status: number;
  readonly location: string | null;
  readonly etag: string | null;
  /** The resource as the server wrote it, where the answer holds it. */
  readonly resource: string | null;
}

/** Reads the answer to a transaction, entry by entry. @throws SyntaxError where the text is no whole Bundle. */
export function readTransactionAnswer(text: string): AnswerEntry[] {
  const entries: AnswerEntry[] = [];
  readEnvelope(text, (entryStart) => {
    let resource: string | null = null;
    let response: { status?: unknown; location?: unknown; etag?: unknown } | null = null;
    eachMember(text, entryStart, (member, from, to) => {
      if (member === 'resource') resource = text.slice(from, to);
      if (member === 'response') response = JSON.parse(text.slice(from, to));
    });
    const { status, location, etag } = (response ?? {}) as Partial<Record<string, unknown>>;
    const said = (value: unknown) => (typeof value === 'string' ? value : null);
    entries.push({ status: Number.parseInt(String(status), 10), location: said(location), etag: said(etag), resource });
  });
  return entries;
}
