import { describe, expect, it } from 'vitest';
import type { Sight } from '../../../main/cache/sight.ts';
import { results } from '../../../preload/contract/results.ts';
import { unpackTrend } from '../../../renderer/features/results/unpack.ts';
import { fill, openCache, SERVER_TIME, seesAll } from './support.ts';

const subject = { reference: 'Patient/p' };
const patient = { resourceType: 'Patient', id: 'p', birthDate: '1950-01-01' };
const UCUM = 'http://unitsofmeasure.org';
const LABORATORY = [{ coding: [{ code: 'laboratory' }] }];

function result(id: string, code: string, at: string, value: number, unit: string, more: object = {}) {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    subject,
    category: LABORATORY,
    code: { coding: [{ system: 'http://loinc.org', code }] },
    effectiveDateTime: at,
    valueQuantity: { value, unit, system: UCUM, code: unit },
    ...more,
  };
}

const VERSION = (versionId: string) => ({ meta: { versionId, lastUpdated: SERVER_TIME } });
const LABELLED = (versionId: string) => ({
  meta: {
    ...VERSION(versionId).meta,
    security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' }],
  },
});

function filled(...pages: (readonly object[])[]) {
  const cache = openCache();
  fill(cache, ['p'], [patient]);
  for (const page of pages) fill(cache, ['p'], page);
  const { sight } = seesAll;
  return {
    ...cache,
    groups: () => {
      const found = cache.read.resultGroups({ patientId: 'p', sight });
      expect(results.calls.list.response.parse(found)).toEqual(found);
      return found?.groups ?? [];
    },
    trends: async (codes: string[], seen: Sight = sight) => {
      const trends = await cache.read.trends({
        patientId: 'p',
        codes: codes.map((code) => `http://loinc.org|${code}`),
        sight: seen,
      });
      expect(results.calls.trends.response.parse({ trends })).toEqual({ trends });
      return (trends ?? []).map(unpackTrend);
    },
  };
}

describe('the results', () => {
  it('tell the difference from the value before, of one unit only', () => {
    const { groups } = filled([
      result('k1', 'k', '2026-01-01T08:00:00Z', 4.25, 'mmol/L'),
      result('k2', 'k', '2026-01-02T08:00:00Z', 5.1, 'mmol/L'),
      result('g1', 'g', '2026-01-01T08:00:00Z', 90, 'mg/dL'),
      result('g2', 'g', '2026-01-02T08:00:00Z', 5, 'mmol/L'),
      result('n1', 'n', '2026-01-01T08:00:00Z', 140, 'mmol/L'),
      result('n2', 'n', '2026-01-02T08:00:00Z', 140, 'mmol/L', { status: 'entered-in-error' }),
    ]);
    expect(groups().map(({ latest, delta }) => [latest.id, delta])).toEqual([
      ['k2', { change: '+0.85', before: '4.25', time: '2026-01-01T08:00:00Z' }],
      ['g2', null],
      ['n1', null],
    ]);
  });

  it('say whether a flag is the laboratory’s or follows from the range', () => {
    const range = { referenceRange: [{ high: { value: 1, unit: 'g' } }] };
    const { groups } = filled([
      result('a', 'a', '2026-01-03', 2, 'g', { ...range, interpretation: [{ coding: [{ code: 'HH' }] }] }),
      result('b', 'b', '2026-01-02', 2, 'g', range),
      result('c', 'c', '2026-01-01', 2, 'g'),
    ]);
    expect(groups().map(({ latest, flagFrom }) => [latest.flag, flagFrom])).toEqual([
      ['critical-high', 'interpretation'],
      ['high', 'range'],
      [null, null],
    ]);
  });

  it('are grouped by the report or the observation that holds them; a report of one test is none', () => {
    const panel = (type: string, id: string, name: string, members: string[], more: object = {}) => ({
      resourceType: type,
      id,
      status: 'final',
      subject,
      code: { text: name },
      effectiveDateTime: '2026-01-02',
      [type === 'Observation' ? 'hasMember' : 'result']: members.map((one) => ({ reference: `Observation/${one}` })),
      ...more,
    });
    const { groups } = filled([
      ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => result(id, id, '2026-01-02', 1, 'g')),
      // Newer than its report, of a code that was in it.
      result('a2', 'a', '2026-01-03', 2, 'g'),
      panel('DiagnosticReport', 'r1', 'Electrolytes', ['a', 'b']),
      panel('DiagnosticReport', 'r2', 'Alone', ['c']),
      panel('DiagnosticReport', 'r3', 'Wrong', ['f', 'g'], { status: 'entered-in-error' }),
      panel('Observation', 'o1', 'Full blood count', ['d', 'e']),
    ]);
    const named = groups().map(({ latest, panel: of }) => [latest.id, of?.name ?? null]);
    expect(Object.fromEntries(named)).toEqual({
      a2: 'Electrolytes',
      b: 'Electrolytes',
      c: null,
      d: 'Full blood count',
      e: 'Full blood count',
      f: null,
      g: null,
    });
  });

  it('say what a corrected value was before, as far as this workstation has it', async () => {
    const { groups, trends } = filled(
      [
        result('a', 'a', '2026-01-01', 1.5, 'g', VERSION('1')),
        result('b', 'b', '2026-01-01', 1, 'g', { ...VERSION('1'), status: 'corrected' }),
      ],
      [result('a', 'a', '2026-01-01', 15, 'g', { ...VERSION('2'), status: 'corrected' })],
    );
    expect(groups().map(({ latest, was }) => [latest.id, was])).toEqual([
      ['a', '1.5 g'],
      ['b', null],
    ]);
    const [a, b] = await trends(['a', 'b']);
    expect([a, b].map((trend) => trend?.series[0]?.points[0]?.was)).toEqual(['1.5 g', null]);
  });

  it('security: tell nothing of a version before that had other security labels', () => {
    const { groups } = filled(
      [result('a', 'a', '2026-01-01', 1.5, 'g', LABELLED('1'))],
      [result('a', 'a', '2026-01-01', 15, 'g', { ...VERSION('2'), status: 'corrected' })],
    );
    // The label is known by now, and shown to nobody here.
    expect(() => groups()).toThrow('sight-outdated');
    const { read } = filled(
      [result('a', 'a', '2026-01-01', 1.5, 'g', LABELLED('1'))],
      [result('a', 'a', '2026-01-01', 15, 'g', { ...VERSION('2'), status: 'corrected' })],
    );
    const sight = { ...seesAll.sight, newest: 99 };
    expect(read.resultGroups({ patientId: 'p', sight })?.groups.map(({ was }) => was)).toEqual([null]);
  });
});

describe('trends of several codes', () => {
  it('join exactly converted units on one line, and say what was written; others stay apart', async () => {
    const { trends } = filled([
      result('t1', 't', '2026-01-01', 98.6, '[degF]'),
      result('t2', 't', '2026-01-02', 38.5, 'Cel'),
      result('g1', 'g', '2026-01-01', 90, 'mg/dL'),
      result('g2', 'g', '2026-01-02', 5, 'mmol/L'),
    ]);
    const [temperature, glucose] = await trends(['t', 'g']);
    expect(
      temperature?.series.map(({ unit, points }) => [unit, points.map(({ text, original }) => [text, original])]),
    ).toEqual([
      [
        'Cel',
        [
          ['37.0', '98.6 [degF]'],
          ['38.5', null],
        ],
      ],
    ]);
    expect(glucose?.series.map(({ unit }) => unit)).toEqual(['mmol/L', 'mg/dL']);
  });

  it('tell of withdrawn values, which are never drawn', async () => {
    const { trends } = filled([
      result('a1', 'a', '2026-01-01', 1, 'g'),
      result('a2', 'a', '2026-01-02', 99, 'g', { status: 'entered-in-error' }),
    ]);
    const [trend] = await trends(['a']);
    expect(trend?.withdrawn).toEqual([
      { id: 'a2', time: Date.UTC(2026, 0, 2), text: '99 g', status: 'entered-in-error' },
    ]);
    expect(trend?.series.flatMap(({ points }) => points.map(({ value }) => value))).toEqual([1]);
  });

  it('security: hold nothing of a label that isn’t shown', async () => {
    const { trends } = filled([
      result('a1', 'a', '2026-01-01', 1, 'g', VERSION('1')),
      result('a2', 'a', '2026-01-02', 77, 'g', LABELLED('1')),
      result('a3', 'a', '2026-01-02', 78, 'g', { ...LABELLED('1'), status: 'entered-in-error' }),
    ]);
    const told = await trends(['a'], { ...seesAll.sight, newest: 99 });
    expect(JSON.stringify(told)).not.toMatch(/77|78/);
  });
});

describe('the early warning score', () => {
  const SNOMED = 'http://snomed.info/sct';
  const now = new Date();
  const at = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
  const sign = (id: string, code: string, value: number, unit: string, more: object = {}) =>
    result(id, code, at(20), value, unit, { category: [{ coding: [{ code: 'vital-signs' }] }], ...more });
  const stated = (id: string, code: string, more: object = {}) => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    subject,
    code: { coding: [{ system: SNOMED, code }] },
    effectiveDateTime: at(20),
    ...more,
  });
  const alert = { valueCodeableConcept: { coding: [{ system: SNOMED, code: '248234008' }] } };
  const set = (temperature: object) => [
    sign('rr', '9279-1', 22, '/min'),
    sign('sat', '59408-5', 95, '%'),
    sign('sys', '8480-6', 105, 'mm[Hg]'),
    sign('hr', '8867-4', 95, '/min'),
    sign('temp', '8310-5', 38.5, 'Cel', temperature),
    stated('air', '722742002'),
    stated('acvpu', '1104441000000107', { ...alert, category: [{ coding: [{ code: 'survey' }] }] }),
  ];
  const pregnancy = (answer: string) => ({
    ...stated('preg', ''),
    code: { coding: [{ system: 'http://loinc.org', code: '82810-3' }] },
    valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: answer }] },
  });
  const read = async (resources: object[], sight = seesAll.sight) => {
    const warning = await filled(resources).read.earlyWarning({ patientId: 'p', sight });
    expect(results.calls.earlyWarning.response.parse(warning)).toEqual(warning);
    return warning;
  };

  it('is read from the newest observations, and is none for whoever isn’t known', async () => {
    expect(await read(set({}))).toMatchObject({ total: 6, risk: 'medium', state: 'complete', asOf: SERVER_TIME });
    expect(await openCache().read.earlyWarning({ ...seesAll, patientId: 'p' })).toBeNull();
  });

  it.each([
    [
      'a problem',
      { resourceType: 'Condition', id: 'c', subject, code: { coding: [{ system: SNOMED, code: '77386006' }] } },
      'pregnant',
    ],
    ['an answer', pregnancy('LA15173-0'), 'pregnant'],
    ['that there is none', pregnancy('LA26683-5'), null],
  ])('is none where a pregnancy is recorded: %s', async (_words, record, notFor) => {
    expect(await read([...set({}), record])).toMatchObject({ notFor, total: notFor === null ? 6 : null });
  });

  it('never takes what was entered in error', async () => {
    const warning = await read(set({ status: 'entered-in-error' }));
    expect(warning).toMatchObject({ total: null, risk: null });
    expect(warning?.inputs.at(-1)).toMatchObject({ problem: 'missing', value: null });
  });

  it('security: takes nothing of a label that isn’t shown', async () => {
    const warning = await read(set(LABELLED('1')), { ...seesAll.sight, newest: 99 });
    expect(warning?.total).toBeNull();
    expect(JSON.stringify(warning)).not.toContain('38.5');
  });
});
