import { expect, it } from 'vitest';
import { createDivision } from '../../../main/sync/division.ts';

it('finds one permitted patient among 25, and asks no more where there is none', () => {
  const division = createDivision();
  const pays = (type: string) => division.pays(type);
  const times = (type: string) => Array.from({ length: 400 }, () => pays(type)).filter(Boolean).length;
  // 25, 13, 7, 4 and 2 are divided on the way to one.
  expect(times('Flag')).toBeGreaterThanOrEqual(5);
  expect(pays('Flag')).toBe(false);
  expect(pays('Goal')).toBe(true);
  division.answered('Flag');
  expect(pays('Flag')).toBe(true);
});
