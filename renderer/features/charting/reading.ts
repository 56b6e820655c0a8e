import type { Result } from '../../../preload/contract/channel.ts';
import type { Named } from '../../../preload/contract/clinical.ts';
import { t } from '../../words/t.ts';
import { typedDecimal } from '../vitals/vitals.ts';
import type { Faults, Prepared, Typed } from './formTypes.ts';
import { isFuture, typedDate } from './partialDate.ts';

/** Reads what was typed, and gathers what is wrong with it. What is empty is null; what is wrong is null and told. */
export interface Reader {
  readonly text: (name: string) => string | null;
  /** As `text`, and a fault where there is none. */
  readonly need: (name: string, words: string) => string;
  readonly named: (name: string, words: string) => Named;
  readonly choice: <Value extends string>(name: string, options: readonly Value[]) => Value | null;
  readonly date: (name: string, when: 'past' | 'any' | 'future') => string | null;
  readonly amount: (name: string) => string | null;
  readonly count: (name: string, most: number) => number | null;
  readonly fault: (name: string, words: string) => void;
  /** How it is saved, unless something is wrong. */
  readonly prepared: (send: () => Promise<Result<unknown>>) => Prepared;
}

/** The contract's pattern of an amount. */
const AMOUNT = /^\d{1,7}(\.\d{1,6})?$/;

export function readerOf(typed: Typed, today: string): Reader {
  const faults: Record<string, string> = {};
  const fault = (name: string, words: string) => {
    faults[name] ??= words;
  };
  const text = (name: string) => typed[name]?.trim() || null;
  const need = (name: string, words: string) => {
    const value = text(name);
    if (value === null) fault(name, words);
    return value ?? '';
  };
  /** What a text says, where there is one and it says something. */
  const said = <Value>(name: string, words: string, parse: (value: string) => Value | null): Value | null => {
    const value = text(name);
    if (value === null) return null;
    const parsed = parse(value);
    if (parsed === null) fault(name, words);
    return parsed;
  };
  return {
    text,
    need,
    fault,
    named: (name, words) => ({ text: need(name, words), coding: codingOf(typed, name) }),
    choice: (name, options) => options.find((one) => one === typed[name]) ?? null,
    date(name, when) {
      const date = said(name, t('Type a date such as 12-Mar-2021, Mar-2021 or 2021.'), typedDate);
      if (date === null) return null;
      if (when === 'past' && isFuture(date, today)) fault(name, t('This is in the future.'));
      if (when === 'future' && date < today.slice(0, date.length)) fault(name, t('This is over.'));
      return date;
    },
    amount: (name) =>
      said(name, t('Type a number above 0, such as 2.5.'), (value) => {
        const decimal = typedDecimal(value);
        return decimal !== null && AMOUNT.test(decimal) && Number(decimal) > 0 ? decimal : null;
      }),
    count: (name, most) =>
      said(name, t('Type a whole number from 1 to {most}.', { most }), (value) => {
        const number = /^\d{1,4}$/.test(value) ? Number(value) : 0;
        return number >= 1 && number <= most ? number : null;
      }),
    prepared: (send) => (Object.keys(faults).length > 0 ? { faults: faults satisfies Faults } : { faults: null, send }),
  };
}

/** The coding that was chosen for a text; none once the text was typed over. */
export function codingOf(typed: Typed, name: string): Named['coding'] {
  const [system, code, display] = [typed[`${name}.system`], typed[`${name}.code`], typed[`${name}.display`]];
  return system && code && display ? { system, code, display } : null;
}
