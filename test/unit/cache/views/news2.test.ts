import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregate, scoresOf, type Vitals } from '../../../../main/cache/views/news2.ts';

/** Chart 1 of the publication, read by its columns: score, then the values of the row from and to, both included. */
type Row = readonly (readonly [score: number, from: number, to: number])[];
const CHART: Readonly<
  Record<'respiration' | 'systolic' | 'pulse' | 'temperature' | 'scale1' | 'scale2Air' | 'scale2Oxygen', Row>
> = {
  respiration: [
    [3, 0, 8],
    [1, 9, 11],
    [0, 12, 20],
    [2, 21, 24],
    [3, 25, 120],
  ],
  scale1: [
    [3, 0, 91],
    [2, 92, 93],
    [1, 94, 95],
    [0, 96, 100],
  ],
  scale2Air: [
    [3, 0, 83],
    [2, 84, 85],
    [1, 86, 87],
    [0, 88, 100],
  ],
  scale2Oxygen: [
    [3, 0, 83],
    [2, 84, 85],
    [1, 86, 87],
    [0, 88, 92],
    [1, 93, 94],
    [2, 95, 96],
    [3, 97, 100],
  ],
  systolic: [
    [3, 0, 90],
    [2, 91, 100],
    [1, 101, 110],
    [0, 111, 219],
    [3, 220, 350],
  ],
  pulse: [
    [3, 0, 40],
    [1, 41, 50],
    [0, 51, 90],
    [1, 91, 110],
    [2, 111, 130],
    [3, 131, 350],
  ],
  temperature: [
    [3, 20, 35],
    [1, 35.1, 36],
    [0, 36.1, 38],
    [1, 38.1, 39],
    [2, 39.1, 46],
  ],
};

const inChart = (row: Row, value: number) => row.find(([, from, to]) => value >= from && value <= to)?.[0];

const vitals: fc.Arbitrary<Vitals> = fc.record({
  respiration: fc.integer({ min: 0, max: 120 }),
  'oxygen-saturation': fc.integer({ min: 0, max: 100 }),
  'supplemental-oxygen': fc.boolean(),
  systolic: fc.integer({ min: 0, max: 350 }),
  pulse: fc.integer({ min: 0, max: 350 }),
  consciousness: fc.boolean(),
  temperature: fc.integer({ min: 200, max: 460 }).map((tenths) => tenths / 10),
});
const WELL: Vitals = {
  respiration: 16,
  'oxygen-saturation': 97,
  'supplemental-oxygen': false,
  systolic: 120,
  pulse: 70,
  consciousness: true,
  temperature: 37,
};

describe('NEWS2', () => {
  it('gives each parameter the score of the chart, on both scales', () => {
    fc.assert(
      fc.property(vitals, fc.constantFrom(1 as const, 2 as const), (set, scale) => {
        const oxygen = set['supplemental-oxygen'];
        const saturation = scale === 1 ? CHART.scale1 : oxygen ? CHART.scale2Oxygen : CHART.scale2Air;
        expect(scoresOf(set, scale)).toEqual({
          respiration: inChart(CHART.respiration, set.respiration),
          'oxygen-saturation': inChart(saturation, set['oxygen-saturation']),
          'supplemental-oxygen': oxygen ? 2 : 0,
          systolic: inChart(CHART.systolic, set.systolic),
          pulse: inChart(CHART.pulse, set.pulse),
          consciousness: set.consciousness ? 0 : 3,
          temperature: inChart(CHART.temperature, set.temperature),
        });
      }),
      { numRuns: 500 },
    );
  });

  it.each(['respiration', 'systolic', 'pulse', 'temperature'] as const)(
    'has every edge of the chart for %s',
    (name) => {
      for (const [score, from, to] of CHART[name]) {
        expect([scoresOf({ ...WELL, [name]: from }, 1)[name], scoresOf({ ...WELL, [name]: to }, 1)[name]]).toEqual([
          score,
          score,
        ]);
      }
    },
  );

  it('adds up, and names the risk: from 7 high, from 5 medium, a 3 in one parameter low to medium', () => {
    fc.assert(
      fc.property(vitals, (set) => {
        const scores = scoresOf(set, 1);
        const { total, risk } = aggregate(scores);
        const all: number[] = Object.values(scores);
        expect(total).toBe(all.reduce((sum, score) => sum + score, 0));
        const low = all.includes(3) ? 'low-medium' : 'low';
        expect(risk).toBe(total >= 7 ? 'high' : total >= 5 ? 'medium' : low);
      }),
    );
    expect(aggregate(scoresOf(WELL, 1))).toEqual({ total: 0, risk: 'low' });
    expect(aggregate(scoresOf({ ...WELL, consciousness: false }, 1))).toEqual({ total: 3, risk: 'low-medium' });
  });

  it('takes what a conversion leaves of a number for that number', () => {
    expect(scoresOf({ ...WELL, temperature: 35 + 1e-14 }, 1).temperature).toBe(3);
    expect(scoresOf({ ...WELL, temperature: 39.05 - 1e-13 }, 1).temperature).toBe(2);
    expect(scoresOf({ ...WELL, systolic: 90.4 }, 1).systolic).toBe(3);
  });
});
