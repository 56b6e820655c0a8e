import { expect, it } from 'vitest';
import { similarNames } from '../../../../../renderer/features/patients/similarNames.ts';

const row = (id: string, family: string, given: string) => ({ id, name: { family, given, prefix: '' } });

it('marks patients with the same family name and first letter, whatever case, accents and signs', () => {
  const rows = [
    row('1', "O'Brien", 'Siobhán'),
    row('2', 'OBRIEN', 'Sean'),
    row('3', 'García', 'Ana'),
    row('4', 'GARCIA', 'Álvaro'),
    row('5', 'Nowak', 'Jan'),
    row('6', 'Nowak', 'Piotr'),
    row('7', '', ''),
    row('8', '', ''),
  ];
  expect([...similarNames(rows)].sort()).toEqual(['1', '2', '3', '4']);
});
