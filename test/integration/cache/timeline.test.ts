import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openInMemory } from '../../../main/cache/open.ts';
import { createReads } from '../../../main/cache/reads/index.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import { createWrites } from '../../../main/cache/writes/index.ts';
import { type TimelineEntry, type TimelineFilter, timeline } from '../../../preload/contract/timeline.ts';
import { fill, seesAll } from './support.ts';

const ALL: TimelineFilter = { kinds: [], text: '', from: null, to: null, withdrawn: false };
const subject = { reference: 'Patient/p' };

function openWith(resources: readonly object[]) {
  const db = openInMemory(cacheMigrations);
  const store = { read: createReads(db), write: createWrites(db) };
  fill(store, ['p', 'q'], [{ resourceType: 'Patient', id: 'p' }, { resourceType: 'Patient', id: 'q' }, ...resources]);
  const asked = (filter: Partial<TimelineFilter> = {}) => ({
    ...seesAll,
    patientId: 'p',
    filter: { ...ALL, ...filter },
  });
  const outline = (filter?: Partial<TimelineFilter>) => store.read.timelineOutline(asked(filter));
  const page = (after: string | null, filter?: Partial<TimelineFilter>) =>
    store.read.timelinePage({ ...asked(filter), after })?.items ?? [];
  return {
    ...store,
    db,
    outline,
    page,
    titles: (filter?: Partial<TimelineFilter>) => page(null, filter).map(({ title }) => title),
  };
}

/** All pages by the marks of the outline, and all by the last entry of the one before. */
function bothWays({ outline, page }: ReturnType<typeof openWith>, filter: Partial<TimelineFilter>) {
  const told = outline(filter);
  const marked = [null, ...(told?.marks ?? [])].map((mark) => page(mark, filter));
  const followed: TimelineEntry[][] = [];
  for (let after: string | null = null; ; ) {
    const items = page(after, filter);
    // A page that repeats itself must fail the test, not keep it from ending.
    if (items.length === 0 || followed.length > 10) break;
    followed.push(items);
    after = items.at(-1)?.key ?? null;
  }
  return { told, marked, followed };
}

const VITAL = [{ coding: [{ code: 'vital-signs' }] }];
const kind = fc.constantFrom('Condition', 'Observation', 'Encounter', 'Procedure', 'Immunization', 'DocumentReference');
const record = fc.record({
  kind,
  day: fc.option(fc.integer({ min: 0, max: 90 })),
  wrong: fc.boolean(),
  vital: fc.boolean(),
});

function resourceOf(
  { kind, day, wrong, vital }: typeof record extends fc.Arbitrary<infer One> ? One : never,
  at: number,
) {
  const date =
    day === null ? undefined : new Date(Date.UTC(2026, 0, 1 + Math.floor(day / 3), (day % 3) * 7)).toISOString();
  const status = wrong ? { status: 'entered-in-error' } : { status: 'final' };
  const common = { resourceType: kind, id: `r${at}`, subject, ...status, code: { text: `Word${at}` } };
  if (kind === 'Observation')
    return { ...common, ...(vital && { category: VITAL }), effectiveDateTime: date, valueInteger: at };
  if (kind === 'Encounter') return { ...common, period: { start: date } };
  if (kind === 'DocumentReference') return { ...common, date };
  return { ...common, recordedDate: date, occurrenceDateTime: date };
}

describe('the timeline of a patient', () => {
  test('holds every record once, newest first, whichever way its pages are asked for', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 250, minLength: 80 }), fc.boolean(), (records, withdrawn) => {
        const store = openWith(records.map(resourceOf));
        const { told, marked, followed } = bothWays(store, { withdrawn });
        expect(marked).toEqual(followed.length === 0 ? [[]] : followed);
        const entries = followed.flat();
        expect(entries.length).toBe(told?.total);
        expect(told?.months.reduce((sum, { count }) => sum + count, 0)).toBe(told?.total);
        const order = entries.map(({ time }) => (time === null ? Number.POSITIVE_INFINITY : -Date.parse(time)));
        expect(order).toEqual(order.toSorted((a, b) => a - b));
        const expected = records.filter(({ wrong }) => withdrawn || !wrong).length;
        expect(entries.reduce((sum, { count }) => sum + count, 0)).toBe(expected);
        const ids = entries.flatMap(({ key, count, id }) =>
          count === 1
            ? [id]
            : (store.read.timelineGroup({ ...seesAll, patientId: 'p', key })?.items ?? []).map((one) => one.id),
        );
        expect(new Set(ids).size).toBe(expected);
        // What was entered in error is never counted, shown or not.
        const right = records.filter(({ wrong }) => !wrong);
        const counted = told?.kinds.find((one) => one.kind === 'problem')?.count;
        expect(counted).toBe(right.filter(({ kind }) => kind === 'Condition').length);
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  const observation = (id: string, more: object) => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    subject,
    code: { text: id },
    effectiveDateTime: '2026-02-01T08:00:00Z',
    ...more,
  });

  test('reads the measurements of one time as one entry under the name of their report, the abnormal ones first', () => {
    const high = { valueQuantity: { value: 6.9 }, interpretation: [{ coding: [{ code: 'HH' }] }] };
    const store = openWith([
      ...Array.from({ length: 10 }, (_, at) => observation(`value-${at}`, { valueInteger: at })),
      observation('potassium', high),
      observation('pulse', { category: VITAL, valueInteger: 80 }),
      {
        resourceType: 'DiagnosticReport',
        id: 'd',
        subject,
        code: { text: 'Renal panel' },
        effectiveDateTime: '2026-02-01T08:00:00Z',
      },
    ]);
    const [first, second] = store.page(null).toSorted((a, b) => b.count - a.count);
    expect(first).toMatchObject({ kind: 'result', title: 'Renal panel', count: 12, abnormal: 1 });
    expect(first?.values[0]).toMatchObject({ name: 'potassium', value: '6.9', flag: 'critical-high' });
    expect(second).toMatchObject({ kind: 'vital', title: 'pulse', count: 1 });
    const group = store.read.timelineGroup({ ...seesAll, patientId: 'p', key: first?.key ?? '' });
    expect(group?.items.map(({ type }) => type)).toContain('DiagnosticReport');
    expect(new Set(group?.items.map(({ key }) => key)).size).toBe(12);
  });

  test('is filtered by kind, by words in any order and accent, and by time; what has no time is in no span of it', () => {
    const store = openWith([
      { resourceType: 'Condition', id: 'a', subject, code: { text: 'Fièvre élevée' }, recordedDate: '2026-02-01' },
      { resourceType: 'Procedure', id: 'b', subject, code: { text: 'Fièvre' }, performedDateTime: '2026-01-01' },
      { resourceType: 'Goal', id: 'c', subject, description: { text: 'No fever' } },
    ]);
    expect(store.titles()).toEqual(['Fièvre élevée', 'Fièvre', 'No fever']);
    expect(store.titles({ text: 'ELEVEE fie' })).toEqual(['Fièvre élevée']);
    expect(store.titles({ kinds: ['procedure', 'plan'] })).toEqual(['Fièvre', 'No fever']);
    expect(store.titles({ from: '2026-01-15T00:00:00Z' })).toEqual(['Fièvre élevée']);
    expect(store.titles({ to: '2026-02-01T00:00:00Z' })).toEqual(['Fièvre']);
    expect(store.outline()?.months).toEqual([
      { month: '2026-02', count: 1 },
      { month: '2026-01', count: 1 },
      { month: null, count: 1 },
    ]);
  });

  test('marks what was entered in error, and leaves it out unless it is asked for', () => {
    const wrong = observation('wrong', { status: 'entered-in-error', valueInteger: 1 });
    const store = openWith([wrong, observation('right', { valueInteger: 2 })]);
    expect(store.titles()).toEqual(['right']);
    expect(store.page(null, { withdrawn: true }).map(({ title, withdrawn }) => [title, withdrawn])).toEqual([
      ['wrong', true],
      ['right', false],
    ]);
    expect(store.outline({ withdrawn: true })?.kinds.find(({ kind }) => kind === 'result')?.count).toBe(1);
  });

  test('says of each kind how it stands: complete, never fetched, not permitted', () => {
    const store = openWith([{ resourceType: 'Condition', id: 'a', subject, code: { text: 'Fever' } }]);
    const states = (types: string[]) => {
      const sight = { ...seesAll.sight, shown: { types, labels: [] } };
      const told = store.read.timelineOutline({ sight, patientId: 'p', filter: ALL });
      return Object.fromEntries(told?.kinds.map(({ kind, state }) => [kind, state]) ?? []);
    };
    expect(states(seesAll.sight.shown.types as string[])).toMatchObject({ problem: 'complete', task: 'not-fetched' });
    expect(states(['Patient'])).toMatchObject({ problem: 'not-permitted', task: 'not-fetched' });
  });

  test('shows any resource, whatever is in it, within what the contract allows', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(60)}1${'}'.repeat(60)}`);
    const store = openWith([
      {
        resourceType: 'Basic',
        id: 'odd',
        subject,
        code: 7,
        status: ['x'],
        nested: deep,
        created: 'never',
        list: Array(500).fill(deep),
      },
      { resourceType: 'Condition', id: 'long', subject, code: { text: 'x'.repeat(100_000) } },
    ]);
    const sight = { ...seesAll.sight, shown: { types: [...seesAll.sight.shown.types, 'Basic'], labels: [] } };
    const items = store.read.timelinePage({ sight, patientId: 'p', filter: ALL, after: null });
    expect(timeline.calls.page.response.safeParse(items).success).toBe(true);
    expect(items?.items.map(({ kind }) => kind).toSorted()).toEqual(['other', 'problem']);
    for (const [type, id] of [
      ['Basic', 'odd'],
      ['Condition', 'long'],
    ] as const) {
      const told = store.read.record({ sight, patientId: 'p', type, id, version: null });
      expect(timeline.calls.record.response.safeParse(told).error).toBeUndefined();
      expect(told?.fields.length).toBeGreaterThan(0);
    }
  });

  test('shows a form as one, with its first answers and its score, and never an extension', () => {
    const question = (text: string, ...answer: object[]) => ({ linkId: text.slice(0, 4), text, answer });
    const masked = [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }];
    const store = openWith([
      {
        ...{ resourceType: 'QuestionnaireResponse', id: 'f', subject, status: 'in-progress' },
        ...{ authored: '2026-02-01T08:00:00Z', questionnaire: 'https://hospital.example/fhir/Questionnaire/skin|2' },
        extension: [
          { url: 'https://wardlight.org/fhir/StructureDefinition/form-title', valueString: 'Skin risk' },
          { url: 'https://hospital.example/canary-url', valueString: 'Canary of an extension' },
        ],
        item: [
          {
            ...{ linkId: 'g', text: 'How the patient is' },
            item: [
              question('Feels pressure', { valueBoolean: false }),
              question('Skin', { valueCoding: { code: 'd', display: 'Dry' } }, { valueString: 'Cracked' }),
              question('Hidden one', { _valueString: { extension: masked } }),
              question('Since', { valueDate: '2026-01-31' }),
              question('Weight', { valueQuantity: { value: 71.5, unit: 'kg' } }),
            ],
          },
          question('Points', { valueInteger: 7 }),
        ],
      },
    ]);
    const [entry] = store.page(null, { kinds: ['form'] });
    expect(entry).toMatchObject({ kind: 'form', title: 'Skin risk', status: 'in-progress' });
    const [score, feels, skin, hidden, ...more] = entry?.details ?? [];
    expect(score).toEqual([
      { kind: 'text', text: 'Points: ' },
      { kind: 'text', text: '7' },
    ]);
    expect(feels?.[1]).toEqual({ kind: 'yes', yes: false });
    expect(skin?.map((bit) => 'text' in bit && bit.text).join('')).toBe('Skin: Dry, Cracked');
    expect(hidden?.[1]).toEqual({ kind: 'hidden', how: 'masked' });
    expect(more).toEqual([]);
    expect(store.page(null, { kinds: ['other'] })).toEqual([]);
    expect(store.titles({ text: 'cracked' })).toEqual(['Skin risk']);
    const record = store.read.record({
      ...seesAll,
      ...{ patientId: 'p', type: 'QuestionnaireResponse', id: 'f', version: null, at: null },
    });
    expect(record).toMatchObject({ kind: 'form', omitted: 1 });
    expect(JSON.stringify([entry, record])).not.toMatch(/canary|form-title/i);
    expect(JSON.stringify(record?.fields)).toContain('71.5 kg');
  });

  test('is filtered by the page’s words for codes, and by no English ones of its own', () => {
    const daily = { frequency: 2, period: 1, periodUnit: 'd' };
    const store = openWith([
      {
        ...{ resourceType: 'AllergyIntolerance', id: 'a', patient: subject, criticality: 'high' },
        ...{ code: { text: 'Latex' }, clinicalStatus: { coding: [{ code: 'active' }] } },
      },
      { resourceType: 'Procedure', id: 'b', subject, status: 'completed' },
      {
        ...{ resourceType: 'Observation', id: 'c', subject, status: 'final', effectiveDateTime: '2026-01-01' },
        ...{ code: { text: 'Pulse', coding: [{ system: 'http://loinc.org', code: '8867-4' }] }, valueInteger: 80 },
      },
    ]);
    for (const english of ['criticality', 'record', 'unnamed', 'active']) {
      expect(store.titles({ text: english })).toEqual([]);
    }
    const coded = (word: string, ...codes: string[]) => store.titles({ text: `LAT ${word}`, coded: [{ word, codes }] });
    expect(coded('alta', 'criticality:high')).toEqual(['Latex']);
    expect(coded('activa', 'clinicalStatus:x', 'status:active')).toEqual(['Latex']);
    expect(coded('baja', 'criticality:low')).toEqual([]);
    const taken = {
      ...{ resourceType: 'MedicationStatement', id: 'd', subject, status: 'active' },
      ...{ medicationCodeableConcept: { text: 'Ramosol' }, dosage: [{ timing: { repeat: daily } }] },
    };
    const medicines = openWith([taken]);
    const often = (word: string, code: string) =>
      medicines.titles({ text: `ramosol ${word}`, coded: [{ word, codes: [`phrase:${code}`] }] });
    expect(often('diarias', 'twice-daily')).toEqual(['Ramosol']);
    expect(often('semanal', 'once-a-week')).toEqual([]);
    expect(medicines.titles({ text: 'twice' })).toEqual([]);
    const measured = { text: 'cardíaca', coded: [{ word: 'cardiaca', codes: ['http://loinc.org|8867-4'] }] };
    expect(store.page(null, measured).map(({ id }) => id)).toEqual(['c']);
  });

  test('security: shows no record of another patient, nor one that may not be seen', () => {
    const R = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }];
    const hidden = {
      resourceType: 'Condition',
      id: 'h',
      subject,
      meta: { security: R },
      code: { text: 'Canary hidden' },
    };
    const foreign = {
      resourceType: 'Condition',
      id: 'f',
      subject: { reference: 'Patient/q' },
      code: { text: 'Canary other' },
    };
    const values = {
      resourceType: 'Observation',
      id: 'o',
      subject,
      status: 'final',
      meta: { security: R },
      code: { text: 'Canary value' },
      valueInteger: 1,
    };
    const { read } = openWith([hidden, foreign, values]);
    const asked = { patientId: 'p', sight: { ...seesAll.sight, newest: 2 } };
    for (const text of ['', 'canary']) {
      const filter = { ...ALL, text };
      const told = [read.timelineOutline({ ...asked, filter }), read.timelinePage({ ...asked, filter, after: null })];
      expect(told[0]).toMatchObject({ total: 0 });
      expect(JSON.stringify(told)).not.toContain('Canary');
    }
    for (const id of ['h', 'f']) expect(read.record({ ...asked, type: 'Condition', id, version: null })).toBeNull();
  });
});
