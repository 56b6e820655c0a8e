import type { FormAnswers, FormFault } from '../../preload/contract/forms.ts';
import type { Item } from './definition.ts';
import type { Node } from './nodes.ts';
import { compare, isSame, type Value, wordsOf } from './values.ts';

/** What was answered in a line, and what is wrong with it. */
export interface Answer {
  readonly values: readonly Value[];
  readonly fault: FormFault | null;
}

type Read = { readonly value: Value } | { readonly fault: FormFault };

const NOTHING: Answer = { values: [], fault: null };

export function fault(code: FormFault['code'], limit: string | null = null): FormFault {
  return { code, limit };
}

/** What stands in a line. A text that is no answer is no value, and a fault. */
export function answerOf({ item, key }: Node, answers: FormAnswers): Answer {
  const { type } = item.source;
  if (item.cannot !== null || type === 'group' || type === 'display') return NOTHING;
  const typed = answers[key]?.trim() ?? '';
  if (item.options.length > 0 || type === 'open-choice')
    return chosen(item, typed, answers[`other:${key}`]?.trim() ?? '');
  if (typed === '') return NOTHING;
  const read = typedValue(item, typed, answers[`unit:${key}`]);
  return 'fault' in read ? { values: [], fault: read.fault } : { values: [read.value], fault: null };
}

function chosen({ options, source }: Item, typed: string, other: string): Answer {
  const keys = typed === '' ? [] : typed.split(' ');
  const found = keys.map((key) => options.find((option) => option.key === key));
  const values = found.flatMap((option) => option?.value ?? []);
  if (values.length < keys.length || (keys.length > 1 && !source.repeats))
    return { values: [], fault: fault('no-option') };
  if (source.type === 'open-choice' && other !== '') values.push({ type: 'String', value: other });
  if (values.length > 1 && !source.repeats) return { values: [], fault: fault('no-option') };
  const alone = values.length > 1 ? found.find((option) => option?.exclusive) : undefined;
  return { values, fault: alone ? fault('exclusive', wordsOf(alone.value)) : null };
}

function typedValue(item: Item, typed: string, unit: string | undefined): Read {
  switch (item.source.type) {
    case 'boolean':
      return typed === 'true' || typed === 'false'
        ? { value: { type: 'Boolean', value: typed === 'true' } }
        : { fault: fault('no-option') };
    case 'integer':
      return WHOLE.test(typed) && Math.abs(Number(typed)) <= INTEGER_MAX
        ? { value: { type: 'Integer', value: String(Number(typed)) } }
        : { fault: fault('no-integer') };
    case 'decimal':
      return DECIMAL.test(typed) ? { value: { type: 'Decimal', value: typed } } : { fault: fault('no-number') };
    case 'quantity':
      return quantity(item, typed, unit);
    case 'date':
      return isDate(typed) ? { value: { type: 'Date', value: typed } } : { fault: fault('no-date') };
    case 'dateTime':
      return moment(typed);
    case 'time':
      return TIME.test(typed)
        ? { value: { type: 'Time', value: typed.length === 5 ? `${typed}:00` : typed } }
        : { fault: fault('no-time') };
    case 'url':
      return /^[a-z][a-z0-9+.-]*:\S+$/i.test(typed)
        ? { value: { type: 'Uri', value: typed } }
        : { fault: fault('no-address') };
    case 'reference':
      return { value: { type: 'Reference', value: typed } };
    default:
      return { value: { type: 'String', value: typed } };
  }
}

const WHOLE = /^-?\d{1,10}$/;
/** R4 datatypes.html#integer. */
const INTEGER_MAX = 2_147_483_647;
const DECIMAL = /^-?(?:0|[1-9]\d{0,11})(?:\.\d{1,8})?$/;
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?$/;
const DATE = /^\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?$/;
const MOMENT = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/;

function isDate(text: string): boolean {
  if (!DATE.test(text)) return false;
  const time = Date.parse(`${text.padEnd(10, '-01')}T00:00:00Z`);
  return text.length < 10 || (!Number.isNaN(time) && new Date(time).toISOString().startsWith(text));
}

/** A day, or a moment with the workstation's offset where it has none (R4 datatypes.html#dateTime). */
function moment(typed: string): Read {
  if (isDate(typed)) return { value: { type: 'DateTime', value: typed } };
  const [, date = '', time = '', zone] = MOMENT.exec(typed) ?? [];
  if (!isDate(date) || !TIME.test(time)) return { fault: fault('no-date-time') };
  const offset = zone ? '' : offsetAt(`${date}T${time}`);
  // The clock was put forward over it: nobody knows which hour is meant.
  if (offset === null) return { fault: fault('no-date-time') };
  return { value: { type: 'DateTime', value: zone ? typed : `${date}T${time}:00${offset}` } };
}

/** The workstation's offset at a time there, at the first of two that are called alike; null where there is none. */
function offsetAt(local: string): string | null {
  const moment = new Date(local);
  if (moment.getHours() !== Number(local.slice(11, 13)) || moment.getMinutes() !== Number(local.slice(14, 16)))
    return null;
  const minutes = -moment.getTimezoneOffset();
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}

function quantity({ units }: Item, typed: string, chosenUnit: string | undefined): Read {
  const unit = units[Number(chosenUnit ?? 0)];
  if (!DECIMAL.test(typed) || (units.length > 0 && !unit)) return { fault: fault('no-number') };
  return { value: { type: 'Quantity', value: typed, unit: unit ?? { words: '' } } };
}

/** What is wrong with the answer of a line that is asked, by what the form demands of it. */
export function faultOf({ item }: Node, { values, fault: unread }: Answer): FormFault | null {
  if (unread) return unread;
  const { limits, source, rows } = item;
  if (source.type === 'group' || source.type === 'display') return null;
  // Of rows it is the number of those with an answer (checks.ts).
  if (!rows && values.length < limits.least)
    return values.length === 0 ? fault('required') : fault('too-few', String(limits.least));
  if (!rows && limits.most !== null && values.length > limits.most) return fault('too-many', String(limits.most));
  for (const value of values) {
    const found = limitFault(item, value);
    if (found) return found;
  }
  return null;
}

function limitFault({ limits }: Item, value: Value): FormFault | null {
  const { min, max, decimals, shortest, longest, regex } = limits;
  // A limit of a quantity may be a bare number, in its unit; one in another unit is never taken for that.
  const bound = (limit: Value | null) =>
    limit && (limit.type === 'Quantity' ? compare(quantityOf(value, limit), limit) : compare(bare(value), limit));
  const [low, high] = [bound(min), bound(max)];
  const apart = [min, max].find(
    (limit) => limit?.type === 'Quantity' && compare(quantityOf(value, limit), limit) === null,
  );
  if (apart) return fault('other-unit', wordsOf(apart));
  if (min && low !== null && low < 0) return fault('below', wordsOf(min));
  if (max && high !== null && high > 0) return fault('above', wordsOf(max));
  const isNumber = value.type === 'Decimal' || value.type === 'Quantity';
  if (decimals !== null && isNumber && (value.value.split('.')[1]?.length ?? 0) > decimals)
    return fault('decimals', String(decimals));
  if (value.type !== 'String' && value.type !== 'Uri') return null;
  if (value.value.length < shortest) return fault('too-short', String(shortest));
  if (value.value.length > longest) return fault('too-long', String(longest));
  return regex && !regex.test(value.value) ? fault('pattern') : null;
}

/** A number without a unit, as the limit it is held against counts. */
function quantityOf(value: Value, { unit }: Extract<Value, { type: 'Quantity' }>): Value {
  return value.type === 'Decimal' || value.type === 'Integer' ? { type: 'Quantity', value: value.value, unit } : value;
}

function bare(value: Value): Value {
  return value.type === 'Quantity' ? { type: 'Decimal', value: value.value } : value;
}

/** The text by which an answer would be typed; null where it can't be given to the question. */
export function typedOf(
  item: Item,
  values: readonly Value[],
): Readonly<Record<'' | 'unit:' | 'other:', string>> | null {
  const { options, source, units } = item;
  const [first] = values;
  if (!first) return null;
  if (options.length > 0 || source.type === 'open-choice') {
    const keys = values.map((value) => options.find((option) => isSame(option.value, value))?.key);
    const others = values.filter((value, index) => keys[index] === undefined && value.type === 'String');
    if (keys.filter((key) => key !== undefined).length + others.length < values.length) return null;
    if (others.length > (source.type === 'open-choice' ? 1 : 0)) return null;
    return {
      '': keys.filter((key) => key !== undefined).join(' '),
      'unit:': '',
      'other:': others[0] ? wordsOf(others[0]) : '',
    };
  }
  if (first.type === 'Quantity') {
    const unit = units.findIndex(({ code, words }) => (code ?? words) === (first.unit.code ?? first.unit.words));
    // In another unit, or in one that the form doesn't say, it is another number.
    return unit < 0 ? null : { '': first.value, 'unit:': String(unit), 'other:': '' };
  }
  const typed = first.type === 'Boolean' ? String(first.value) : wordsOf(first);
  return 'fault' in typedValue(item, typed, undefined) ? null : { '': typed, 'unit:': '', 'other:': '' };
}
