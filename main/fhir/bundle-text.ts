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

function skipSpace(text: Uint8Array, from: number): number {
  let at = from;
  while (at < text.length && (text[at] as number) <= 0x20) at++;
  return at;
}

/** Position after the string that starts at `from`. */
function skipString(text: Uint8Array, from: number): number {
  const { length } = text;
  let at = from + 1;
  while (at < length) {
    const byte = text[at] as number;
    if (byte === QUOTE) return at + 1;
    at += byte === BACKSLASH ? 2 : 1;
  }
  throw new SyntaxError('unterminated string');
}

/** Position after the value that starts at `from`; nesting is counted, not recursed into. */
function skipValue(text: Uint8Array, from: number): number {
  const { length } = text;
  const first = text[from] as number;
  if (first === QUOTE) return skipString(text, from);
  let at = from;
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) {
    while (at < length && !isDelimiter(text[at] as number)) at++;
    return at;
  }
  let depth = 0;
  while (at < length) {
    const byte = text[at] as number;
    if (byte === QUOTE) {
      at = skipString(text, at);
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
    at++;
    if (depth === 0) return at;
  }
  throw new SyntaxError('unterminated value');
}

function isDelimiter(byte: number): boolean {
  return byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || byte <= 0x20;
}

/** Calls `visit` with the bounds of each member's value of the object at `from`; answers the position after it. */
function eachMember(text: Buffer, from: number, visit: (name: string, start: number, end: number) => void): number {
  if (text[from] !== OPEN_BRACE) throw new SyntaxError('not an object');
  let at = skipSpace(text, from + 1);
  if (text[at] === CLOSE_BRACE) return at + 1;
  for (;;) {
    if (text[at] !== QUOTE) throw new SyntaxError('member name expected');
    const nameEnd = skipString(text, at);
    const name = parse(text, at, nameEnd);
    at = skipSpace(text, nameEnd);
    if (text[at] !== COLON) throw new SyntaxError('colon expected');
    const start = skipSpace(text, at + 1);
    const end = skipValue(text, start);
    visit(String(name), start, end);
    at = skipSpace(text, end);
    const separator = text[at];
    if (separator === CLOSE_BRACE) return at + 1;
    if (separator !== COMMA) throw new SyntaxError('comma expected');
    at = skipSpace(text, at + 1);
  }
}

function eachElement(text: Buffer, from: number, visit: (start: number, end: number) => void): void {
  if (text[from] !== OPEN_BRACKET) throw new SyntaxError('not an array');
  let at = skipSpace(text, from + 1);
  if (text[at] === CLOSE_BRACKET) return;
  for (;;) {
    const end = skipValue(text, at);
    visit(at, end);
    at = skipSpace(text, end);
    const separator = text[at];
    if (separator === CLOSE_BRACKET) return;
    if (separator !== COMMA) throw new SyntaxError('comma expected');
    at = skipSpace(text, at + 1);
  }
}

function textOf(text: Buffer, start: number, end: number): string {
  return text.toString('utf8', start, end);
}

function parse(text: Buffer, start: number, end: number): unknown {
  return JSON.parse(textOf(text, start, end));
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
function readEnvelope(text: Buffer, visit: Visit): { next: string | null; total: number | null } {
  const envelope: { next: string | null; total: number | null } = { next: null, total: null };
  let isBundle = false;
  const end = eachMember(text, skipSpace(text, 0), (name, start, stop) => {
    if (name === 'entry') {
      eachElement(text, start, visit);
      return;
    }
    const value = parse(text, start, stop);
    if (name === 'resourceType') isBundle = value === 'Bundle';
    else if (name === 'link') envelope.next = nextOf(value);
    else if (name === 'total' && typeof value === 'number') envelope.total = value;
  });
  if (!isBundle) throw new SyntaxError('not a Bundle');
  if (skipSpace(text, end) !== text.length) throw new SyntaxError('text after the Bundle');
  return envelope;
}

/** @throws SyntaxError where the text is no whole Bundle: cut off, not JSON, or another resource. */
export function readSearchset(page: string): SearchsetPage {
  const text = Buffer.from(page);
  const resources: string[] = [];
  const envelope = readEnvelope(text, (entryStart) => {
    eachMember(text, entryStart, (member, from, to) => {
      if (member !== 'resource') return;
      if (text[from] !== OPEN_BRACE) throw new SyntaxError('resource expected');
      resources.push(textOf(text, from, to));
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
export function readHistory(page: string): { entries: HistoryEntry[]; next: string | null } {
  const text = Buffer.from(page);
  const entries: HistoryEntry[] = [];
  const { next } = readEnvelope(text, (entryStart) => {
    const parts: Record<string, unknown> = {};
    eachMember(text, entryStart, (member, from, to) => {
      if (member === 'request' || member === 'response' || member === 'fullUrl') {
        parts[member] = parse(text, from, to);
      } else if (member === 'resource') parts['resource'] = headAt(text, from);
    });
    const resource = parts['resource'] as ReturnType<typeof headAt> | undefined;
    const request = parts['request'] as { method?: unknown; url?: unknown } | undefined;
    const response = parts['response'] as { lastModified?: unknown; etag?: unknown } | undefined;
    entries.push({
      method: String(request?.method ?? ''),
      id: firstId(resource?.id, segment(request?.url), segment(parts['fullUrl'])),
      // Some servers tell it in the resource only.
      lastModified: [response?.lastModified, resource?.lastUpdated].find(isText) ?? null,
      versionId: typeof response?.etag === 'string' ? response.etag.replace(/^W\/|"/g, '') : '',
    });
  });
  return { entries, next };
}

/** Id and time of a resource, from its own members only. */
function headAt(text: Buffer, from: number): { id: unknown; lastUpdated: unknown } {
  const head: { id: unknown; lastUpdated: unknown } = { id: undefined, lastUpdated: undefined };
  eachMember(text, from, (name, start, end) => {
    if (name === 'id') head.id = parse(text, start, end);
    if (name === 'meta') head.lastUpdated = (parse(text, start, end) as { lastUpdated?: unknown } | null)?.lastUpdated;
  });
  return head;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
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
export function readTransactionAnswer(answer: string): AnswerEntry[] {
  const text = Buffer.from(answer);
  const entries: AnswerEntry[] = [];
  readEnvelope(text, (entryStart) => {
    let resource: string | null = null;
    let response: { status?: unknown; location?: unknown; etag?: unknown } | null = null;
    eachMember(text, entryStart, (member, from, to) => {
      if (member === 'resource') resource = textOf(text, from, to);
      if (member === 'response') response = parse(text, from, to) as typeof response;
    });
    const { status, location, etag } = (response ?? {}) as Partial<Record<string, unknown>>;
    const said = (value: unknown) => (typeof value === 'string' ? value : null);
    entries.push({ status: Number.parseInt(String(status), 10), location: said(location), etag: said(etag), resource });
  });
  return entries;
}
