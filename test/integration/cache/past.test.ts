import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openInMemory } from '../../../main/cache/open.ts';
import { createReads } from '../../../main/cache/reads/index.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import { createWrites } from '../../../main/cache/writes/index.ts';
import type { TimelineFilter } from '../../../preload/contract/timeline.ts';
import { saidText } from '../../support/said.ts';
import { seesAll } from './support.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 10, minute)).toISOString();
const ALL: TimelineFilter = { kinds: [], text: '', from: null, to: null, withdrawn: true };
const TYPES = ['Patient', 'Condition', 'Observation', 'Encounter'] as const;

function openStore() {
  const db = openInMemory(cacheMigrations);
  return { db, read: createReads(db), write: createWrites(db) };
}
type Store = ReturnType<typeof openStore>;

/** What one run brings: new versions, and what the server has deleted. */
interface Step {
  readonly stored: readonly { type: (typeof TYPES)[number]; n: number; word: number }[];
  readonly deleted: readonly { type: (typeof TYPES)[number]; n: number }[];
}

function bodyOf({ type, n, word }: Step['stored'][number], minute: number): object {
  const meta = { versionId: `v${minute}`, lastUpdated: at(minute) };
  if (type === 'Patient') return { resourceType: type, id: 'p', meta, name: [{ family: `Name${word}` }] };
  const common = { resourceType: type, id: `${type}-${n}`, meta, subject: { reference: 'Patient/p' } };
  const status = word === 0 ? 'entered-in-error' : 'final';
  const date = `2026-02-${String(10 + word).padStart(2, '0')}`;
  if (type === 'Condition')
    return { ...common, code: { text: `Problem ${word}` }, ...(word > 2 && { recordedDate: date }) };
  if (type === 'Encounter')
    return {
      ...common,
      status: word > 3 ? 'in-progress' : 'finished',
      location: [{ location: { display: `Ward ${word}` } }],
    };
  return { ...common, status, code: { text: `Code ${n}` }, valueInteger: word, effectiveDateTime: date };
}

/** One finished run at a minute. */
function run({ read, write }: Store, { stored, deleted }: Step, minute: number): void {
  const time = at(minute);
  write.startRun({ tasks: TYPES.map((type) => ({ label: type, resourceType: type, url: type, patients: ['p'] })) });
  for (const { seq, resourceType } of read.tasks({})) {
    const bodies = stored.filter(({ type }) => type === resourceType).map((one) => JSON.stringify(bodyOf(one, minute)));
    write.applyPage({ seq, resources: bodies, next: null, serverTime: time });
  }
  for (const { type, n } of deleted) {
    const id = type === 'Patient' ? 'nobody' : `${type}-${n}`;
    write.appendTasks({
      tasks: [{ label: 'r', resourceType: type, url: `${type}/${id}`, patients: null, kind: 'read' }],
    });
    write.applyGone({ seq: read.tasks({}).at(-1)?.seq ?? 0, how: 'gone', serverTime: time });
  }
  write.finishRun({ asOf: time });
}

/** All that a chart shows, without what numbers the rows. */
function seen({ read }: Store, asOf?: string) {
  const asked = { ...seesAll, patientId: 'p', asOf };
  const summary = read.chartSummary(asked);
  const items = read.timelinePage({ ...asked, filter: ALL, after: null })?.items ?? null;
  const outline = read.timelineOutline({ ...asked, filter: ALL });
  return {
    summary: summary && { ...summary, patient: { ...summary.patient, lastUpdated: null } },
    groups: read.resultGroups(asked),
    outline: outline && { ...outline, marks: outline.marks.length },
    items: items
      ?.map(
        ({ key, ...item }) =>
          `${key.split('_')[0]} ${JSON.stringify({ ...item, id: '', values: item.values.toSorted((a, b) => (a.code < b.code ? -1 : 1)) })}`,
      )
      .toSorted(),
  };
}

const type = fc.constantFrom(...TYPES);
const n = fc.integer({ min: 0, max: 3 });
const step: fc.Arbitrary<Step> = fc.record({
  stored: fc.uniqueArray(fc.record({ type, n, word: fc.integer({ min: 0, max: 6 }) }), {
    maxLength: 6,
    selector: (one) => (one.type === 'Patient' ? 'p' : `${one.type} ${one.n}`),
  }),
  deleted: fc.array(fc.record({ type, n }), { maxLength: 2 }),
});
const born: Step = { stored: [{ type: 'Patient', n: 0, word: 1 }], deleted: [] };

describe('a chart as of a moment', () => {
  test('is the chart that a workstation has which has seen the runs up to then, and no more', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (more) => {
        const steps = [born, ...more];
        const whole = openStore();
        for (const [minute, one] of steps.entries()) run(whole, one, minute);
        const then = openStore();
        steps.forEach((one, minute) => {
          run(then, one, minute);
          expect(seen(whole, at(minute))).toEqual(seen(then));
        });
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  test('holds nothing before the first run, and says since when anything is known', () => {
    const store = openStore();
    run(store, born, 5);
    expect(store.read.chartSummary({ ...seesAll, patientId: 'p', asOf: at(4) })).toBeNull();
    expect(store.read.pastMoments({ ...seesAll, patientId: 'p' })).toEqual({ since: at(5), syncs: [at(5)] });
  });

  test('is gone with the patient who is purged', () => {
    const store = openStore();
    run(store, born, 1);
    run(store, { stored: [{ type: 'Condition', n: 1, word: 3 }], deleted: [] }, 2);
    store.write.expandRun({ panel: [], tasks: [] });
    store.write.purgePatients({ patientIds: ['p'] });
    expect(store.read.chartSummary({ ...seesAll, patientId: 'p', asOf: at(2) })).toBeNull();
    expect(store.db.prepare('SELECT count(*) FROM section_past').pluck().get()).toBe(0);
  });

  test('takes no copy of the texts that have not changed since', () => {
    const { db, write } = openStore();
    let past: ReturnType<typeof openInMemory> | null = null;
    const read = createReads(db, Date.now, () => {
      past = openInMemory(cacheMigrations);
      return past;
    });
    const store = { db, read, write };
    run(store, born, 0);
    write.startRun({ tasks: [{ label: 'x', resourceType: 'Condition', url: 'x', patients: ['p'] }] });
    const note = [{ text: 'x'.repeat(50_000) }];
    const problems = Array.from({ length: 100 }, (_, n) => ({
      ...{ resourceType: 'Condition', id: `c${n}`, meta: { versionId: '1', lastUpdated: at(1) }, note },
      ...{ subject: { reference: 'Patient/p' }, code: { text: `Problem ${n}` } },
    }));
    const { seq } = read.tasks({})[0] ?? { seq: 0 };
    write.applyPage({
      ...{ seq, next: null, serverTime: at(1) },
      resources: problems.map((one) => JSON.stringify(one)),
    });
    const chart = read.chartSummary({ ...seesAll, patientId: 'p', asOf: at(2) });
    expect(chart?.problems.items.map(({ text }) => text)).toContain('Problem 99');
    const size = (name: string) => Number(past?.pragma(name, { simple: true }));
    expect(size('page_count') * size('page_size')).toBeLessThan(2_000_000);
  });

  test('names people and places as they were called then', () => {
    const store = openStore();
    const version = (minute: number, family: string) =>
      JSON.stringify({
        resourceType: 'Practitioner',
        id: 'd',
        meta: { versionId: `v${minute}`, lastUpdated: at(minute) },
        name: [{ family }],
      });
    const request = JSON.stringify({
      resourceType: 'MedicationRequest',
      id: 'm',
      meta: { versionId: '1', lastUpdated: at(1) },
      status: 'active',
      subject: { reference: 'Patient/p' },
      medicationCodeableConcept: { text: 'Aspirin' },
      requester: { reference: 'Practitioner/d' },
    });
    run(store, born, 0);
    for (const [minute, bodies] of [
      [1, [request, version(1, 'Maiden')]],
      [3, [version(3, 'Married')]],
    ] as const) {
      store.write.startRun({ tasks: [{ label: 'x', resourceType: 'MedicationRequest', url: 'x', patients: ['p'] }] });
      store.write.applyPage({
        seq: store.read.tasks({})[0]?.seq ?? 0,
        resources: bodies,
        next: null,
        serverTime: at(minute),
      });
    }
    const author = (asOf?: string) =>
      store.read.chartSummary({ ...seesAll, patientId: 'p', asOf })?.medications.items[0]?.author;
    expect([author(at(2)), author()]).toEqual(['Maiden', 'Married']);
  });
});

describe('security: what is known of the past is judged by the rights of today', () => {
  const R = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }];
  const problem = (minute: number, security: object[]) =>
    JSON.stringify({
      resourceType: 'Condition',
      id: 'c',
      meta: { versionId: `v${minute}`, lastUpdated: at(minute), security },
      subject: { reference: 'Patient/p' },
      code: { text: `Secret ${minute}` },
    });

  function withVersions(...marks: object[][]): Store {
    const store = openStore();
    run(store, born, 0);
    marks.forEach((security, index) => {
      store.write.startRun({ tasks: [{ label: 'x', resourceType: 'Condition', url: 'x', patients: ['p'] }] });
      store.write.applyPage({
        seq: store.read.tasks({})[0]?.seq ?? 0,
        resources: [problem(index + 1, security)],
        next: null,
        serverTime: at(index + 1),
      });
    });
    return store;
  }
  const sight = { ...seesAll.sight, newest: 1 };
  const told = ({ read }: Store, asOf?: string) => {
    const asked = { sight, patientId: 'p', asOf };
    return JSON.stringify([
      read.chartSummary(asked),
      read.timelinePage({ ...asked, filter: ALL, after: null }),
      read.timelineOutline({ ...asked, filter: { ...ALL, text: 'secret' } })?.total,
      read.record({ ...asked, type: 'Condition', id: 'c', version: null }),
    ]);
  };

  test.each([
    ['restricted since', [[], R]],
    ['restricted then', [R, []]],
    ['restricted always', [R, R]],
  ])('security: a version of a record that is %s is shown by no look at the past', (_, marks) => {
    const store = withVersions(...(marks as object[][]));
    expect(told(store, at(1))).not.toContain('Secret 1');
    expect(told(store)).not.toContain('Secret 1');
    // Nothing else is in the way: who may see it sees it.
    const may = { ...sight, shown: { ...sight.shown, labels: [1] } };

    const chart = store.read.chartSummary({ sight: may, patientId: 'p', asOf: at(1) });
    expect(chart?.problems.items.map(({ text }) => text)).toEqual(['Secret 1']);
  });

  test('security: a record that the server does not let be read any longer has no past either', () => {
    const store = withVersions([], []);
    store.write.appendTasks({
      tasks: [{ label: 'r', resourceType: 'Condition', url: 'Condition/c', patients: null, kind: 'read' }],
    });
    store.write.applyGone({ seq: store.read.tasks({}).at(-1)?.seq ?? 0, how: 'unavailable', serverTime: at(9) });
    for (const asOf of [at(1), at(2), undefined]) expect(told(store, asOf)).not.toContain('Secret');
  });

  test('security: versions of another patient’s are not among those of this one’s', () => {
    const store = withVersions([]);
    const moved = problem(2, []).replace('Patient/p', 'Patient/q');
    store.write.appendTasks({ tasks: [{ label: 'x', resourceType: 'Condition', url: 'x', patients: ['q'] }] });
    store.write.applyPage({
      seq: store.read.tasks({}).at(-1)?.seq ?? 0,
      resources: [moved],
      next: null,
      serverTime: at(2),
    });
    const record = store.read.record({ ...seesAll, patientId: 'p', type: 'Condition', id: 'c', version: null });
    expect(saidText(record?.fields.find(({ path }) => path === 'code')?.said)).toBe('Secret 1');
    expect(record).toMatchObject({ hidden: 1, versions: [{ versionId: 'v1' }] });
  });

  test('security: a type that may not be read is told of by no version', () => {
    const store = withVersions([], []);
    const blind = { ...seesAll.sight, shown: { types: ['Patient'], labels: [] } };
    const asked = { patientId: 'p', sight: blind, type: 'Condition', id: 'c', version: null };
    expect(store.read.record(asked)).toBeNull();
    expect(store.read.record({ ...asked, asOf: at(1) })).toBeNull();
  });
});
