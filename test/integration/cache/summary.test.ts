import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SEALED } from '../../../main/documents/fields/elements.ts';
import { chartSummary } from '../../../preload/contract/chart.ts';
import { patientPage } from '../../../preload/contract/patients.ts';
import { fill, listsAll, openCache, SERVER_TIME, seesAll } from './support.ts';

const subject = { reference: 'Patient/p' };
const patient = { resourceType: 'Patient', id: 'p', name: [{ family: 'Ng' }], identifier: [{ value: '1' }] };
const LIST = { query: '', sort: 'name', descending: false, offset: 0, limit: 10 } as const;
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const HTEST = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' };

/** A cache with one patient's records; `labels`: how many sets of labels the decision knew. */
function chartOf(resources: readonly object[], { own = {}, patients = ['p'], newest = 0 } = {}) {
  const cache = openCache();
  fill(cache, patients, [{ ...patient, ...own }, ...resources]);
  const labels = Array.from({ length: newest }, (_, index) => index + 1);
  const { shown } = seesAll.sight;
  const sight = { ...seesAll.sight, newest, shown: { ...shown, labels } };
  const chart = cache.read.chartSummary({ sight, patientId: 'p', testPatients: ['urn:test', 'urn:mrn|T-1'] });
  if (!chart) throw new Error('no chart');
  expect(chartSummary.parse(chart)).toEqual(chart);
  const row = { labels: [0, ...labels], location: true, updated: true };
  const told = { ...listsAll, sight: { newest, careTeam: row, panel: row } };
  return { cache, chart, list: () => cache.read.patientList({ ...LIST, ...told, testPatients: ['urn:test'] }) };
}

const snomed = (code: string) => ({ code: { coding: [{ system: 'http://snomed.info/sct', code }], text: code } });
const record = (resourceType: string, id: string, more: object) => ({
  resourceType,
  id,
  status: 'active',
  subject,
  patient: subject,
  ...more,
});

describe('the marks of a record', () => {
  test.each([
    ['nothing', {}, []],
    ['a merged one', { link: [{ type: 'replaced-by', other: { reference: 'Patient/q' } }] }, ['merged']],
    ['one that replaces', { link: [{ type: 'replaces', other: { reference: 'Patient/q' } }] }, []],
    ['a test patient by label', { meta: { security: [HTEST] } }, ['test']],
    ['a test patient by tag', { meta: { tag: [HTEST] } }, ['test']],
    ['a test patient by policy', { identifier: [{ system: 'urn:test', value: '1' }] }, ['test']],
    ['an extension that policy names', { extension: [{ url: 'urn:test', valueBoolean: true }] }, ['test']],
    ['one that says no', { extension: [{ url: 'urn:test', valueBoolean: false }] }, []],
    ['R', { meta: { security: [{ system: CONFIDENTIALITY, code: 'R' }] } }, ['restricted']],
    ['V', { meta: { security: [{ system: CONFIDENTIALITY, code: 'V' }] } }, ['very-restricted']],
    ['no known level', { meta: { security: [{ system: CONFIDENTIALITY, code: 'X' }] } }, ['label-unknown']],
  ])('%s, in the chart and in the list', (_, own, marks) => {
    const { chart, list } = chartOf([], { own, newest: 1 });
    expect(chart.patient.marks).toEqual(marks);
    const page = list();
    expect(patientPage.parse(page)).toEqual(page);
    expect(page.items.map((row) => row.marks)).toEqual([marks]);
  });

  test('are told without a policy too, and however the text is written', () => {
    const cache = openCache();
    const link = [{ type: 'replaced-by', other: { reference: 'Patient/q' } }];
    fill(
      cache,
      ['p', 'q'],
      [
        { ...patient, meta: { tag: [HTEST] }, link },
        { ...patient, id: 'q' },
      ],
    );
    const marks = () => cache.read.patientList({ ...LIST, ...listsAll, unfinished: [] }).items.map((row) => row.marks);
    expect(marks()).toEqual([['merged', 'test'], []]);
    cache.db
      .prepare(
        `UPDATE resource SET body = replace(replace(body, 'HTEST', '\\u0048TEST'), 'replaced-by', 'replaced\\u002dby')`,
      )
      .run();
    expect(marks()).toEqual([['merged', 'test'], []]);
  });

  test('a merged record names the one that replaces it, and says whether it is here', () => {
    const link = (id: string) => ({ link: [{ type: 'replaced-by', other: { reference: `Patient/${id}` } }] });
    const other = { ...patient, id: 'q' };
    const { chart, cache } = chartOf([other], { own: link('q'), patients: ['p', 'q'] });
    expect(chart.patient.replacedBy).toEqual({ id: 'q', here: true });
    expect(cache.read.isReplaced({ patientId: 'p' })).toBe(true);
    expect(cache.read.isReplaced({ patientId: 'q' })).toBe(false);
    expect(chartOf([], { own: link('r') }).chart.patient.replacedBy).toEqual({ id: 'r', here: false });
    const unnamed = chartOf([], { own: { link: [{ type: 'replaced-by' }] } });
    expect(unnamed.chart.patient.replacedBy).toMatchObject({ here: false });
    expect(unnamed.cache.read.isReplaced({ patientId: 'p' })).toBe(true);
  });
});

describe('the sections behind the first ones', () => {
  test('are in the same answer, each with its age', () => {
    const observed = (id: string, code: string, category: string, at: string, text: string) => ({
      ...record('Observation', id, { code: { coding: [{ system: 'http://loinc.org', code }], text: code } }),
      category: [{ coding: [{ code: category }] }],
      effectiveDateTime: at,
      valueCodeableConcept: { text },
    });
    const { chart } = chartOf([
      record('Immunization', 'i1', { occurrenceDateTime: '2020-01-01', vaccineCode: { text: 'old' } }),
      record('Immunization', 'i2', { occurrenceDateTime: '2024-01-01', vaccineCode: { text: 'new' } }),
      record('Goal', 'g', { description: { text: 'Walk' }, lifecycleStatus: 'active' }),
      record('CarePlan', 'c', { title: 'Plan' }),
      record('FamilyMemberHistory', 'f', { relationship: { text: 'Mother' } }),
      record('Device', 'd', { type: { text: 'Pacemaker' } }),
      observed('s1', '72166-2', 'social-history', '2020-01-01', 'Smoker'),
      observed('s2', '72166-2', 'social-history', '2024-01-01', 'Former smoker'),
    ]);
    expect(chart.immunizations.items.map(({ vaccine }) => vaccine)).toEqual(['new', 'old']);
    expect(chart.goals.items).toMatchObject([{ text: 'Walk', status: 'active' }]);
    expect(chart.carePlans.items).toMatchObject([{ title: 'Plan' }]);
    expect(chart.family.items).toMatchObject([{ relationship: 'Mother' }]);
    expect(chart.devices).toMatchObject({ state: 'complete', asOf: SERVER_TIME, items: [{ name: 'Pacemaker' }] });
    expect(chart.social.items).toMatchObject([{ id: 's2', value: 'Former smoker' }]);
  });

  test('say “not fetched” of a type that no run asks for, which makes the chart as a whole no less complete', () => {
    const { chart } = chartOf([]);
    expect(chart.devices).toMatchObject({ state: 'not-fetched', asOf: null, items: [] });
    expect(chart.asOf).toBe(SERVER_TIME);
  });

  test('never claim to know all care teams: a run brings the clinician’s own', () => {
    const { chart } = chartOf(
      [record('CareTeam', 't', { name: 'Ward', participant: [{ member: { display: 'Dr A' } }] })],
      {
        own: { generalPractitioner: [{ display: 'Dr G' }] },
      },
    );
    expect(chart.careTeam).toMatchObject({ total: 2, items: [{ kind: 'general-practitioner' }, { name: 'Ward' }] });
    const none = openCache();
    fill(none, ['p'], [patient]);
    const bare = none.read.chartSummary({ ...seesAll, patientId: 'p' });
    expect(bare?.careTeam).toMatchObject({ state: 'partial', items: [] });
  });

  test('tell what the banner warns of, from wherever it is recorded', () => {
    const loinc = (code: string) => ({ code: { coding: [{ system: 'http://loinc.org', code }] } });
    const { chart } = chartOf([
      record('Flag', 'flag', snomed('304253006')),
      record('Condition', 'mrsa', snomed('266096002')),
      record('Observation', 'dnr', { ...loinc('81351-9'), valueBoolean: true, effectiveDateTime: '2025-01-01' }),
      record('Consent', 'consent', { category: [{ coding: [{ code: 'dnr', display: 'DNR' }] }], dateTime: '2024' }),
    ]);
    expect(chart.alerts.items).toMatchObject([{ warns: 'code-status' }]);
    expect(chart.problems.items).toMatchObject([{ warns: 'infection' }]);
    expect(chart.stated).toMatchObject([
      { id: 'dnr', type: 'Observation', warns: 'code-status', date: '2025-01-01' },
      { id: 'consent', type: 'Consent', text: 'DNR' },
    ]);
  });

  test('security: a directive under a label that may not be seen is not told, but that something is withheld is', () => {
    const cache = openCache();
    const restricted = {
      security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }],
    };
    const directive = { category: [{ coding: [{ code: 'dnr', display: 'DNR' }] }], meta: restricted };
    fill(cache, ['p'], [patient, record('Flag', 'f', {}), record('Consent', 'c', directive)]);
    const sight = { ...seesAll.sight, newest: 1, shown: { types: seesAll.sight.shown.types, labels: [] } };
    const chart = cache.read.chartSummary({ sight, patientId: 'p' });
    expect(chart?.stated).toEqual([]);
    expect(chart?.alerts).toMatchObject({ total: 1, withheld: { denied: true } });
    expect(JSON.stringify(chart)).not.toContain('DNR');
  });

  test('say that the code status isn’t known whole while directives are still to be fetched', () => {
    const cache = openCache();
    fill(cache, ['p'], [patient, record('Flag', 'f', {})]);
    cache.write.appendTasks({ tasks: [{ label: 'x', resourceType: 'Consent', url: 'Consent', patients: ['p'] }] });
    const chart = cache.read.chartSummary({ ...seesAll, patientId: 'p' });
    expect(chart?.alerts).toMatchObject({ state: 'partial', asOf: null });
  });

  test('security: what may not be seen is neither listed nor warned of', () => {
    const cache = openCache();
    fill(
      cache,
      ['p'],
      [patient, record('Device', 'd', {}), record('Consent', 'c', { category: [{ coding: [{ code: 'dnr' }] }] })],
    );
    const types = seesAll.sight.shown.types.filter((type) => type !== 'Device' && type !== 'Consent');
    const sight = { ...seesAll.sight, shown: { types, labels: [] } };
    const chart = cache.read.chartSummary({ sight, patientId: 'p' });
    expect(chart?.devices).toMatchObject({ state: 'not-permitted', items: [], total: 0 });
    expect(chart?.stated).toEqual([]);
  });
});

describe('hostile content', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom('Smi\u202Eth', '\u0000', '<img src=x onerror=alert(1)>', 'x'.repeat(9_000), '9999-99-99'),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const names = ['name', 'identifier', 'link', 'meta', 'birthDate', 'deceasedDateTime', 'deceasedBoolean', 'gender'];
  const person = fc.record(
    {
      ...Object.fromEntries(names.map((name) => [name, fc.oneof(hostile, fc.array(hostile, { maxLength: 3 }))])),
      generalPractitioner: fc.array(fc.record({ display: hostile, reference: hostile }), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  );
  const named = fc.record({ family: hostile, given: fc.array(hostile, { maxLength: 2 }), text: hostile });
  const whole = fc.tuple(person, fc.array(named, { maxLength: 2 }));
  const hidden = /(?![\n\t])\p{Cc}|[\u202A-\u202E\u2066-\u2069\u200B\uFEFF]|\p{Cs}/u;

  test('security: any patient is answered within the contract, with nothing hidden in any text', () => {
    const cache = openCache();
    fill(cache, ['p'], [patient]);
    fc.assert(
      fc.property(whole, ([more, name]) => {
        const resource = { ...more, ...(name.length > 0 && { name }), resourceType: 'Patient', id: 'p' };
        cache.db.prepare(`UPDATE resource SET body = ? WHERE id = 'p'`).run(JSON.stringify(resource));
        fill(cache, ['p'], [resource]);
        const chart = cache.read.chartSummary({ ...seesAll, sight: { ...seesAll.sight, newest: 99 }, patientId: 'p' });
        expect(chartSummary.parse(chart)).toEqual(chart);
        expect(JSON.stringify(chart, (key, value) => (key === 'code' ? '' : value))).not.toMatch(
          /\\u00[01]|\\u202|\\ud[89a-f]/,
        );
        expect(JSON.stringify(chart)).not.toMatch(hidden);
      }),
      { numRuns: 40 },
    );
  });

  test('a hundred allergies and texts without end stay within the contract, the active ones first', () => {
    const long = 'Penicillin '.repeat(1_000);
    const allergies = Array.from({ length: 250 }, (_, index) => ({
      ...record('AllergyIntolerance', `a${index}`, { code: { text: `${long}${index}` } }),
      clinicalStatus: { coding: [{ code: index < 100 ? 'active' : 'resolved' }] },
    }));
    const { chart } = chartOf(allergies);
    expect(chart.allergies).toMatchObject({ total: 250 });
    expect(chart.allergies.items.slice(0, 101).map(({ clinicalStatus }) => clinicalStatus)).toEqual([
      ...Array.from({ length: 100 }, () => 'active'),
      'resolved',
    ]);
  });
});

test('a downtime sheet says of what is encrypted in a record where it is read', () => {
  const masked = {
    extension: [
      { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' },
      { url: SEALED, valueBase64Binary: 'AA==' },
    ],
  };
  const vital = [{ coding: [{ code: 'vital-signs' }] }];
  const more = { category: vital, code: { text: 'Pulse' }, effectiveDateTime: '2026-02-28T12:00:00Z' };
  const { cache } = chartOf([
    record('Observation', 'o', { ...more, valueQuantity: masked }),
    record('AllergyIntolerance', 'a', { code: masked }),
    record('MedicationRequest', 'm', { intent: 'order', medicationCodeableConcept: masked }),
  ]);
  const since = '2026-02-28T00:00:00Z';
  const sheet = cache.read.downtimeRecords({ patientId: 'p', sight: seesAll.sight, since });
  const SAID = 'Encrypted: open in Wardlight';
  expect(sheet?.recentVitals.items.map(({ value }) => value)).toEqual([SAID]);
  expect(sheet?.chart.allergies.items.map(({ substance }) => substance)).toEqual([SAID]);
  expect(sheet?.chart.medications.items.map(({ drug }) => drug)).toEqual([SAID]);
});

describe('what doesn’t fit into a section', () => {
  const many = (count: number, make: (at: number) => object) => Array.from({ length: count }, (_, at) => make(at));
  const dated = (at: number) => `${2025 - (at % 20)}-03-01`;

  test('is counted, with the year to which it goes back', () => {
    const stays = many(70, (at) =>
      record('Encounter', `e${at}`, { status: 'finished', class: { code: 'AMB' }, period: { start: dated(at) } }),
    );
    const { chart } = chartOf(stays);
    expect(chart.encounters).toMatchObject({ total: 70, omittedSince: '2006' });
    expect(chart.encounters.items).toHaveLength(60);
    expect(chartOf(stays.slice(0, 60)).chart.encounters.omittedSince).toBeNull();
  });

  test('says so where it has no date', () => {
    const { chart } = chartOf(
      many(61, (at) => record('Device', `d${at}`, {})).concat(
        many(61, (at) => record('Goal', `g${at}`, { description: { text: 'Walk' }, lifecycleStatus: 'active' })),
      ),
    );
    expect(chart.goals).toMatchObject({ total: 61, omittedSince: null });
    // What a scan may harm is never cut.
    expect(chart.devices.items).toHaveLength(61);
  });

  test('is never an allergy or an alert', () => {
    const { chart } = chartOf([
      ...many(230, (at) => record('AllergyIntolerance', `a${at}`, { ...snomed(`1${at}`), recordedDate: dated(at) })),
      ...many(230, (at) => record('Flag', `f${at}`, { ...snomed(`2${at}`), period: { start: dated(at) } })),
    ]);
    expect([chart.allergies.items.length, chart.alerts.items.length]).toEqual([230, 230]);
  });

  test('is never a problem of which the banner warns, nor an advance directive', () => {
    const { chart } = chartOf([
      ...many(260, (at) => record('Condition', `c${at}`, { ...snomed(`1${at}`), recordedDate: '2026-01-01' })),
      record('Condition', 'mrsa', { ...snomed('266096002'), recordedDate: '1999-01-01' }),
      ...many(40, (at) => record('Consent', `n${at}`, { dateTime: '2026-01-01' })),
      record('Consent', 'dnr', { dateTime: '1999-01-01', category: [{ coding: [{ code: 'dnr' }] }] }),
    ]);
    expect(chart.problems).toMatchObject({ total: 261, omittedSince: '2026' });
    expect(chart.problems.items.filter(({ warns }) => warns === 'infection').map(({ id }) => id)).toEqual(['mrsa']);
    expect(chart.stated.map(({ id }) => id)).toEqual(['dnr']);
  });
});

describe('a visit whose number turned out to be another patient’s', () => {
  test('tells its number and that labels with the one of before are void, in the card and in the timeline', () => {
    const extension = [{ url: 'https://wardlight.org/fhir/StructureDefinition/void-number', valueString: '7700016' }];
    const type = { coding: [{ code: 'VN' }] };
    const { chart, cache } = chartOf([
      record('Encounter', 'e', {
        ...{ status: 'in-progress', class: { code: 'EMER' }, period: { start: '2026-03-01' } },
        identifier: [{ use: 'official', type, value: '7700024', extension }],
      }),
      record('Specimen', 's', { identifier: [{ use: 'official', value: 'D1', extension }] }),
    ]);
    expect(chart.encounters.items).toMatchObject([{ number: '7700024', voidNumbers: ['7700016'] }]);
    const filter = { kinds: [], text: '', from: null, to: null, withdrawn: true };
    const page = cache.read.timelinePage({ ...seesAll, patientId: 'p', filter, after: null });
    const bits = page?.items.map(({ details }) => details.slice(0, 2));
    const told = (number: string) => [
      [
        { kind: 'name', at: 'number' },
        { kind: 'text', text: number },
      ],
      [
        { kind: 'name', at: 'voidNumber' },
        { kind: 'text', text: '7700016' },
      ],
    ];
    expect(bits).toEqual([told('7700024'), told('D1')]);
  });
});
