import { placeholder } from '../../../preload/contract/placeholders.ts';
import type { SaidBit, SaidItem } from '../../../preload/contract/said.ts';
import { dateText } from '../dates.ts';
import { bound, conceptText, digits, ENCRYPTED, isMasked, items, maskWord, text } from '../json.ts';
import { type Lookup, personText } from './medications.ts';

/** What a line of the timeline has room for. */
const ANSWERS_TOLD = 4;
const TEXT_TOLD = 80;
const DEPTH_MAX = 10;
/** Of a form of any length. */
const READ_MAX = 1_000;

/** What the form is called: by who answered it here, by others (SDC), or in its address. */
export function formTitle(resource: unknown): string {
  const told = [...items(resource, 'extension'), ...items(resource, '_questionnaire', 'extension')];
  const named = told.filter(isFormTitle).flatMap((one) => text(one, 'valueString') ?? []);
  const [address = ''] = (text(resource, 'questionnaire') ?? '').split('|');
  return named[0] ?? (address.split('/').at(-1) || placeholder('form'));
}

const FORM_TITLES = new Set([
  'https://wardlight.org/fhir/StructureDefinition/form-title',
  'http://hl7.org/fhir/StructureDefinition/display',
]);

/** True of an extension that says what a form is called. */
export function isFormTitle(extension: unknown): boolean {
  return FORM_TITLES.has(text(extension, 'url') ?? '');
}

/**
 * The first answers of a form, each after its question. The last bare number among the others comes before all: a score
 * follows what it is counted from.
 */
export function answersTold(resource: unknown, lookup: Lookup): SaidItem[] {
  const all = answeredIn(resource, lookup, 0).slice(0, READ_MAX);
  const score = all.slice(ANSWERS_TOLD).findLast(({ isNumber }) => isNumber);
  const first = all.slice(0, score ? ANSWERS_TOLD - 1 : ANSWERS_TOLD);
  return (score ? [score, ...first] : first).map(({ said }) => said);
}

interface Answered {
  readonly said: SaidItem;
  readonly isNumber: boolean;
}

/** Questions with an answer below a form, a group or an answer, in their order. */
function answeredIn(holder: unknown, lookup: Lookup, depth: number): Answered[] {
  if (depth > DEPTH_MAX) return [];
  return items(holder, 'item').flatMap((item) => {
    const answers = items(item, 'answer');
    const below = [item, ...answers].flatMap((one) => answeredIn(one, lookup, depth + 1));
    const values = answers.flatMap((answer) => answerBit(answer, lookup) ?? []);
    if (values.length === 0) return below;
    const question = text(item, 'text') ?? text(item, 'linkId') ?? '';
    const said = [plain(`${bound(question, TEXT_TOLD)}: `), ...values.slice(0, 5).flatMap(listed)];
    const isNumber = ['valueInteger', 'valueDecimal'].some((name) => digits(answers[0], name) !== undefined);
    return [{ said, isNumber }, ...below];
  });
}

const plain = (words: string): SaidBit => ({ kind: 'text', text: bound(words, 2 * TEXT_TOLD) });
const listed = (bit: SaidBit, at: number): SaidBit[] => (at === 0 ? [bit] : [plain(', '), bit]);

/** What one answer says (R4 questionnaireresponse.html, `answer.value[x]`). */
function answerBit(answer: unknown, lookup: Lookup): SaidBit | null {
  const member = Object.entries((answer ?? {}) as object).find(([name]) => /^_?value[A-Z]/.test(name));
  if (!member) return null;
  const [name, value] = member;
  if (isMasked(value)) return { kind: 'hidden', how: maskWord(value) === ENCRYPTED ? 'encrypted' : 'masked' };
  const words = (said: string | null | undefined): SaidBit | null => (said ? plain(bound(said, TEXT_TOLD)) : null);
  switch (name) {
    case 'valueBoolean':
      return typeof value === 'boolean' ? { kind: 'yes', yes: value } : null;
    case 'valueDate':
    case 'valueDateTime': {
      const time = dateText(value);
      return time === null ? null : { kind: 'time', time };
    }
    case 'valueCoding':
      return words(conceptText({ coding: [value] }));
    case 'valueQuantity': {
      const unit = text(value, 'unit') ?? text(value, 'code');
      const number = digits(value, 'value');
      return number === undefined
        ? null
        : words(`${text(value, 'comparator') ?? ''}${number}${unit ? ` ${unit}` : ''}`);
    }
    case 'valueReference':
      return words(personText(value, lookup) ?? text(value, 'reference'));
    case 'valueAttachment':
      return words(text(value, 'title')) ?? { kind: 'file', type: text(value, 'contentType') ?? '' };
    default:
      return words(text(answer, name) ?? digits(answer, name));
  }
}
