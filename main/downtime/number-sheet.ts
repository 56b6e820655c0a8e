import { type Block, type Cell, linesOf, rowsOf, type SheetOfBlocks } from './blocks.ts';
import type { NumberKind } from './numbers/pools.ts';
import type { Words } from './words.ts';

const TITLES: Readonly<Record<NumberKind, string>> = { visit: 'Visit numbers', specimen: 'Specimen numbers' };

/** A sheet of numbers that were taken for paper: none of them is given to anything else. */
export function numberSheet(
  { moment }: Pick<Words, 'moment'>,
  numbers: Readonly<Record<NumberKind, readonly string[]>>,
  now: number,
): SheetOfBlocks {
  return {
    head: {
      name: 'Numbers for a downtime',
      facts: [moment(new Date(now))],
      allergies: null,
      line: 'Reserved for this sheet alone. Don’t copy it: print another one, which has other numbers.',
      alert: null,
    },
    blocks: [
      ...linesOf(
        'Use each number once, and write the patient beside it at once. Afterwards register it in Wardlight with “A number from paper”.',
      ),
      ...(['visit', 'specimen'] as const).flatMap((kind) => tableOf(kind, numbers[kind])),
    ],
  };
}

function tableOf(kind: NumberKind, numbers: readonly string[]): Block[] {
  if (numbers.length === 0) return [];
  const blank: Cell = { text: '' };
  return [
    { kind: 'title', text: TITLES[kind] },
    { kind: 'columns', table: 'numbers', cells: ['Number', 'Patient: name, date of birth, MRN', 'Time', 'Initials'] },
    ...numbers.flatMap((number) => rowsOf('numbers', [{ text: number, tone: 'strong' }, blank, blank, blank])),
  ];
}
