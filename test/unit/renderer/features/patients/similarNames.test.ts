import { expect, it } from 'vitest';
import { similarNames } from '../../../../../renderer/features/patients/similarNames.ts';

const row = (id: string, family: string, given: string, birthDate: string | null = null) => ({
  id,
  name: { family, given, prefix: '' },
  birthDate,
});

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

it('marks those who share day of birth and initials, but not those who share a year', () => {
  const rows = [
    row('1', 'Andersson', 'Jon', '1960-09-10'),
    row('2', 'Anderson', 'John', '1960-09-10'),
    row('3', 'Abel', 'Joan', '1961-09-10'),
    row('4', 'Berg', 'Ivar', '1961'),
    row('5', 'Bonnier', 'Ida', '1961'),
  ];
  expect([...similarNames(rows)].sort()).toEqual(['1', '2']);
});
