import type { FoundRecord } from '../../../preload/contract/find.ts';
import { withoutPlaceholders } from '../../../preload/contract/placeholders.ts';
import { bound, field, items, parseExact } from '../json.ts';
import type { ReadDb } from '../open.ts';
import { unsentOf } from '../reads/sections.ts';
import { type Snippet, snippetIn, snippetOf } from '../search/query/snippet.ts';
import { sql } from '../statements.ts';
import type { Lookup } from '../views/medications.ts';
import { formattedText } from '../views/notes.ts';
import { plainOf } from '../views/rich/plain.ts';
import { type EntryText, entryText, kindOf } from '../views/timeline.ts';
import type { Match } from './matching.ts';
import type { Term } from './terms.ts';

/** A record that was found, as it is listed; null where it is gone. */
export function toldRecord(
  db: ReadDb,
  match: Match,
  terms: readonly Term[],
  lookup: Lookup,
): Omit<FoundRecord, 'patientId'> | null {
  const row = sql(db, 'SELECT body, local FROM resource WHERE rid = ?').get(match.rid) as
    | { body: string; local: number }
    | undefined;
  if (!row) return null;
  const { type, bucket } = match;
  const entry = entryText(type, bucket, parseExact(row.body), lookup, unsentOf(row.local));
  const { id, title, time, withdrawn, unsent, values } = entry;
  const [value] = values;
  const snippet = ownSnippet(db, match, row.body, terms) ?? nameSnippet(entry, row.body, terms);
  return {
    ...{ kind: kindOf(type, bucket), type, id, title, time, withdrawn, unsent },
    trend: value && !withdrawn && !value.masked ? value.code : null,
    snippet: snippet && { text: snippet.text, marks: snippet.marks.map(([from, to]) => [from, to]) },
  };
}

function ownSnippet(db: ReadDb, { rid, textOf, type }: Match, body: string, terms: readonly Term[]): Snippet | null {
  if (textOf === rid) return snippetOfRecord(type, JSON.parse(body), terms);
  const file = sql(db, 'SELECT body FROM resource WHERE rid = ?').pluck().get(textOf) as string | undefined;
  return file === undefined ? null : snippetOfRecord('Binary', JSON.parse(file), terms);
}

/** Of formatted text as it is read, so that what is struck out in it doesn't read as if it stood. */
function snippetOfRecord(type: string, resource: unknown, terms: readonly Term[]): Snippet | null {
  const attachments = [
    ...(type === 'Binary' ? [resource] : []),
    ...items(resource, 'content').map((content) => field(content, 'attachment')),
    ...items(resource, 'presentedForm'),
  ];
  for (const attachment of attachments) {
    const [contentType, data] = [field(attachment, 'contentType'), field(attachment, 'data')];
    if (typeof contentType !== 'string' || typeof data !== 'string') continue;
    const rich = formattedText(data, contentType);
    const snippet = rich && snippetIn(plainOf(rich), terms);
    if (snippet) return snippet;
  }
  return snippetOf(type, resource, terms, false);
}

/** Of what has no text of its own: what it is and what it says, else the name by which it was found. */
function nameSnippet(entry: EntryText, body: string, terms: readonly Term[]): Snippet | null {
  const said = saidOf(entry);
  const names = () => namesIn(JSON.parse(body)).join(' · ');
  return snippetIn(said, terms) ?? snippetIn(bound(names()), terms) ?? (said === '' ? null : cutOf(said));
}

/** Without codes: the page alone has words for these. */
function saidOf({ title, details, values }: EntryText): string {
  const measured = values.map(({ name, value, unit }) => [name === title ? '' : name, value, unit].join(' ').trim());
  const told = details.map((item) => item.map((bit) => (bit.kind === 'text' ? bit.text : '')).join(''));
  return [title, ...measured, ...told].map(withoutPlaceholders).filter(Boolean).join(' · ');
}

const SAID_MAX = 240;

const cutOf = (text: string): Snippet => ({ text: bound(text, SAID_MAX), marks: [] });

const NAMES_MAX = 100;
const DEPTH_MAX = 12;

/** Displays and texts of all codes of a record. */
function namesIn(value: unknown, depth = 0): string[] {
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return [];
  const names = Object.entries(value).flatMap(([name, member]) => {
    if (typeof member === 'string') return name === 'display' || name === 'text' ? [member] : [];
    return namesIn(member, depth + 1);
  });
  return [...new Set(names)].slice(0, NAMES_MAX);
}
