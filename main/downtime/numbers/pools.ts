import type { NumberPool } from '../../managed/numbers.ts';
import { checkOf, isChecked } from './check-digits.ts';

export type NumberKind = NumberPool['kind'];

/** Numbers that were given to this workstation, in the order in which they are used. */
export interface Pool {
  /** Under which the ledger keeps what was taken: the same number has the same key, whatever else of a pool changes. */
  readonly key: string;
  readonly kind: NumberKind;
  readonly system: string;
  readonly size: number;
  /** The number at a place, from 0. */
  at(place: number): string;
  /** Where a number stands; -1 where it is none of them. */
  placeOf(number: string): number;
  /** What the ledger calls a place: for a range the number itself, so that another range of the same form has others. */
  markOf(place: number): number | string;
  /** True where a number looks like one of the pool, its check digits right: of this workstation's or another's. */
  isOfForm(number: string): boolean;
}

const LINE = /^[A-Za-z0-9][A-Za-z0-9./-]{0,39}$/;
const LIST_MAX = 10_000;

/** @throws where a list holds what is no number, or one twice: IT must know, and nobody may be given half a list. */
export async function poolOf(policy: NumberPool, read: (file: string) => Promise<string>): Promise<Pool> {
  return policy.range ? rangePool(policy, policy.range) : listPool(policy, await read(policy.list ?? ''));
}

function rangePool({ kind, system }: NumberPool, range: NonNullable<NumberPool['range']>): Pool {
  const { prefix, from, to, digits, check } = range;
  const at = (place: number) => {
    const body = prefix + String(from + place).padStart(digits, '0');
    return body + checkOf(check, body);
  };
  const size = to - from + 1;
  const checkLength = checkOf(check, `${prefix}0`).length;
  const isOfForm = (number: string) => {
    const rest = number.slice(prefix.length);
    return (
      number.startsWith(prefix) &&
      /^\d+$/.test(rest) &&
      rest.length === digits + checkLength &&
      isChecked(check, number)
    );
  };
  return {
    ...{ kind, system, size, at, isOfForm },
    key: ['range', system, prefix, digits, check].join(' '),
    placeOf(number) {
      const place = Number(number.slice(prefix.length, prefix.length + digits)) - from;
      return isOfForm(number) && place >= 0 && place < size ? place : -1;
    },
    markOf: (place) => from + place,
  };
}

function listPool({ kind, system }: NumberPool, text: string): Pool {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const numbers = lines.filter((line) => line !== '');
  const places = new Map(numbers.map((number, place) => [number, place]));
  const isWhole = numbers.every((number) => LINE.test(number)) && places.size === numbers.length;
  if (!isWhole || numbers.length === 0 || numbers.length > LIST_MAX) throw new Error('not a list of numbers');
  const at = (place: number) => numbers[place] ?? '';
  return {
    ...{ kind, system, at, size: numbers.length },
    key: ['list', system].join(' '),
    placeOf: (number) => places.get(number) ?? -1,
    markOf: at,
    isOfForm: (number) => places.has(number),
  };
}
