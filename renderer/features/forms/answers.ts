import type { FormItem } from '../../../preload/contract/forms.ts';
import { typedDate } from '../charting/partialDate.ts';
import { typedDecimal } from '../vitals/vitals.ts';

/** What stands in the lines of a form, as it was typed. */
export type TypedAnswers = Readonly<Record<string, string>>;

/** The answers as main reads them: dates and numbers in FHIR's form. What is none stays as it was typed, and is refused. */
export function answersOf(items: readonly FormItem[], typed: TypedAnswers): Record<string, string> {
  const kinds = new Map(items.map(({ linkId, kind }) => [linkId, kind]));
  return Object.fromEntries(
    Object.entries(typed).flatMap(([key, value]) => {
      if (value.trim() === '') return [];
      const isMarked = /^(?:unit|other|rows):/.test(key);
      const kind = isMarked ? undefined : kinds.get(key.slice(key.indexOf('|') + 1));
      return [[key, READ[kind ?? 'text']?.(value.trim()) ?? value.trim()]];
    }),
  );
}

const READ: Partial<Record<FormItem['kind'], (typed: string) => string | null>> = {
  decimal: typedDecimal,
  integer: typedDecimal,
  quantity: typedDecimal,
  date: typedDate,
  dateTime: typedMoment,
  time: (typed) => (/^\d:\d{2}$/.test(typed) ? `0${typed}` : typed),
};

/** `12-Mar-2027 14:30` as FHIR has it, without an offset: the workstation's. */
function typedMoment(typed: string): string | null {
  const [, day = '', time] = /^(.*?)(?:[ T](\d{1,2}:\d{2}))?$/.exec(typed) ?? [];
  const date = typedDate(day);
  return date !== null && time !== undefined ? `${date}T${time.padStart(5, '0')}` : date;
}
