import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTrends } from '../../../main/cache/reads/results.ts';
import { chartSummary } from '../../../preload/contract/chart.ts';
import { noteText } from '../../../preload/contract/notes.ts';
import { patientPage } from '../../../preload/contract/patients.ts';
import { results } from '../../../preload/contract/results.ts';
import { fill, listsAll, openCache, SERVER_TIME, seesAll, type TestCache } from './support.ts';

const subject = { reference: 'Patient/p' };
const patient = { resourceType: 'Patient', id: 'p', name: [{ family: 'Ng' }], identifier: [{ value: '1' }] };

function observation(id: string, code: string, at: string, more: object = {}) {
  const coding = [{ system: 'http://loinc.org', code }];
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    subject,
    code: { coding },
    effectiveDateTime: at,
    valueInteger: 1,
    ...more,
  };
}

/** Without units, so that it is one answer and no promise. */
function trendOf({ reader }: Pick<TestCache, 'reader'>, code: string) {
  return readTrends(reader, 'p', [code], seesAll.sight, { conversion: () => null })?.[0] ?? null;
}

function category(code: string) {
  return { category: [{ coding: [{ code }] }] };
}

function filled(resources: readonly object[]) {
  const cache = openCache();
  fill(cache, ['p'], [patient, ...resources]);
  const chart = cache.read.chartSummary({ ...seesAll, patientId: 'p' });
  if (!chart) throw new Error('no chart');
  return { ...cache, chart };
}

describe('the chart', () => {
  test('is null for a patient who is not cached', () => {
    expect(openCache().read.chartSummary({ ...seesAll, patientId: 'p' })).toBeNull();
    expect(openCache().read.resultGroups({ ...seesAll, patientId: 'p' })).toBeNull();
    expect(trendOf(openCache(), 'x')).toBeNull();
    expect(openCache().read.note({ ...seesAll, patientId: 'p', noteId: 'x' })).toBeNull();
  });

  test('shows the newest value of each code, never a withdrawn one, by category', () => {
    const { chart, read, reader } = filled([
      observation('v1', 'bp', '2024-01-01', category('vital-signs')),
      observation('v2', 'bp', '2024-02-01', category('vital-signs')),
      observation('v3', 'bp', '2024-03-01', { ...category('vital-signs'), status: 'entered-in-error' }),
      observation('v4', 'bp', '2024-04-01', { ...category('vital-signs'), status: 'cancelled' }),
      observation('l1', 'na', '2024-01-01', category('laboratory')),
      observation('x1', 'other', '2024-01-01'),
      observation('s1', 'smoking', '2024-01-01', category('social-history')),
      observation('g1', 'group', '2024-01-01', {
        valueInteger: undefined,
        hasMember: [{ reference: 'Observation/l1' }],
      }),
    ]);
    expect(chart.vitals).toMatchObject({ items: [{ id: 'v2' }], total: 1, state: 'complete', asOf: SERVER_TIME });
    expect(chart.results.items.map(({ id }) => id)).toEqual(['l1', 'x1']);
    const groups = read.resultGroups({ ...seesAll, patientId: 'p' });
    expect(results.calls.list.response.parse(groups)).toEqual(groups);
    expect(groups?.groups.map(({ category: kind, count, latest }) => [kind, count, latest.id])).toEqual([
      ['vital-signs', 2, 'v2'],
      ['laboratory', 1, 'l1'],
      ['other', 1, 'x1'],
      ['other', 1, 's1'],
    ]);
    expect(trendOf({ reader }, 'http://loinc.org|bp')).toMatchObject({
      omitted: { enteredInError: 2 },
      series: [{ points: [{ id: 'v1' }, { id: 'v2' }] }],
    });
  });

  test('caps its sections, with an honest total, the current ones first', () => {
    const medications = Array.from({ length: 250 }, (_, index) => ({
      resourceType: 'MedicationRequest',
      id: `m${index}`,
      status: index < 10 ? 'active' : 'completed',
      subject,
      authoredOn: `20${String(10 + Math.floor(index / 25)).padStart(2, '0')}-01-01`,
    }));
    const statement = {
      resourceType: 'MedicationStatement',
      id: 's',
      status: 'active',
      subject,
      effectiveDateTime: '2030',
    };
    const { chart } = filled([...medications, statement]);
    expect(chart.medications).toMatchObject({ total: 251, state: 'complete' });
    expect(chart.medications.items).toHaveLength(200);
    expect(chart.medications.items.slice(0, 12).map(({ status }) => status)).toEqual([
      ...Array.from({ length: 11 }, () => 'active'),
      'completed',
    ]);
    expect(chart.medications.items[0]).toMatchObject({ id: 's', source: 'MedicationStatement' });
  });

  test('says of each section how it stands, and how old it is as a whole', () => {
    const { chart, write, read } = filled([]);
    expect(chart).toMatchObject({ asOf: SERVER_TIME, allergyStatement: 'none-recorded' });
    write.startRun({ tasks: [{ label: 'x', resourceType: 'Flag', url: 'x', patients: ['p'] }] });
    const seq = read.tasks({})[0]?.seq ?? 0;
    write.refuseTask({ seq, serverTime: '2026-05-01T00:00:00Z' });
    expect(read.chartSummary({ ...seesAll, patientId: 'p' })).toMatchObject({
      asOf: SERVER_TIME,
      alerts: { state: 'not-permitted' },
    });
  });

  test('has no age while a section of it was never fetched', () => {
    const { write, read } = openCache();
    write.startRun({
      tasks: ['Patient', 'Condition'].map((type) => ({ label: type, resourceType: type, url: type, patients: ['p'] })),
    });
    write.applyPage({ seq: 1, resources: [JSON.stringify(patient)], next: null, serverTime: SERVER_TIME });
    write.applyPage({ seq: 2, resources: [], next: null, serverTime: SERVER_TIME });
    const chart = read.chartSummary({ ...seesAll, patientId: 'p' });
    expect(chart).toMatchObject({
      asOf: null,
      problems: { state: 'complete', asOf: SERVER_TIME },
      allergyStatement: 'not-fetched',
    });
  });

  test('shows alerts that are active, notes that are current, and where an encounter was', () => {
    const { chart, read } = filled([
      { resourceType: 'Flag', id: 'f1', status: 'active', subject, code: { text: 'DNAR' } },
      { resourceType: 'Flag', id: 'f2', status: 'inactive', subject, code: { text: 'MRSA' } },
      {
        resourceType: 'DocumentReference',
        id: 'd1',
        status: 'current',
        subject,
        date: '2024',
        author: [{ reference: 'Practitioner/x' }],
        content: [{ attachment: { contentType: 'text/plain', data: 'aGk=' } }],
      },
      { resourceType: 'DocumentReference', id: 'd2', status: 'superseded', subject },
      {
        resourceType: 'DocumentReference',
        id: 'd3',
        status: 'entered-in-error',
        subject,
        content: [{ attachment: { contentType: 'text/plain', data: 'aGk=' } }],
      },
      { resourceType: 'Practitioner', id: 'x', name: [{ family: 'Who', prefix: ['Dr'] }] },
      {
        resourceType: 'Encounter',
        id: 'e',
        status: 'finished',
        subject,
        class: { code: 'IMP' },
        // Both from the same hour on: the bed is what tells where to go.
        location: ['w', 'l'].map((id) => ({ location: { reference: `Location/${id}` } })),
      },
      { resourceType: 'Location', id: 'l', name: 'Bed 1', partOf: { reference: 'Location/w' } },
      { resourceType: 'Location', id: 'w', name: 'Ward 2', partOf: { reference: 'Location/h' } },
      { resourceType: 'Location', id: 'h', name: 'Hospital', physicalType: { coding: [{ code: 'bu' }] } },
    ]);
    expect(chart.alerts).toMatchObject({ items: [{ text: 'DNAR' }], total: 1 });
    expect(chart.notes).toMatchObject({ items: [{ id: 'd1', author: 'Dr Who' }], total: 1 });
    expect(chart.encounters.items[0]).toMatchObject({ location: 'Ward 2, Bed 1', class: 'IMP' });
    const read1 = read.note({ ...seesAll, patientId: 'p', noteId: 'd1' });
    expect(noteText.parse(read1)).toEqual(read1);
    expect(read1?.body).toBe('hi');
    expect(read.note({ ...seesAll, patientId: 'p', noteId: 'd3' })).toBeNull();
    expect(read.note({ ...seesAll, patientId: 'other', noteId: 'd1' })).toBeNull();
  });

  test('a location that is part of itself ends somewhere', () => {
    const encounter = {
      resourceType: 'Encounter',
      id: 'e',
      status: 'in-progress',
      subject,
      location: [{ location: { reference: 'Location/l' } }],
    };
    const { chart } = filled([
      encounter,
      { resourceType: 'Location', id: 'l', name: 'Loop', partOf: { reference: 'Location/l' } },
    ]);
    expect(chart.patient.location).toBe('Loop');
  });
});

describe('hostile resources', () => {
  const types = [
    'Patient',
    'AllergyIntolerance',
    'Condition',
    'MedicationRequest',
    'MedicationStatement',
    'Flag',
    'Observation',
    'Encounter',
    'DocumentReference',
    'CareTeam',
    'Location',
  ];
  const junk = fc.oneof(
    fc.constantFrom(null, true, 0, -1e308, '', 'x'.repeat(9_000), [], {}, [[]], '\u0000', '\ud800', 'constructor'),
    fc.constantFrom(
      { coding: 'x' },
      { coding: [null, { code: 'x'.repeat(9_000) }] },
      { reference: 'Patient/p' },
      [{ value: {} }],
      { start: [], end: 4 },
    ),
    fc.constantFrom(
      { value: 'NaN', unit: 'x'.repeat(9_000) },
      [{ attachment: { contentType: 'text/html', data: '<<<&#x110000;' } }],
      [{ location: { display: 5 } }],
    ),
  );
  const names = [
    'status',
    'code',
    'name',
    'identifier',
    'birthDate',
    'meta',
    'category',
    'component',
    'valueQuantity',
    'valueRatio',
    'effectiveDateTime',
    'referenceRange',
    'interpretation',
    'reaction',
    'note',
    'dosageInstruction',
    'dosage',
    'content',
    'location',
    'period',
    'participant',
    'medicationReference',
    'contained',
    'clinicalStatus',
    'verificationStatus',
    'hasMember',
    'author',
    'type',
    'class',
    'partOf',
    'deceasedDateTime',
    'dataAbsentReason',
    '__proto__',
    'constructor',
  ];

  test('never break a page, a list or a chart, and what is answered keeps the contract', () => {
    const hostile = fc.record({
      type: fc.constantFrom(...types),
      members: fc.dictionary(fc.constantFrom(...names), junk),
    });
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 30 }), (list) => {
        const cache = openCache();
        const resources = list.map(({ type, members }, index) => {
          const safe = Object.entries(members).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
          const own = [`"resourceType":"${type}"`, `"id":"${type === 'Patient' ? 'p' : `r${index}`}"`];
          return `{${[...safe, '"subject":{"reference":"Patient/p"}', ...own].join(',')}}`;
        });
        cache.write.startRun({ tasks: [{ label: 'x', resourceType: 'Any', url: 'x', patients: ['p'] }] });
        cache.write.expandRun({ panel: ['p'], tasks: [] });
        const page = {
          seq: 1,
          resources: [JSON.stringify(patient), ...resources],
          next: null,
          serverTime: SERVER_TIME,
        };
        expect(cache.write.applyPage(page).rejected).toBe(0);
        const chart = cache.read.chartSummary({ ...seesAll, patientId: 'p' });
        expect(chartSummary.safeParse(chart).error?.issues).toBeUndefined();
        const listed = cache.read.patientList({
          ...listsAll,
          query: '',
          sort: 'name',
          descending: false,
          offset: 0,
          limit: 10,
        });
        expect(patientPage.safeParse(listed).error?.issues).toBeUndefined();
        const groups = cache.read.resultGroups({ ...seesAll, patientId: 'p' });
        expect(results.calls.list.response.safeParse(groups).error?.issues).toBeUndefined();
        for (const { code } of groups?.groups ?? []) {
          const trend = trendOf(cache, code);
          expect(results.calls.trend.response.safeParse(trend).error?.issues).toBeUndefined();
        }
        for (const { id } of chart?.notes.items ?? []) {
          expect(
            noteText.safeParse(cache.read.note({ ...seesAll, patientId: 'p', noteId: id })).error?.issues,
          ).toBeUndefined();
        }
        expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  test('nested beyond measure are stored or rejected, not fatal', () => {
    const cache = openCache();
    cache.write.startRun({ tasks: [{ label: 'x', resourceType: 'Any', url: 'x', patients: null }] });
    const deep = `{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/p"},"extension":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    const result = cache.write.applyPage({
      seq: 1,
      resources: [deep, JSON.stringify(patient)],
      next: null,
      serverTime: SERVER_TIME,
    });
    expect(result.stored + result.rejected).toBe(2);
    expect(cache.read.chartSummary({ ...seesAll, patientId: 'p' })).not.toBeNull();
  });
});
