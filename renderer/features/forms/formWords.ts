import type { Cannot, FormFault, FormItem, FormLine, FormUnknown } from '../../../preload/contract/forms.ts';
import { t } from '../../words/t.ts';
import type { TypedAnswers } from './answers.ts';

/** Why a question can't be answered here. */
export const CANNOT: Readonly<Record<Cannot, string>> = {
  attachment: t('A file is asked for, which can’t be attached to a form here. Attach it as a document of the patient.'),
  'list-elsewhere': t('The answers to choose from are not on this workstation. Answer this in the EHR.'),
  'calls-for-more': t('This question needs more than Wardlight can do. Answer it in the EHR.'),
};

/** Why something isn't known here; never to be read as there being none. */
export const UNKNOWN: Readonly<Record<FormUnknown, string>> = {
  'not-permitted': t('Not known here: you may not see all the records that this is taken from.'),
  'not-synced': t('Not known here: not all of the records that this is taken from are on this workstation.'),
  'not-offline': t('Not known here: this can only be asked of the server itself.'),
  'not-usable': t('This could not be filled in from the record.'),
  follows: t('Not worked out: something that it follows from is not known.'),
};

type Code = FormFault['code'];

const FAULTS: Readonly<Record<Code, (limit: string) => string>> = {
  required: () => t('This needs an answer.'),
  'too-few': (limit) => t('At least {limit} answers are needed.', { limit }),
  'too-many': (limit) => t('No more than {limit} answers can be given.', { limit }),
  'no-number': () => t('Type a number, such as 71.5.'),
  'no-integer': () => t('Type a whole number.'),
  below: (limit) => t('No less than {limit}.', { limit }),
  above: (limit) => t('No more than {limit}.', { limit }),
  decimals: (limit) => t('No more than {limit} digits after the point.', { limit }),
  'too-short': (limit) => t('At least {limit} characters.', { limit }),
  'too-long': (limit) => t('No more than {limit} characters.', { limit }),
  pattern: () => t('This is not written as the form asks for it.'),
  'no-date': () => t('Type a day, such as 12-Mar-2027.'),
  'no-time': () => t('Type a time, such as 14:30.'),
  'no-date-time': () => t('Type a day and a time, such as 12-Mar-2027 14:30.'),
  'no-address': () => t('Type a whole address, such as https://hospital.example.'),
  'no-option': () => t('Choose one of the answers.'),
  'other-unit': (limit) => t('The form’s limit is {limit}: type it in that unit.', { limit }),
  exclusive: (limit) => t('“{limit}” can’t be chosen beside others.', { limit }),
  constraint: (limit) => limit || t('This does not fit the other answers.'),
  calculation: () => t('This could not be worked out.'),
};

export function faultWords({ code, limit }: FormFault): string {
  return FAULTS[code](limit ?? '');
}

/** How an answer is to be typed, where that isn't plain. */
export const HINTS: Partial<Record<FormItem['kind'], string>> = {
  date: t('A day, such as 12-Mar-2027'),
  dateTime: t('Such as 12-Mar-2027 14:30'),
  time: t('Such as 14:30'),
  reference: t('Type who or what is meant'),
};

export const YES_NO: FormItem['options'] = [
  { key: 'true', words: t('Yes') },
  { key: 'false', words: t('No') },
];

/** What an answer says, as far as it is typed. */
export function answerWords({ kind, options, units }: FormItem, key: string, typed: TypedAnswers): string {
  const value = typed[key] ?? '';
  const list = kind === 'boolean' ? YES_NO : options;
  if (list.length === 0) {
    const unit = units[Number(typed[`unit:${key}`] || 0)];
    return value !== '' && unit ? `${value} ${unit}` : value;
  }
  const chosen = value.split(' ').flatMap((one) => list.find((option) => option.key === one)?.words ?? []);
  return [...chosen, typed[`other:${key}`] ?? ''].filter((one) => one !== '').join(', ');
}

/** All that is answered, a line for each question: how a draft reads. */
export function saidIn(
  items: readonly FormItem[],
  lines: readonly FormLine[],
  typed: TypedAnswers,
  longest: number,
): string {
  const said = lines.flatMap((line) => {
    const item = items[line.item];
    if (line.kind === 'rows' || !item) return [];
    const words = line.value ?? answerWords(item, line.key, typed);
    return words === '' ? [] : [`${item.text}: ${words}`];
  });
  return said.join('\n').slice(0, longest);
}
