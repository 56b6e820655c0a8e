import * as z from 'zod';
import type { Coding } from './source.ts';

export interface Unit {
  readonly words: string;
  readonly system?: string;
  readonly code?: string;
}

/** An answer. Numbers are their digits. */
export type Value =
  | { readonly type: 'Boolean'; readonly value: boolean }
  | {
      readonly type: 'Integer' | 'Decimal' | 'Date' | 'DateTime' | 'Time' | 'String' | 'Uri';
      readonly value: string;
    }
  | { readonly type: 'Coding'; readonly value: Pick<Coding, 'system' | 'version' | 'code' | 'display' | 'extension'> }
  | { readonly type: 'Quantity'; readonly value: string; readonly unit: Unit }
  | { readonly type: 'Reference'; readonly value: string };

const digits = z.union([
  z.string().regex(/^-?\d+(?:\.\d+)?$/),
  z.number().transform(String),
  z.object({ value: z.string() }).transform(({ value }) => value),
]);
const coding = z.object({
  system: z.string().optional(),
  version: z.string().optional(),
  code: z.string().optional(),
  display: z.string().optional(),
  extension: z.array(z.looseObject({ url: z.string() })).default([]),
});
const quantity = z.object({
  value: digits,
  unit: z.string().optional(),
  system: z.string().optional(),
  code: z.string().optional(),
  comparator: z.undefined().optional(),
});

/** The value of an element `value[x]`; null where it is of another type than an answer can be, or none. */
export function valueIn(type: string, value: unknown): Value | null {
  switch (type) {
    case 'Boolean':
      return typeof value === 'boolean' ? { type, value } : null;
    case 'Integer':
    case 'Decimal': {
      const read = digits.safeParse(value);
      return read.success ? { type, value: read.data } : null;
    }
    case 'Date':
    case 'DateTime':
    case 'Time':
    case 'String':
    case 'Uri':
      return typeof value === 'string' && value !== '' ? { type, value } : null;
    case 'Coding': {
      const read = coding.safeParse(value);
      return read.success ? { type, value: read.data } : null;
    }
    case 'Quantity': {
      const read = quantity.safeParse(value);
      if (!read.success) return null;
      const { value: number, unit, system, code } = read.data;
      return {
        type,
        value: number,
        unit: { words: unit ?? code ?? '', ...(system && { system }), ...(code && { code }) },
      };
    }
    case 'Reference': {
      const { display, reference } = (value ?? {}) as { display?: unknown; reference?: unknown };
      const words = typeof display === 'string' ? display : reference;
      return typeof words === 'string' && words !== '' ? { type, value: words } : null;
    }
    default:
      return null;
  }
}

/** What it says to people. */
export function wordsOf(value: Value): string {
  if (value.type === 'Boolean') return String(value.value);
  if (value.type === 'Coding') return value.value.display ?? value.value.code ?? '';
  if (value.type === 'Quantity') return `${value.value} ${value.unit.words}`.trim();
  return value.value;
}

/** As an element `value[x]`; `number` makes a number of digits. */
export function jsonOf(value: Value, number: (digits: string) => unknown): Record<string, unknown> {
  const name = `value${value.type}`;
  switch (value.type) {
    case 'Integer':
    case 'Decimal':
      return { [name]: number(value.value) };
    case 'Coding': {
      const { extension, ...rest } = value.value;
      return { [name]: { ...(extension.length > 0 && { extension }), ...rest } };
    }
    case 'Quantity': {
      const { words, ...unit } = value.unit;
      return { [name]: { value: number(value.value), ...(words !== '' && { unit: words }), ...unit } };
    }
    case 'Reference':
      return { [name]: { display: value.value } };
    default:
      return { [name]: value.value };
  }
}

/** Whether they are the same answer (R4 questionnaire-definitions.html#Questionnaire.item.enableWhen). */
export function isSame(one: Value, other: Value): boolean {
  if (one.type === 'Coding' && other.type === 'Coding') {
    const [a, b] = [one.value, other.value];
    return a.code === b.code && (a.system === undefined || b.system === undefined || a.system === b.system);
  }
  // What is chosen from a list of texts, or typed beside one of codes.
  if (one.type === 'Coding' || other.type === 'Coding') return false;
  if (one.type === 'Boolean' || other.type === 'Boolean') return one.type === other.type && one.value === other.value;
  if (one.type === 'Reference' || other.type === 'Reference' || one.type === 'String' || other.type === 'String')
    return one.value === other.value;
  return compare(one, other) === 0;
}

/** Negative, 0 or positive; null where they can't be compared. */
export function compare(one: Value, other: Value): number | null {
  if (one.type === 'Quantity' && other.type === 'Quantity') {
    const [a, b] = [one.unit, other.unit].map(({ code, words }) => code ?? words);
    return a === b ? Number(one.value) - Number(other.value) : null;
  }
  if (isNumber(one) && isNumber(other)) return Number(one.value) - Number(other.value);
  if (isMoment(one) && isMoment(other)) return compareMoments(one.value, other.value);
  if (one.type === 'Time' && other.type === 'Time')
    return one.value < other.value ? -1 : Number(one.value > other.value);
  return null;
}

type Plain<Type> = Extract<Value, { value: string; unit?: never }> & { readonly type: Type };
const isNumber = (value: Value): value is Plain<'Integer' | 'Decimal'> =>
  value.type === 'Integer' || value.type === 'Decimal';
const isMoment = (value: Value): value is Plain<'Date' | 'DateTime'> =>
  value.type === 'Date' || value.type === 'DateTime';

/** Of two that are not equally exact nobody knows which is earlier, but where what both say differs. */
function compareMoments(one: string, other: string): number | null {
  if (one.length > 10 && other.length > 10) {
    const difference = Date.parse(one) - Date.parse(other);
    return Number.isNaN(difference) ? null : difference;
  }
  const length = Math.min(one.length, other.length, 10);
  const [a, b] = [one.slice(0, length), other.slice(0, length)];
  if (a !== b) return a < b ? -1 : 1;
  return one.length === other.length ? 0 : null;
}
