import type { Unsent } from '../../../preload/contract/chart.ts';
import type { NoteText } from '../../../preload/contract/notes.ts';
import type { RichText } from '../../../preload/contract/rich.ts';
import { decoded, HTML_MAX } from '../decoded.ts';
import { readHtml } from '../html.ts';
import { bound, field, isEncrypted, isMasked, items, maskedMember, versionIdOf } from '../json.ts';
import type { Lookup } from './medications.ts';
import { richTextOf } from './rich/rich-text.ts';
import { noteView } from './sections.ts';

const BODY_MAX = 2_000_000;

/** A document with its text, where it is of a type that can be shown as text. */
export function noteTextView(resource: unknown, lookup: Lookup, unsent: Unsent = null): NoteText {
  const attachments = items(resource, 'content').map((content) => field(content, 'attachment'));
  const attachment = attachments.find((one) => isText(typeOf(one))) ?? attachments[0];
  const contentType = typeOf(attachment);
  return {
    ...noteView(resource, lookup, unsent),
    versionId: versionIdOf(resource),
    signed: field(resource, 'authenticator') !== undefined,
    contentType: contentType && bound(contentType, 200),
    ...shownText(attachment, contentType, lookup),
    masked: maskOf([contentOf(resource, attachment), attachment, maskedMember(attachment, 'data')]),
  };
}

/** The text may be masked by itself, with the attachment, or with all that is around it. */
function maskOf(elements: readonly unknown[]): NoteText['masked'] {
  if (elements.some(isEncrypted)) return 'encrypted';
  return elements.some(isMasked) ? 'masked' : null;
}

function contentOf(resource: unknown, attachment: unknown): unknown {
  return items(resource, 'content').find((content) => field(content, 'attachment') === attachment);
}

function typeOf(attachment: unknown): string | null {
  const type = field(attachment, 'contentType');
  return typeof type === 'string' && type !== '' ? type.toLowerCase() : null;
}

function isText(contentType: string | null): boolean {
  return /^(text\/|application\/xhtml\+xml)/.test(contentType ?? '');
}

/** The text: formatted where it is HTML, unless that is nested beyond reading. */
function shownText(attachment: unknown, contentType: string | null, lookup: Lookup): Pick<NoteText, 'body' | 'rich'> {
  const data = field(attachment, 'data') ?? field(lookup(field(attachment, 'url')), 'data');
  if (!isText(contentType) || typeof data !== 'string') return { body: null, rich: null };
  const rich = formattedText(data, contentType ?? '');
  return { body: rich ? null : bound(decodeText(data, contentType ?? ''), BODY_MAX), rich };
}

/** Base64 of HTML as blocks; null for any other type, and where it is nested beyond reading. */
export function formattedText(data: string, contentType: string): RichText | null {
  const isHtml = /^(text\/html|application\/xhtml\+xml)/i.test(contentType);
  return isHtml ? richTextOf(decoded(data, contentType).slice(0, HTML_MAX)) : null;
}

/** Base64 of a text type as plain text; the content type in lower case. */
export function decodeText(data: string, contentType: string): string {
  const whole = decoded(data, contentType);
  return /^(text\/(html|xml)|application\/xhtml)/.test(contentType) ? htmlToText(whole) : whole;
}

const unread: ReadonlySet<string> = new Set(['script', 'style', 'head', 'title']);
/** Elements that end a line, or a cell of one. */
const lineEnds = /^(?:p|div|tr|li|h[1-6]|table|ul|ol|pre|section)$/;
const cellEnds = /^t[dh]$/;

/**
 * HTML as plain text, where texts are compared or nothing else can be read of it. What comes out is shown as text, so that
 * nothing has to be made harmless; the point is only that it reads well.
 */
function htmlToText(html: string): string {
  const parts: string[] = [];
  readHtml(html, unread, {
    text: (text) => void parts.push(text.replace(/\s+/g, ' ')),
    opened(name) {
      if (name === 'br' || name === 'hr') parts.push('\n');
    },
    closed(name) {
      if (lineEnds.test(name)) parts.push('\n');
      else if (cellEnds.test(name)) parts.push('\t');
    },
    comment: () => undefined,
  });
  const lines = parts.join('').split('\n');
  return lines
    .map((line) => line.trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
