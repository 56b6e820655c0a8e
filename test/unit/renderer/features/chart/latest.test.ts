import { expect, it } from 'vitest';
import { latestOfEach } from '../../../../../renderer/features/chart/latest.ts';
import { fakeChart, fakePatients } from '../../support/fakeData.ts';

const [value] = fakeChart(fakePatients(1)[0]!).vitals.items;

it('keeps the newest value of each code, and never one entered in error', () => {
  const base = { ...value!, code: 'a' };
  const items = [
    { ...base, id: '1', value: '1', effective: '2026-01-01' },
    { ...base, id: '2', value: '2', effective: '2026-03-01' },
    { ...base, id: '3', value: '3', effective: '2026-04-01', status: 'entered-in-error' },
    { ...base, id: '4', value: '4', effective: null },
    { ...base, id: '5', value: '5', code: 'b', effective: null },
  ];
  expect(latestOfEach(items).map(({ id }) => id)).toEqual(['2', '5']);
});
