import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../../main/audit/alarms/facts.ts';
import type { RuleName } from '../../../../main/audit/alarms/rule.ts';
import { type AlarmPolicy, alarmsSchema } from '../../../../main/managed/alarms.ts';
import { plainFacts } from '../support.ts';
import {
  ANN,
  type Bench,
  bench,
  charts,
  DAY_MS,
  factAt,
  HOUR_MS,
  learnTwoWeeks,
  MINUTE_MS,
  NOW,
  NURSE,
} from './support.ts';

const panel = (change: Partial<ReturnType<typeof plainFacts>>): Partial<Fact> => ({
  about: { ...plainFacts('panel'), ...change },
});
const repeated = (count: number, stepMs: number, change: Partial<Fact>): Fact[] =>
  Array.from({ length: count }, (_, index) => factAt(NOW + index * stepMs, { id: `r${index}`, ...change }));
const ago = (days: number) => new Date(NOW - days * DAY_MS).toISOString();
const NIGHT = Date.parse('2026-03-30T02:00:00Z');
const known = (bed: Bench) => learnTwoWeeks(bed);
const nothing = () => undefined;

/** Of each rule: what was before, what rings it, and what is just below. */
const scenarios: [RuleName, string, (bed: Bench) => void, Fact[], Fact[]][] = [
  ['many-charts', 'more in an hour than she and her role ever open', known, charts(21), charts(20)],
  ['many-charts', 'of somebody of whom nothing is known', nothing, charts(46), charts(45)],
  [
    'many-charts',
    'of a role that opens many, as many are usual',
    (bed) => learnTwoWeeks(bed, 30),
    charts(61, NOW, {}).map((fact, index) => ({ ...fact, at: NOW + index * 30_000 })),
    charts(60, NOW, {}).map((fact, index) => ({ ...fact, at: NOW + index * 30_000 })),
  ],
  [
    'outside-panel',
    'four patients who are not hers',
    nothing,
    charts(4, NOW, { action: 'denied', about: plainFacts('none') }),
    charts(3, NOW, { action: 'denied', about: plainFacts('none') }),
  ],
  [
    'same-family-name',
    'without a care team',
    nothing,
    [factAt(NOW, panel({ sameFamilyName: true }))],
    [factAt(NOW, { about: { ...plainFacts('care-team'), sameFamilyName: true } })],
  ],
  [
    'own-record',
    'even on the care team',
    nothing,
    [factAt(NOW, { about: { ...plainFacts('care-team'), ownRecord: true } })],
    [factAt(NOW, { action: 'search', about: { ...plainFacts('care-team'), ownRecord: true } })],
  ],
  [
    'colleague',
    'whose care team is elsewhere',
    nothing,
    [factAt(NOW, panel({ colleague: true }))],
    // Somebody of the patient's team works here.
    [
      factAt(NOW - HOUR_MS, { person: 'Practitioner/ben', about: { ...plainFacts(), colleague: true } }),
      factAt(NOW, panel({ colleague: true })),
    ],
  ],
  [
    'confidential',
    'a public figure',
    nothing,
    [factAt(NOW, panel({ labels: ['CEL'] }))],
    [factAt(NOW, panel({ labels: ['R'] }))],
  ],
  [
    'confidential',
    'whoever is restricted and nobody’s of hers',
    nothing,
    [factAt(NOW, { about: { ...plainFacts('none'), labels: ['R'] }, action: 'denied' })],
    [factAt(NOW, { about: plainFacts('none'), action: 'denied' })],
  ],
  [
    'failed-unlocks',
    'five in a quarter of an hour',
    nothing,
    repeated(5, 3 * MINUTE_MS, { action: 'unlock-failed', patientId: null, about: null }),
    repeated(5, 4 * MINUTE_MS, { action: 'unlock-failed', patientId: null, about: null }),
  ],
  ['unusual-hours', 'at two in the night', known, charts(3, NIGHT), charts(2, NIGHT)],
  ['unusual-hours', 'not at an hour beside her own', known, charts(3, NIGHT), charts(3, NOW)],
  [
    'unusual-workstation',
    'where others have worked for two weeks',
    known,
    charts(5, NOW, { person: 'Practitioner/new' }),
    charts(4, NOW, { person: 'Practitioner/new' }),
  ],
  [
    'emergency-access',
    'each',
    nothing,
    [factAt(NOW, { action: 'emergency', emergency: true })],
    [factAt(NOW, { action: 'emergency-end', emergency: true })],
  ],
  [
    'bulk-output',
    'of somebody whose habit it is not',
    known,
    repeated(13, MINUTE_MS, { action: 'print' }),
    repeated(12, MINUTE_MS, { action: 'copy' }),
  ],
  [
    'after-discharge',
    'more than a month ago',
    known,
    [factAt(NOW, panel({ discharged: ago(31) }))],
    [factAt(NOW, panel({ discharged: ago(29) }))],
  ],
  [
    'policy-tampering',
    'a policy that can’t be taken',
    nothing,
    [factAt(NOW, { action: 'policy-alarm', patientId: null })],
    [factAt(NOW, { action: 'policy-load', patientId: null })],
  ],
  [
    'clock-tampering',
    'back by five minutes',
    nothing,
    [factAt(NOW, { action: 'clock-jump', person: null, milliseconds: -5 * MINUTE_MS })],
    [factAt(NOW, { action: 'clock-jump', person: null, milliseconds: 5 * MINUTE_MS - 1 })],
  ],
  [
    'log-finding',
    'each',
    nothing,
    [factAt(NOW, { action: 'log-finding', person: null, patientId: null })],
    [factAt(NOW, { action: 'stop', person: null, patientId: null })],
  ],
];

describe('the rule', () => {
  it.each(scenarios)('security: %s rings: %s; and just below it doesn’t', (rule, _what, prepare, above, below) => {
    const loud = bench();
    prepare(loud);
    expect(loud.ring(above)).toContain(rule);
    const quiet = bench();
    prepare(quiet);
    expect(quiet.ring(below)).not.toContain(rule);
  });

  it.each(scenarios)('%s is silent where policy switches it off (%s)', (rule, _what, prepare, above) => {
    const bed = bench({ rules: { [rule]: { on: false } } });
    prepare(bed);
    expect(bed.ring(above)).not.toContain(rule);
  });

  it('of every kind has a scenario', () => {
    const rules = Object.keys(alarmsSchema.parse({}).rules) as (keyof AlarmPolicy['rules'])[];
    expect(rules.filter((rule) => !scenarios.some(([name]) => name === rule))).toEqual([]);
  });
});

describe('an alarm', () => {
  it('names its evidence, what was counted and what it was held against', () => {
    const bed = bench();
    learnTwoWeeks(bed);
    const facts = charts(21);
    expect(bed.all(facts)).toEqual([
      {
        rule: 'many-charts',
        about: ANN,
        patientId: null,
        evidence: facts.map(({ id }) => id),
        measured: 21,
        threshold: 20,
      },
    ]);
  });

  it('rings once for what goes on, again of another patient, and again after the quiet time', () => {
    const bed = bench();
    const own = (at: number, patientId: string) =>
      factAt(at, { patientId, about: { ...plainFacts('panel'), sameFamilyName: true } });
    expect(bed.ring([own(NOW, 'a'), own(NOW + 1, 'a'), own(NOW + 2, 'b')])).toHaveLength(2);
    expect(bed.ring([own(NOW + 12 * HOUR_MS - 1, 'a')])).toHaveLength(0);
    expect(bed.ring([own(NOW + 12 * HOUR_MS, 'a')])).toHaveLength(1);
  });

  it('is judged by the habits of before today: what she does today is no habit yet', () => {
    const bed = bench({ quietMs: HOUR_MS });
    learnTwoWeeks(bed);
    expect(bed.ring(charts(60, NOW - 2 * HOUR_MS))).toEqual(['many-charts']);
    expect(bed.ring(charts(21))).toEqual(['many-charts']);
  });

  it('of clinic patients doesn’t ring for who sees them every day', () => {
    const bed = bench();
    const late = panel({ discharged: ago(90) });
    learnTwoWeeks(bed, 10, late);
    expect(bed.ring(charts(20, NOW, late))).not.toContain('after-discharge');
    expect(bed.ring(charts(1, NOW + HOUR_MS, { ...late, patientId: 'one-more' }))).toContain('after-discharge');
  });

  it('keeps no more of a person than the days that policy names and the last 24 hours', () => {
    const bed = bench({ historyDays: 7 });
    learnTwoWeeks(bed);
    const { days, recent } = bed.alarms.state().people[ANN] ?? { days: {}, recent: [] };
    expect(Object.keys(days)).toHaveLength(7);
    expect(recent.length).toBeLessThanOrEqual(16);
    expect(bed.alarms.state().people[ANN]?.roles).toEqual([NURSE]);
  });
});
