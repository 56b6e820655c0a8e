import type { NumberChoice } from '../../../preload/contract/clinical.ts';
import { t } from '../../words/t.ts';
import type { Field, Typed } from './formTypes.ts';
import type { Reader } from './reading.ts';
import { LONGEST } from './words.ts';

/** Which number a record gets: the next one, or one that stands on paper already. What is corrected keeps its own. */
export function numberFields(typed: Typed): readonly Field[] {
  if (typed['number'] === 'kept') return [];
  return [
    {
      kind: 'choice',
      name: 'number',
      label: t('Number'),
      options: [
        ['next', t('The next one of this workstation')],
        ['paper', t('A number from paper')],
      ],
      part: 'half',
    },
    ...(typed['number'] === 'paper'
      ? [
          {
            kind: 'text' as const,
            name: 'paper',
            label: t('Number on the paper'),
            hint: t('As it is printed there, with all its digits'),
            longest: LONGEST.short,
            part: 'half' as const,
          },
        ]
      : []),
  ];
}

export function numberIn(typed: Typed, read: Reader): NumberChoice {
  if (typed['number'] === 'kept') return { kind: 'kept' };
  if (typed['number'] !== 'paper') return { kind: 'next' };
  return { kind: 'paper', number: read.need('paper', t('Type the number that stands on the paper.')) };
}
