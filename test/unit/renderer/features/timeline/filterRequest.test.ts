import { expect, it } from 'vitest';
import { ANY_ENTRY, filterRequest } from '../../../../../renderer/features/timeline/TimelineFilters.tsx';

it('tells which codes the page words so, each word by itself', () => {
  const { coded } = filterRequest({ ...ANY_ENTRY, text: ' High  CRITICALITY latex ' });
  expect(coded.map(({ word }) => word)).toEqual(['high', 'criticality', 'latex']);
  expect(coded[0]?.codes).toContain('criticality:high');
  expect(coded[1]?.codes).toEqual(expect.arrayContaining(['criticality:low', 'criticality:high']));
  expect(coded[2]?.codes).toEqual([]);
  expect(filterRequest({ ...ANY_ENTRY, text: 'bedtime' }).coded[0]?.codes).toEqual(['phrase:bedtime']);
  expect(filterRequest(ANY_ENTRY).coded).toEqual([]);
});

it('knows measurements by the names that the page gives them', () => {
  const [word] = filterRequest({ ...ANY_ENTRY, text: 'heart' }).coded;
  expect(word?.codes).toContain('http://loinc.org|8867-4');
});
