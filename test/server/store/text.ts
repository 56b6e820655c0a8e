/**
 * Resources are kept as the JSON text they arrived in, because FHIR R4 datatypes.html#decimal makes the precision of
 * `1.50` significant and a parse and re-print would lose it. These helpers find parts of such a text and splice it.
 */

/** Where a value stands in a text: first character and the one after its last. */
export interface Span {
  start: number;
  end: number;
}

const QUOTE = 34;
const BACKSLASH = 92;

function skipSpace(text: string, at: number): number {
  let i = at;
  for (let code = text.charCodeAt(i); code === 32 || code === 10 || code === 13 || code === 9; ) {
    i += 1;
    code = text.charCodeAt(i);
  }
  return i;
}

/** The index after the string that starts at `at`. */
function skipString(text: string, at: number): number {
  let i = at;
  for (;;) {
    i = text.indexOf('"', i + 1);
    if (i < 0) throw new SyntaxError('unterminated string');
    let slashes = 0;
    while (text.charCodeAt(i - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return i + 1;
  }
}

const STRUCTURE = /["{}[\]]/g;

/** The index after the value that starts at `at`. The text is known to be valid JSON. */
function skipValue(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === QUOTE) return skipString(text, at);
  if (code !== 123 && code !== 91) {
    let i = at;
    while (i < text.length && !',]} \n\r\t'.includes(text[i]!)) i += 1;
    return i;
  }
  let depth = 0;
  STRUCTURE.lastIndex = at;
  for (;;) {
    const match = STRUCTURE.exec(text);
    if (!match) throw new SyntaxError('unterminated value');
    const found = text.charCodeAt(match.index);
    if (found === QUOTE) STRUCTURE.lastIndex = skipString(text, match.index);
    else if (found === 123 || found === 91) depth += 1;
    else {
      depth -= 1;
      if (depth === 0) return match.index + 1;
    }
  }
}

/** The members of the object that starts at `at` (or after white space there). A name given twice is an error. */
export function objectMembers(text: string, at = 0): Map<string, Span> {
  const members = new Map<string, Span>();
  let i = skipSpace(text, skipSpace(text, at) + 1);
  while (text[i] === '"') {
    const nameEnd = skipString(text, i);
    const name = JSON.parse(text.slice(i, nameEnd)) as string;
    if (members.has(name)) throw new SyntaxError(`"${name}" is given twice`);
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = skipValue(text, start);
    members.set(name, { start, end });
    i = skipSpace(text, end);
    if (text[i] === ',') i = skipSpace(text, i + 1);
  }
  return members;
}

/** The items of the array that starts at `at`. */
export function arrayItems(text: string, at: number): Span[] {
  const items: Span[] = [];
  let i = skipSpace(text, at + 1);
  while (i < text.length && text[i] !== ']') {
    const end = skipValue(text, i);
    items.push({ start: i, end });
    i = skipSpace(text, end);
    if (text[i] === ',') i = skipSpace(text, i + 1);
  }
  return items;
}

/** One line, as NDJSON needs: raw line ends stand only between tokens in valid JSON. */
export function toOneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/[\t ]*[\r\n]+\s*/g, '').trim() : text.trim();
}

type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown;
/** Source text access (ES2025 proposal, in V8 since 11.4) is not in TypeScript's library yet. */
const json = JSON as unknown as { parse(text: string, reviver: Reviver): unknown; rawJSON(source: string): unknown };

/** Parses so that `JSON.stringify` gives every number back as it was written. */
export function parseExact(text: string): unknown {
  return json.parse(text, (_key, value, context) => {
    if (typeof value !== 'number' || context?.source === undefined || String(value) === context.source) return value;
    return json.rawJSON(context.source);
  });
}

/** A resource's text with the id and meta.versionId, meta.lastUpdated that the server gives it; all else as it was. */
export function stamp(text: string, id: string, versionId: string, lastUpdated: string): string {
  const members = objectMembers(text);
  const metaSpan = members.get('meta');
  const parsedMeta = metaSpan ? parseExact(text.slice(metaSpan.start, metaSpan.end)) : undefined;
  const meta = JSON.stringify({ ...(parsedMeta as object | undefined), versionId, lastUpdated });
  return spliceMembers(text, members, [
    ['id', JSON.stringify(id)],
    ['meta', meta],
  ]);
}

/** Replaces top-level members, or adds them after `resourceType` (or first, where there is none). */
export function spliceMembers(text: string, members: Map<string, Span>, values: [string, string][]): string {
  const edits: { start: number; end: number; put: string }[] = [];
  let added = '';
  for (const [name, value] of values) {
    const span = members.get(name);
    if (span) edits.push({ ...span, put: value });
    else added += `,${JSON.stringify(name)}:${value}`;
  }
  if (added) {
    const type = members.get('resourceType');
    if (type) edits.push({ start: type.end, end: type.end, put: added });
    else {
      const open = text.indexOf('{') + 1;
      edits.push({ start: open, end: open, put: `${added.slice(1)}${members.size > 0 ? ',' : ''}` });
    }
  }
  edits.sort((a, b) => a.start - b.start);
  let out = '';
  let from = 0;
  for (const edit of edits) {
    out += text.slice(from, edit.start) + edit.put;
    from = edit.end;
  }
  return out + text.slice(from);
}

/** Replaces whole string values (and quoted link targets in narratives) by what `map` has for them. */
export function replaceStrings(text: string, map: ReadonlyMap<string, string>): string {
  if (map.size === 0) return text;
  // A string, or a quoted attribute inside an escaped narrative: FHIR R4 http.html#trules asks for both.
  // Identifier.value is a plain string and stays. Starting with a letter keeps the match from opening at a closing quote.
  return text.replace(
    /("value"\s*:\s*)?"([A-Za-z][^"\\]{0,300})(\\?)"/g,
    (whole, value: string | undefined, found, escaped) => {
      const put = value === undefined ? map.get(found) : undefined;
      return put === undefined ? whole : `"${put}${escaped}"`;
    },
  );
}
