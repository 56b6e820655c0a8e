import { describe, expect, it } from 'vitest';
import type { Trend } from '../../../../../preload/contract/results.ts';
import { matchGroups } from '../../../../../renderer/features/results/groups.ts';
import {
  maskedWords,
  omittedWords,
  plotsByScale,
  plotsOf,
  rangeWords,
  seriesWords,
  tableRows,
  withShown,
} from '../../../../../renderer/features/results/trend.ts';
import { AS_OF, fakeGroups, fakeSeries, NOTHING_WITHHELD } from '../../support/fakeData.ts';

const twoUnits: Trend = {
  code: 'http://loinc.org|2160-0',
  name: 'Creatinine',
  series: [fakeSeries('Creatinine', 'mg/dL', 5, 1, 0.6, 1.2), fakeSeries('Creatinine', 'umol/L', 3, 88, 53, 106)],
  masked: [],
  withdrawn: [],
  worded: [],
  capped: false,
  omitted: { enteredInError: 0, notNumeric: 0, noTime: 0 },
  state: 'complete',
  asOf: AS_OF,
  deletionsUnknown: false,
  withheld: NOTHING_WITHHELD,
};

describe('a trend', () => {
  it('never joins units: one plot for each', () => {
    expect(plotsOf(twoUnits).map(({ unit, points }) => [unit, points.length])).toEqual([
      ['mg/dL', 5],
      ['umol/L', 3],
    ]);
  });

  it('never draws or lists what was entered in error', () => {
    const [first] = twoUnits.series;
    const points = first!.points.map((point, index) => ({
      ...point,
      status: index === 2 ? 'entered-in-error' : 'final',
    }));
    const plots = plotsOf({ ...twoUnits, series: [{ ...first!, points }] });
    expect(plots[0]!.points.length).toBe(4);
    expect(tableRows(plots, twoUnits).some((row) => 'point' in row && row.point.status === 'entered-in-error')).toBe(
      false,
    );
  });

  it('draws by time, and lists newest first with the unit of each value', () => {
    const shuffled = {
      ...twoUnits,
      series: twoUnits.series.map((series) => ({ ...series, points: series.points.toReversed() })),
    };
    const plots = plotsOf(shuffled);
    for (const { points } of plots) expect(points).toEqual(points.toSorted((a, b) => a.time - b.time));
    const rows = tableRows(plots, twoUnits).flatMap((row) => ('point' in row ? [row] : []));
    expect(rows.length).toBe(8);
    expect(rows[0]!.point.time).toBe(Math.max(...rows.map(({ point }) => point.time)));
    expect(new Set(rows.map(({ unit }) => unit))).toEqual(new Set(['mg/dL', 'umol/L']));
  });

  it('lists what is encrypted where its time is, says that it is not drawn, and never that it has no number', () => {
    const [first] = twoUnits.series;
    const [oldest, , , , newest] = first!.points;
    const value = { id: 'm', name: '', text: 'Encrypted', encrypted: ['valueQuantity'], status: 'final' };
    const masked = [
      { ...value, time: newest!.time + 1 },
      { ...value, time: oldest!.time - 1 },
      { ...value, time: null },
    ];
    const rows = tableRows([first!], { masked, name: 'Creatinine', worded: [], withdrawn: [] });
    expect(rows.map((row) => 'masked' in row)).toEqual([true, false, false, false, false, false, true, true]);
    expect(rows[0]!.name).toBe('Creatinine');
    expect(maskedWords(masked)).toBe('3 values are encrypted and not drawn.');
    expect(maskedWords(masked.slice(0, 1))).toBe('1 value is encrypted and not drawn.');
    expect(maskedWords([...masked, { ...masked[0]!, encrypted: [] }])).toContain('1 value is masked by whoever');
    expect(maskedWords([])).toBeNull();
  });

  it('puts parts of one reading on one plot, the higher first, and units on plots of their own', () => {
    const part = (name: string, base: number) => fakeSeries(name, 'mmHg', 4, base, 0, 300);
    const plots = plotsByScale([part('Diastolic', 70), fakeSeries('Mean', 'kPa', 4, 12, 0, 40), part('Systolic', 120)]);
    expect(plots.map(({ unit, series }) => [unit, series.map(({ name }) => name)])).toEqual([
      ['mmHg', ['Systolic', 'Diastolic']],
      ['kPa', ['Mean']],
    ]);
  });

  it('never flattens a line by one of another scale, and shows the same plots whatever part is in sight', () => {
    const line = (name: string, values: number[], range: { low: number | null; high: number | null }) => {
      const points = values.map((value, index) => ({ ...twoUnits.series[0]!.points[0]!, time: index, value }));
      return { name, unit: 'mmol/L', range, points };
    };
    const sodium = line('Sodium', [139, 141], { low: 135, high: 145 });
    const potassium = line('Potassium', [4.1, 6.9], { low: 3.5, high: 5.1 });
    const chloride = line('Chloride', [101, 104], { low: 98, high: 106 });
    const still = line('Diastolic', [80], { low: null, high: null });
    const plots = plotsByScale([potassium, sodium, chloride]);
    expect(plots.map(({ series }) => series.map(({ name }) => name))).toEqual([['Sodium', 'Chloride'], ['Potassium']]);
    const parts = ['a', 'b', 'c'];
    expect(withShown(plots, parts).map(({ series }) => series)).toEqual([['a', 'b'], ['c']]);
    expect(plotsByScale([line('Systolic', [120, 150], still.range), still])).toHaveLength(1);
  });

  it('says in words what is left out', () => {
    expect(omittedWords({ enteredInError: 1, notNumeric: 2, noTime: 0 })).toBe(
      'Not drawn: 1 value entered in error, 2 values without a number.',
    );
    expect(omittedWords({ enteredInError: 0, notNumeric: 0, noTime: 0 })).toBeNull();
  });

  it('is described for those who do not see it', () => {
    const words = seriesWords(twoUnits.series[0]!);
    expect(words).toContain('Creatinine in mg/dL: 5 values');
    expect(words).toContain('reference range 0.6 to 1.2 mg/dL');
    expect(rangeWords({ range: { low: null, high: 5 }, unit: 'mg/L' })).toBe('5 mg/L or less');
    expect(rangeWords({ range: { low: null, high: null }, unit: 'mg/L' })).toBeNull();
  });
});

it('results are found by every word of their name', () => {
  expect(matchGroups(fakeGroups(), 'press BLOOD').map(({ name }) => name)).toEqual(['Blood pressure']);
});

it('results are found by the short name and by the server’s', () => {
  const [group] = fakeGroups();
  const groups = [{ ...group!, code: 'http://loinc.org|59408-5', name: 'Oxygen saturation in Arterial blood' }];
  for (const query of ['spo₂', 'arterial']) expect(matchGroups(groups, query).length).toBe(1);
});
