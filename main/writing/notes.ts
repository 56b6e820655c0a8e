import { LosslessNumber } from 'lossless-json';
import type { Result } from '../../preload/contract/channel.ts';
import type { Soap } from '../../preload/contract/clinical.ts';
import type { Language } from '../../preload/contract/languages.ts';
import type { NoteKind } from '../../preload/contract/notes.ts';
import { phrase } from '../../preload/contract/placeholders.ts';
import { soapText } from '../../preload/contract/soap.ts';
import { type Base, baseOf, type Changed, failed, writerOf, written } from './change.ts';
import {
  conceptWords,
  instantOf,
  isAbout,
  isPartial,
  type JsonObject,
  LOINC,
  listOf,
  objectOf,
  parseResource,
  printResource,
  short,
  textOf,
  versionOf,
  type Writing,
  type Written,
  withoutNarrative,
  withWriter,
} from './resource.ts';

/** LOINC document codes of the kinds of note, with their display. */
const KINDS: Readonly<Record<NoteKind, readonly [code: string, display: string]>> = {
  progress: ['11506-3', 'Progress note'],
  nursing: ['34746-8', 'Nurse Note'],
  consultation: ['11488-4', 'Consult note'],
  telephone: ['34748-4', 'Telephone encounter Note'],
};

const TEXT = 'text/plain; charset=utf-8';

/** A new note: a DocumentReference with its text inline (R4 documentreference.html). */
export function newNote({ kind, body }: { kind: NoteKind; body: string }, writing: Writing): Written {
  return { body: printResource(noteOf(kind, body, writing)), title: KINDS[kind][1] };
}

function noteOf(kind: NoteKind, body: string, writing: Writing): JsonObject {
  const { patientId, practitioner, display, encounter, id } = writing;
  const [code, title] = KINDS[kind];
  const date = instantOf(writing);
  return {
    resourceType: 'DocumentReference',
    id,
    status: 'current',
    docStatus: 'final',
    type: { coding: [{ system: LOINC, code, display: title }], text: title },
    subject: { reference: `Patient/${patientId}` },
    date,
    author: [{ reference: practitioner, display }],
    description: title,
    content: [{ attachment: { contentType: TEXT, ...inline(body), title, creation: date } }],
    ...(encounter !== null && { context: { encounter: [{ reference: encounter }] } }),
  };
}

/** A note in sections, which are one text under headings. Signed at once, or later by `signedNote`. */
export function newSoapNote(
  { kind, sections, language, sign }: { kind: NoteKind; sections: Soap; language: Language; sign: boolean },
  writing: Writing,
): Written {
  const note = noteOf(kind, soapText(sections, language), writing);
  const resource = sign ? { ...note, authenticator: writerOf(writing) } : { ...note, docStatus: 'preliminary' };
  return written(resource, KINDS[kind][1]).value;
}

/** A note that its reader vouches for (R4 documentreference.html#authenticator): from now on it is only added to. */
export function signedNote(base: Base, writing: Writing): Changed {
  const found = baseOf('DocumentReference', base, writing);
  if (!found.ok) return found;
  const note = found.value;
  if (!isCurrent(note) || isSigned(note) || !isOneText(note)) return failed('not-changeable');
  const docStatus = note['docStatus'] === 'amended' ? 'amended' : 'final';
  return written({ ...note, docStatus, authenticator: writerOf(writing) }, phrase('signed', titleOf(note)));
}

/** A signed note of its own that appends to another one (R4 valueset-document-relationship-type.html). */
export function addedNote({ resource: text, body }: { resource: string; body: string }, writing: Writing): Changed {
  const before = parseResource(text);
  if (!isAbout(before, writing.patientId)) return failed('not-found');
  if (!isCurrent(before) || before['resourceType'] !== 'DocumentReference') return failed('not-changeable');
  const title = `Addendum: ${titleOf(before)}`;
  const note = noteOf('progress', body, writing);
  const resource = {
    ...note,
    type: before['type'] ?? note['type'],
    description: short(title),
    authenticator: writerOf(writing),
    relatesTo: [{ code: 'appends', target: { reference: `DocumentReference/${textOf(before['id'])}` } }],
  };
  return written(resource, title);
}

function isSigned(resource: JsonObject): boolean {
  return resource['authenticator'] !== undefined;
}

function isOneText(resource: JsonObject): boolean {
  const [content, another] = listOf(resource['content']);
  return content !== undefined && !another && isPlainText(objectOf(content['attachment']));
}

export type AmendError = 'not-found' | 'not-amendable' | 'stale';

export interface Amendment {
  /** The resource as the cache has it. */
  readonly resource: string;
  /** The version that the clinician saw. */
  readonly versionId: string;
  readonly body: string;
}

/**
 * A note with another text; all else of it stays to the digit. Only a note that is one plain text can be amended, as the
 * other renderings of a document would go on saying what it said before; and none that is signed.
 */
export function amendedNote(
  { resource: text, versionId, body }: Amendment,
  writing: Pick<Writing, 'patientId' | 'practitioner' | 'display' | 'now' | 'offsetMinutes'>,
): Result<Written, AmendError> {
  const resource = parseResource(text);
  if (!isAbout(resource, writing.patientId)) return failed('not-found');
  if (versionOf(resource) !== versionId) return failed('stale');
  const [content] = listOf(resource['content']);
  const attachment = objectOf(content?.['attachment']);
  if (!isCurrent(resource) || isSigned(resource) || !isOneText(resource)) return failed('not-amendable');
  const amended = {
    ...withoutNarrative(resource),
    // What was never sent has nothing that it would amend.
    ...(versionId !== '' && { docStatus: 'amended' }),
    author: withWriter(resource['author'], writing),
    content: [{ ...content, attachment: withText(attachment, body, instantOf(writing)) }],
  };
  return { ok: true, value: { body: printResource(amended), title: titleOf(resource) } };
}

function isCurrent(resource: JsonObject): boolean {
  return resource['status'] === 'current' && resource['docStatus'] !== 'entered-in-error' && !isPartial(resource);
}

function isPlainText({ contentType }: JsonObject): boolean {
  return /^text\/plain\s*(;|$)/i.test(textOf(contentType) ?? '');
}

/** The attachment with a text of its own: what told of the older bytes, or led to them, goes. */
function withText(attachment: JsonObject, body: string, creation: string): JsonObject {
  const { url: _elsewhere, hash: _ofBefore, size: _before, _data: _sealed, _hash: _sealedHash, ...rest } = attachment;
  return { ...rest, contentType: TEXT, ...inline(body), creation };
}

function inline(body: string): JsonObject {
  const bytes = Buffer.from(body, 'utf8');
  return { data: bytes.toString('base64'), size: new LosslessNumber(String(bytes.length)) };
}

function titleOf(resource: JsonObject): string {
  return short(textOf(resource['description']) ?? conceptWords(resource['type']) ?? 'Note');
}
