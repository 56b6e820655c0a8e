import { field, items } from '../json.ts';

/** Longest text of a resource that is indexed. */
const TEXT_MAX = 500_000;

/** What full-text search finds a resource by. */
export interface FullText {
  /** The narrative's words, for `_text`. */
  readonly narrative: string;
  /** Notes, attachments and free text, for `_content` besides the narrative. */
  readonly content: string;
}

const EMPTY: FullText = { narrative: '', content: '' };

/** The words of a resource; empty where it has none. Nothing of it is ever shown as HTML. */
export function fullTextOf(type: string, resource: unknown): FullText {
  const narrative = field(resource, 'text', 'div');
  const content = contentOf(type, resource);
  if (typeof narrative !== 'string' && content.length === 0) return EMPTY;
  return {
    narrative: typeof narrative === 'string' ? plainText(narrative) : '',
    content: content.join('\n').slice(0, TEXT_MAX),
  };
}

export function isEmpty({ narrative, content }: FullText): boolean {
  return narrative === '' && content === '';
}

/** Members that hold what somebody wrote, on any type. */
const textMembers = ['description', 'conclusion', 'comment', 'patientInstruction', 'valueString', 'summary'];

function contentOf(type: string, resource: unknown): string[] {
  const texts: string[] = [];
  for (const name of textMembers) push(texts, field(resource, name));
  for (const note of items(resource, 'note')) push(texts, field(note, 'text'));
  if (type === 'DocumentReference') {
    for (const content of items(resource, 'content')) push(texts, attachmentText(field(content, 'attachment')));
  } else if (type === 'DiagnosticReport') {
    for (const form of items(resource, 'presentedForm')) push(texts, attachmentText(form));
  } else if (type === 'Binary') push(texts, attachmentText(resource));
  else if (type === 'Composition') for (const section of items(resource, 'section')) pushSection(texts, section, 0);
  return texts;
}

function push(texts: string[], value: unknown): void {
  if (typeof value === 'string' && value !== '') texts.push(value);
}

const SECTIONS_DEEP = 8;

function pushSection(texts: string[], section: unknown, depth: number): void {
  push(texts, field(section, 'title'));
  const div = field(section, 'text', 'div');
  if (typeof div === 'string') push(texts, plainText(div));
  if (depth < SECTIONS_DEEP) for (const inner of items(section, 'section')) pushSection(texts, inner, depth + 1);
}

/** The text of an Attachment or a Binary that holds text itself; undefined for anything else. */
function attachmentText(attachment: unknown): string | undefined {
  const [type, data] = [field(attachment, 'contentType'), field(attachment, 'data')];
  if (typeof type !== 'string' || typeof data !== 'string') return undefined;
  const kind = type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!/^text\/|xhtml\+xml$|^application\/(?:xml|json)$/.test(kind)) return undefined;
  const text = Buffer.from(data.slice(0, 2 * TEXT_MAX), 'base64').toString(
    /charset=iso-8859-1/i.test(type) ? 'latin1' : 'utf8',
  );
  return /html|xml$/.test(kind) ? plainText(text) : text;
}

const entities: Readonly<{ [name: string]: string }> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

/** Words of HTML: scripts and styles dropped, each tag a space. */
export function plainText(html: string): string {
  return html
    .slice(0, TEXT_MAX)
    .replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1\s*>/gi, ' ')
    .replace(/<!--[\s\S]*?-->/g, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{2,6}));/gi, (whole, decimal, hex, name) =>
      name === undefined ? character(decimal ? Number(decimal) : Number.parseInt(hex, 16)) : (entities[name] ?? whole),
    )
    .replace(/\s+/g, ' ')
    .trim();
}

function character(code: number): string {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ' ';
}
