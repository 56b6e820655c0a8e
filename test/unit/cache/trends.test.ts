import { serialize } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucketOf, HIDDEN } from '../../../main/cache/ingest/buckets.ts';
import { parseExact } from '../../../main/cache/json.ts';
import type { Units } from '../../../main/cache/units.ts';
import { packTrend } from '../../../main/cache/views/packed.ts';
import { type TrendSource, type TrendView, trendView as view } from '../../../main/cache/views/trends.ts';
import { results, type Trend } from '../../../preload/contract/results.ts';
import { unpackTrend } from '../../../renderer/features/results/unpack.ts';

let serial = 0;
const NO_UNITS: Units = { conversion: () => null };
const trendView = (observations: Iterable<TrendSource>, units = NO_UNITS) => view(observations, units);

function observation(members: object) {
  serial += 1;
  const resource = {
    resourceType: 'Observation',
    id: `o${serial}`,
    status: 'final',
    code: { text: 'Glucose' },
    ...members,
  };
  return { resource: parseExact(JSON.stringify(resource)), bucket: bucketOf('Observation', resource), was: null };
}

function value(number: number, unit: string | undefined, at = '2024-01-01T00:00:00Z', more: object = {}) {
  return observation({ effectiveDateTime: at, valueQuantity: { value: number, ...(unit ? { unit } : {}), ...more } });
}

describe('a trend', () => {
  test('is one line for each unit, each in the order of time', () => {
    const view = trendView([
      value(5, 'mmol/L', '2024-03-01'),
      value(90, 'mg/dL', '2024-02-01'),
      value(4, 'mmol/L', '2024-01-01'),
      value(7, undefined),
    ]);
    expect(view.series.map(({ unit, points }) => [unit, points.map((point) => point.value)])).toEqual([
      ['mmol/L', [4, 5]],
      ['mg/dL', [90]],
      ['', [7]],
    ]);
  });

  test('units are never joined, whatever code they carry', () => {
    const units = fc.record({
      unit: fc.constantFrom('mg/dL', 'mmol/L', 'g/L'),
      code: fc.constantFrom('mg/dL', 'mmol/L', undefined),
    });
    fc.assert(
      fc.property(fc.array(units, { minLength: 1, maxLength: 12 }), (list) => {
        const given = list.map(({ unit, code }, index) => value(index, unit, '2024-01-01', code ? { code } : {}));
        const { series } = trendView(given);
        for (const line of series) {
          const drawn = line.points.map((point) => list[point.value]);
          const key = (one: (typeof drawn)[number]) => `${one?.unit}|${one?.code ?? one?.unit}`;
          expect(new Set(drawn.map(key)).size).toBe(1);
        }
        expect(series.flatMap(({ points }) => points)).toHaveLength(list.length);
        expect(new Set(series.map(({ unit }) => unit)).size).toBe(series.length);
      }),
    );
  });

  test.each(['entered-in-error', 'cancelled'])('never draws a value that is %s, and counts it', (status) => {
    const withdrawn = observation({ status, effectiveDateTime: '2024', valueQuantity: { value: 1, unit: 'g' } });
    expect(withdrawn.bucket).toBe(HIDDEN);
    const view = trendView([withdrawn, value(2, 'g')]);
    expect(view.series.flatMap(({ points }) => points.map((point) => point.value))).toEqual([2]);
    expect(view.omitted).toEqual({ enteredInError: 1, notNumeric: 0, noTime: 0 });
  });

  test('counts what it cannot draw', () => {
    const view = trendView([
      observation({ effectiveDateTime: '2024', valueString: 'high' }),
      observation({ effectiveDateTime: 'yesterday', valueQuantity: { value: 1 } }),
      {
        resource: parseExact('{"id":"x","effectiveDateTime":"2024","valueQuantity":{"value":1e999}}'),
        bucket: 1,
        was: null,
      },
    ]);
    expect(view).toMatchObject({ series: [], omitted: { enteredInError: 0, notNumeric: 2, noTime: 1 } });
  });

  test('keeps comparators and digits in the text, and takes the range of the newest value in that unit', () => {
    const range = (high: number, unit: string) => ({ referenceRange: [{ high: { value: high, unit } }] });
    const view = trendView([
      observation({ effectiveDateTime: '2024', valueQuantity: { value: 2, unit: 'g' }, ...range(9, 'g') }),
      observation({ issued: '2025', valueQuantity: { value: 0.5, unit: 'g', comparator: '<' }, ...range(8, 'g') }),
      observation({ effectivePeriod: { start: '2026' }, valueQuantity: { value: 1, unit: 'kg' }, ...range(7, 'g') }),
    ]);
    expect(view.series.map(({ unit, range: { high } }) => [unit, high])).toEqual([
      ['kg', null],
      ['g', 8],
    ]);
    expect(view.series[1]?.points.map(({ text }) => text)).toEqual(['2', '<0.5']);
    expect(view.series[1]?.points[0]?.time).toBe(Date.UTC(2024, 0, 1));
  });

  test('draws components apart', () => {
    const part = (text: string, number: number) => ({ code: { text }, valueQuantity: { value: number, unit: 'mmHg' } });
    const view = trendView([
      observation({ effectiveDateTime: '2024', component: [part('Systolic', 120), part('Diastolic', 80)] }),
      observation({ effectiveDateTime: '2025', component: [part('Systolic', 130), part('Diastolic', 85)] }),
    ]);
    expect(view.series.map(({ name, points }) => [name, points.map((point) => point.value)])).toEqual([
      ['Diastolic', [80, 85]],
      ['Systolic', [120, 130]],
    ]);
    const packed = packTrend(whole(view));
    expect(results.calls.trend.response.parse(packed)).toEqual(packed);
  });
});

describe('the points of a trend, packed', () => {
  const days = (count: number, more: (at: number) => object) =>
    Array.from({ length: count }, (_, at) =>
      observation({
        id: `point-${at}`,
        effectiveDateTime: new Date(Date.UTC(2016, 0, 1 + at)).toISOString(),
        valueQuantity: { value: 4 + (at % 37) / 10, unit: 'mmol/L' },
        ...more(at),
      }),
    );

  test('are the same to the page', () => {
    const view = trendView(
      days(60, (at) => ({
        status: at % 7 === 0 ? 'corrected' : 'final',
        ...(at % 5 === 0 && { interpretation: [{ coding: [{ code: at % 2 === 0 ? 'HH' : 'L' }] }] }),
      })),
    );
    const [series] = view.series;
    const points = series!.points.map((point, at) => ({
      ...point,
      was: at === 9 ? '4.1 mmol/L' : null,
      text: at === 4 ? `<${point.text}` : point.text,
      original: at === 3 ? '72 mg/dL' : null,
    }));
    const told = points.map(({ time, value, text, flag, flagFrom, status, original, was }) => ({
      ...{ time, value, text, flag, flagFrom, status, original, was },
    }));
    const trend = whole({ ...view, series: [{ ...series!, points }] });
    expect(unpackTrend(packTrend(trend)).series[0]?.points).toEqual(told);
  });

  test('of the most values that one read answers are less than 200 KB', () => {
    const minutes = (at: number) => new Date(Date.UTC(2024, 0, 1) + (at * 15 + (at % 7)) * 60_000).toISOString();
    const view = trendView(days(20_000, (at) => ({ effectiveDateTime: minutes(at) })));
    expect(serialize(packTrend(whole(view))).length).toBeLessThan(200_000);
  });

  test('are the same wherever and however close they stand, and whatever their marks', () => {
    const point = fc.record({
      time: fc.integer({ min: -2e12, max: 4e12 }),
      value: fc.constantFrom(1, 1.5, -3, 0),
      text: fc.constantFrom('1', '1.50', '<3', '0'),
      flag: fc.constantFrom('high' as const, null),
      flagFrom: fc.constantFrom('range' as const, null),
      status: fc.constantFrom('final', 'amended'),
      original: fc.constantFrom('1 g', null),
      was: fc.constantFrom('2', null),
    });
    fc.assert(
      fc.property(fc.array(point), (any) => {
        const points = any.toSorted((a, b) => a.time - b.time);
        const series = { name: 'x', unit: 'g', range: { low: null, high: null }, points };
        const packed = packTrend(whole({ ...trendView([]), series: [series] }));
        expect(results.calls.trend.response.parse(packed)).toEqual(packed);
        expect(unpackTrend(packed).series[0]?.points).toEqual(points);
      }),
    );
  });
});

function whole(view: TrendView): Trend {
  const withheld = { restricted: null, denied: false };
  return { code: 'x', ...view, capped: false, state: 'complete', asOf: null, deletionsUnknown: false, withheld };
}
