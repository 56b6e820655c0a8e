import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TRENDS_MAX as CONTRACT_MAX, type Trend } from '../../../../../preload/contract/results.ts';
import { cumulative, nextCell } from '../../../../../renderer/features/results/cumulative.ts';
import { TRENDS_MAX } from '../../../../../renderer/features/results/limits.ts';
import { moved, spanOf, zoomed } from '../../../../../renderer/features/results/span.ts';
import { fakeGroups, fakeTrend } from '../../support/fakeData.ts';

const groups = fakeGroups();
const CREATININE = 'http://loinc.org|2160-0';
const SODIUM = 'http://loinc.org|2951-2';
const URINE = 'http://loinc.org|5792-7';

it('the page knows the contract’s limit', () => {
  expect(TRENDS_MAX).toBe(CONTRACT_MAX);
});

describe('the cumulative table', () => {
  it('has a row for each test and unit, in its panel, and a column for each time', () => {
    const table = cumulative([fakeTrend(SODIUM), fakeTrend(CREATININE)], groups);
    expect(table.sections.map(({ title, rows }) => [title, rows.map(({ name, unit }) => `${name} ${unit}`)])).toEqual([
      ['Basic metabolic panel', ['Sodium mmol/L', 'Creatinine mg/dL', 'Creatinine umol/L']],
    ]);
    const rows = table.sections.flatMap((section) => section.rows);
    const all = new Set(rows.flatMap(({ cells }) => [...cells.keys()]));
    expect(table.times).toEqual([...all].toSorted((a, b) => a - b));
  });

  it('strikes withdrawn values out and shows words, and has no place for what has no time', () => {
    const worded = [
      { id: 'a', time: 5, text: 'Negative', flag: 'abnormal', flagFrom: 'interpretation', status: 'final' },
      { id: 'b', time: null, text: 'Positive', flag: null, flagFrom: null, status: 'final' },
    ] as const;
    const trend: Trend = { ...fakeTrend(URINE), series: [], worded: [...worded] };
    const { sections, untimed } = cumulative([trend], groups);
    const cells = [...(sections[0]?.rows[0]?.cells.values() ?? [])].flat();
    expect(cells.map(({ text, kind }) => [text, kind])).toEqual([
      ['Negative', 'value'],
      ['999 mmol/L', 'withdrawn'],
    ]);
    expect(untimed).toBe(1);
  });

  it('is left by no key, and every key leads to a cell', () => {
    const size = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 3_000 }));
    const keys = fc.array(
      fc.record({
        key: fc.constantFrom('ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End', 'PageUp', 'PageDown'),
        ctrlKey: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(size, keys, ([rows, columns], pressed) => {
        let place: readonly [number, number] = [0, 0];
        for (const key of pressed) place = nextCell(key, place, [rows, columns]) ?? [-1, -1];
        expect(place[0] >= 0 && place[0] < rows && place[1] >= 0 && place[1] < columns).toBe(true);
      }),
    );
    expect(nextCell({ key: 'a', ctrlKey: false }, [0, 0], [1, 1])).toBeNull();
    expect(nextCell({ key: 'End', ctrlKey: true }, [0, 0], [4, 9])).toEqual([3, 8]);
  });
});

describe('the stretch of time of a plot', () => {
  const whole = { from: 0, to: 100 * 3_600_000 };

  it('stays within what there is, however it is zoomed and moved', () => {
    const steps = fc.array(
      fc.oneof(
        fc.constantFrom(0.5, 2).map((by) => ({ by, how: zoomed })),
        fc.constantFrom(-0.25, 0.25).map((by) => ({ by, how: moved })),
      ),
    );
    fc.assert(
      fc.property(steps, (done) => {
        let span = whole;
        for (const { by, how } of done) span = { ...how(span, by, whole) };
        expect(span.from).toBeGreaterThanOrEqual(whole.from);
        expect(span.to).toBeLessThanOrEqual(whole.to + 1);
        expect(span.to - span.from).toBeGreaterThanOrEqual(60_000 - 1);
      }),
    );
  });

  it('halves around its middle, and holds all values at first', () => {
    expect(zoomed(whole, 0.5, whole)).toEqual({ from: 25 * 3_600_000, to: 75 * 3_600_000 });
    expect(spanOf([], [])).toBeNull();
    const span = spanOf(fakeTrend(CREATININE).series, [1_000]);
    expect(span?.from).toBeLessThan(1_000);
  });
});
