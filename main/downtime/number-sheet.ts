import { type Block, type Cell, linesOf, rowsOf, type SheetOfBlocks } from './blocks.ts';
import type { NumberKind } from './numbers/pools.ts';
import type { Words } from './words.ts';

/** A sheet of numbers that were taken for paper: none of them is given to anything else. */
export function numberSheet(
  { t, moment }: Pick<Words, 't' | 'moment'>,
  numbers: Readonly<Record<NumberKind, readonly string[]>>,
  now: number,
): SheetOfBlocks {
  return {
    head: {
      name: t('Numbers for a downtime'),
      facts: [moment(new Date(now))],
      allergies: null,
      line: t('Reserved for this sheet alone. Don’t copy it: print another one, which has other numbers.'),
      alert: null,
    },
    blocks: [
      ...linesOf(
        t(
          'Use each number once, and write the patient beside it at once. Afterwards register it in Wardlight with “A number from paper”.',
        ),
      ),
      ...tableOf(t, t('Visit numbers'), numbers.visit),
      ...tableOf(t, t('Specimen numbers'), numbers.specimen),
    ],
  };
}

function tableOf(t: Words['t'], title: string, numbers: readonly string[]): Block[] {
  if (numbers.length === 0) return [];
  const blank: Cell = { text: '' };
  const cells = [t('Number'), t('Patient: name, date of birth, MRN'), t('Time'), t('Initials')];
  return [
    { kind: 'title', text: title },
    { kind: 'columns', table: 'numbers', cells },
    ...numbers.flatMap((number) => rowsOf('numbers', [{ text: number, tone: 'strong' }, blank, blank, blank])),
  ];
}
