import { expect, it } from 'vitest';
import { partialDate } from '../../../../../preload/contract/clinical.ts';
import { isFuture, typedDate } from '../../../../../renderer/features/charting/partialDate.ts';

it.each([
  ['2021', '2021'],
  ['Mar-2021', '2021-03'],
  ['march 2021', '2021-03'],
  [' 12-Mar-2021 ', '2021-03-12'],
  ['1 Mar 2021', '2021-03-01'],
  ['2021-03', '2021-03'],
  ['2021-03-12', '2021-03-12'],
  ['29-Feb-2024', '2024-02-29'],
])('%s is %s, which main takes', (typed, date) => {
  expect(typedDate(typed)).toBe(date);
  expect(partialDate.safeParse(date).success).toBe(true);
});

it.each([
  '',
  '12',
  '03/12/2021',
  '12.03.2021',
  '29-Feb-2023',
  '31-Apr-2021',
  '2021-13',
  '2021-02-30',
  'Foo-2021',
  '1599',
])('%s is none', (typed) => expect(typedDate(typed)).toBeNull());

it('a date lies in the future only as far as it is known', () => {
  const today = '2026-03-12';
  expect(['2026', '2026-03', '2026-03-12'].map((date) => isFuture(date, today))).toEqual([false, false, false]);
  expect(['2027', '2026-04', '2026-03-13'].map((date) => isFuture(date, today))).toEqual([true, true, true]);
});
