import type { Flag } from '../../../preload/contract/chart.ts';
import type { FlagFrom } from '../../../preload/contract/results.ts';
import { codings, field, items } from '../json.ts';
import { type Quantity, quantityOf, rangeText } from './quantity.ts';

const interpretations: Readonly<Record<string, Flag>> = {
  HH: 'critical-high',
  HX: 'critical-high',
  HU: 'critical-high',
  LL: 'critical-low',
  LX: 'critical-low',
  LU: 'critical-low',
  H: 'high',
  '>': 'high',
  L: 'low',
  '<': 'low',
  A: 'abnormal',
  AA: 'abnormal',
  N: 'normal',
};

const severity: readonly Flag[] = ['critical-high', 'critical-low', 'high', 'low', 'abnormal', 'normal'];

/** The gravest of several flags, or null. */
export function gravest(flags: readonly (Flag | null)[]): Flag | null {
  return severity.find((flag) => flags.includes(flag)) ?? null;
}

export interface Judged {
  readonly flag: Flag | null;
  readonly flagFrom: FlagFrom;
}

/** Flag of an observation or a component: as the laboratory interpreted it, else by its reference range. */
export function judged(
  observation: unknown,
  value: Quantity | undefined,
  limits: Limits = value ? limitsOf(observation, value) : noLimits,
): Judged {
  const given = items(observation, 'interpretation')
    .flatMap(codings)
    .map(({ code }) => (Object.hasOwn(interpretations, code) ? (interpretations[code] ?? null) : null));
  const told = gravest(given);
  if (told) return { flag: told, flagFrom: 'interpretation' };
  const flag = value ? flagByRange(value, limits) : null;
  return { flag, flagFrom: flag && 'range' };
}

/** The flag alone. */
export function flagOf(observation: unknown, value: Quantity | undefined): Flag | null {
  return judged(observation, value).flag;
}

export interface Limits {
  readonly low: number | null;
  readonly high: number | null;
}

const noLimits: Limits = { low: null, high: null };

/**
 * Limits of the reference range, where they are in the value's unit and there is no doubt which range applies:
 * several (by age or sex) are for a person to read.
 */
export function limitsOf(observation: unknown, value: Quantity): Limits {
  const [range, second] = items(observation, 'referenceRange').filter(isNormal);
  if (range === undefined || second !== undefined) return noLimits;
  return { low: limit(field(range, 'low'), value), high: limit(field(range, 'high'), value) };
}

/** The reference ranges as a text, as the server gave them. */
export function rangesText(observation: unknown): string | null {
  const texts = items(observation, 'referenceRange').flatMap((range) => {
    const own = field(range, 'text');
    const shown = rangeText(range) ?? (typeof own === 'string' && own.trim() !== '' ? own.trim() : undefined);
    return shown === undefined ? [] : [shown];
  });
  return texts.length === 0 ? null : [...new Set(texts)].slice(0, 5).join('; ');
}

function isNormal(range: unknown): boolean {
  const type = codings(field(range, 'type'));
  return type.length === 0 || type.some(({ code }) => code === 'normal');
}

function limit(quantity: unknown, value: Quantity): number | null {
  const found = quantityOf(quantity);
  if (!found || (found.unit !== null && found.unitKey !== value.unitKey && found.unit !== value.unit)) return null;
  const number = Number(found.value);
  return Number.isFinite(number) ? number : null;
}

function flagByRange(value: Quantity, { low, high }: Limits): Flag | null {
  const number = Number(value.value);
  if (low === null && high === null) return null;
  if (value.comparator.startsWith('<')) return low !== null && number <= low ? 'low' : null;
  if (value.comparator.startsWith('>')) return high !== null && number >= high ? 'high' : null;
  if (value.comparator !== '') return null;
  if (low !== null && number < low) return 'low';
  return high !== null && number > high ? 'high' : 'normal';
}
