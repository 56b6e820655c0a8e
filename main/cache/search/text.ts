import { decoded, HTML_MAX } from '../decoded.ts';
import { field, items } from '../json.ts';
import { htmlWords } from './html.ts';
import { compilePath, type Walk } from './path.ts';

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
    narrative: typeof narrative === 'string' ? htmlWords(narrative, TEXT_MAX) : '',
    content: content.join('\n').slice(0, TEXT_MAX),
  };
}

export function isEmpty({ narrative, content }: FullText): boolean {
  return narrative === '' && content === '';
}

/** Members that hold what somebody wrote, on any type. */
const textMembers = ['description', 'conclusion', 'comment', 'patientInstruction', 'valueString', 'summary'];

/** The name of what is referred to is all that some records say of it. */
const NAME = 'medicationReference.display';
const medicine = (dosage: string) => [NAME, `${dosage}.text`, `${dosage}.patientInstruction`];

/** Places of what somebody wrote, on some types only. */
const textPaths: Readonly<{ [type: string]: readonly string[] }> = {
  AllergyIntolerance: ['reaction.description', 'reaction.note.text'],
  Communication: ['payload.contentString'],
  MedicationAdministration: [NAME, 'dosage.text'],
  MedicationDispense: medicine('dosageInstruction'),
  MedicationRequest: medicine('dosageInstruction'),
  MedicationStatement: medicine('dosage'),
};

const textWalks: ReadonlyMap<string, readonly Walk<string[]>[]> = new Map(
  Object.entries(textPaths).map(([type, paths]) => [
    type,
    paths.map((path) => compilePath<string[]>(path, (value, texts) => push(texts, value))),
  ]),
);

function contentOf(type: string, resource: unknown): string[] {
  const texts: string[] = [];
  for (const name of textMembers) push(texts, field(resource, name));
  for (const note of items(resource, 'note')) push(texts, field(note, 'text'));
  for (const walk of textWalks.get(type) ?? []) walk(resource, texts);
  if (type === 'DocumentReference') {
    for (const content of items(resource, 'content')) push(texts, attachmentText(field(content, 'attachment')));
  } else if (type === 'DiagnosticReport') {
    for (const form of items(resource, 'presentedForm')) push(texts, attachmentText(form));
  } else if (type === 'Binary') push(texts, attachmentText(resource));
  else if (type === 'Composition') for (const section of items(resource, 'section')) pushSection(texts, section, 0);
  else if (type === 'QuestionnaireResponse') pushAnswers(texts, resource, 0);
  return texts;
}

function push(texts: string[], value: unknown): void {
  if (typeof value === 'string' && value !== '') texts.push(value);
}

const SECTIONS_DEEP = 8;

function pushSection(texts: string[], section: unknown, depth: number): void {
  push(texts, field(section, 'title'));
  const div = field(section, 'text', 'div');
  if (typeof div === 'string') push(texts, htmlWords(div, TEXT_MAX));
  if (depth < SECTIONS_DEEP) for (const inner of items(section, 'section')) pushSection(texts, inner, depth + 1);
}

const ITEMS_DEEP = 10;

/** Answers in words: questions lie below a form, a group and an answer (R4 questionnaireresponse.html). */
function pushAnswers(texts: string[], holder: unknown, depth: number): void {
  if (depth > ITEMS_DEEP) return;
  for (const item of items(holder, 'item')) {
    for (const answer of items(item, 'answer')) {
      push(texts, field(answer, 'valueString'));
      pushAnswers(texts, answer, depth + 1);
    }
    pushAnswers(texts, item, depth + 1);
  }
}

/** The text of an Attachment or a Binary that holds text itself; undefined for anything else. */
function attachmentText(attachment: unknown): string | undefined {
  const [type, data] = [field(attachment, 'contentType'), field(attachment, 'data')];
  if (typeof type !== 'string' || typeof data !== 'string') return undefined;
  const kind = type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!/^text\/|xhtml\+xml$|^application\/(?:xml|json)$/.test(kind)) return undefined;
  const isHtml = /html|xml$/.test(kind);
  // Of base64, four letters are three bytes, of which a letter may take all.
  const text = decoded(data.slice(0, 4 * (isHtml ? HTML_MAX : TEXT_MAX)), type);
  return isHtml ? htmlWords(text, TEXT_MAX) : text;
}
