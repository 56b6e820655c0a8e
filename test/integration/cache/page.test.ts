import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTrends } from '../../../main/cache/reads/results.ts';
import { fill, listsAll, openCache, SERVER_TIME, seesAll } from './support.ts';

const NEXT_RUN = '2026-03-02T10:00:00Z';

function patient(id: string, more: object = {}) {
  return { resourceType: 'Patient', id, meta: { versionId: '1', lastUpdated: SERVER_TIME }, ...more };
}

function condition(id: string, subject: string, more: object = {}) {
  return { resourceType: 'Condition', id, subject: { reference: `Patient/${subject}` }, code: { text: id }, ...more };
}

function withTasks(tasks: readonly { type: string; patients: string[] | null }[]) {
  const cache = openCache();
  cache.write.startRun({
    tasks: tasks.map(({ type, patients }) => ({ label: type, resourceType: type, url: type, patients })),
  });
  const page = (seq: number, resources: readonly unknown[], next: string | null = null, serverTime = SERVER_TIME) =>
    cache.write.applyPage({
      seq,
      resources: resources.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))),
      next,
      serverTime,
    });
  return { ...cache, page };
}

describe('a page', () => {
  test('keeps the text of a resource to the last byte', () => {
    const { page, read } = withTasks([{ type: 'Observation', patients: null }]);
    const body =
      '{ "resourceType":"Observation", "id":"o",\n "valueQuantity":{"value":1.50,"x":12345678901234567890,"y":1e2} , "é":"\\u00e9" }';
    page(1, [body]);
    expect(read.resource({ type: 'Observation', id: 'o' })).toBe(body);
    expect(read.resource({ type: 'Observation', id: 'other' })).toBeNull();
  });

  test('counts what is stored, unchanged and rejected, and stores the good beside the bad', () => {
    const { page, read } = withTasks([{ type: 'Patient', patients: null }]);
    const bad = [
      '',
      '{',
      '[]',
      'null',
      '"x"',
      '{"resourceType":"Patient"}',
      '{"resourceType":"Patient","id":"a/b"}',
      '{"id":"x"}',
    ];
    const outcome = { resourceType: 'OperationOutcome', id: 'ignored' };
    expect(page(1, [...bad, patient('p1'), outcome, patient('p1'), patient('p2')], 'more')).toEqual({
      stored: 2,
      unchanged: 1,
      rejected: bad.length,
      patients: ['p1', 'p2'],
    });
    expect(page(1, [patient('p2')])).toEqual({ stored: 0, unchanged: 1, rejected: 0, patients: [] });
    expect(read.versions().map(({ id }) => id)).toEqual(['p1', 'p2']);
  });

  test('replaces an older version, and never a newer one', () => {
    const { page, read } = withTasks([{ type: 'Patient', patients: null }]);
    const version = (versionId: string, lastUpdated: string) => patient('p', { meta: { versionId, lastUpdated } });
    page(1, [version('2', '2026-01-02T00:00:00Z')], 'more');
    expect(page(1, [version('1', '2026-01-01T00:00:00Z')], 'more').unchanged).toBe(1);
    expect(page(1, [version('9', '2026-01-02T01:00:00+02:00')], 'more').unchanged).toBe(1);
    expect(page(1, [version('3', '2026-01-03T00:00:00Z')]).stored).toBe(1);
    expect(read.versions()).toEqual([{ type: 'Patient', id: 'p', versionId: '3' }]);
  });

  test('a shortened version never takes the place of the same version whole', () => {
    const { page, read } = withTasks([{ type: 'Patient', patients: null }]);
    const meta = { versionId: '1', tag: [{ code: 'SUBSETTED' }] };
    expect(page(1, [patient('p', { meta })], 'more').stored).toBe(1);
    expect(page(1, [patient('p', { gender: 'female' })], 'more').stored).toBe(1);
    expect(page(1, [patient('p', { meta })]).unchanged).toBe(1);
    expect(read.resource({ type: 'Patient', id: 'p' })).toContain('female');
  });

  test('a record that moves to another patient leaves the first one’s chart', () => {
    const cache = openCache();
    fill(cache, ['a', 'b'], [patient('a'), patient('b'), condition('c', 'a')]);
    cache.write.startRun({ tasks: [{ label: 'x', resourceType: 'Condition', url: 'x', patients: null }] });
    const seq = cache.read.tasks({})[0]?.seq ?? 0;
    const moved = condition('c', 'b', { meta: { versionId: '2', lastUpdated: NEXT_RUN } });
    const applied = cache.write.applyPage({
      seq,
      resources: [JSON.stringify(moved)],
      next: null,
      serverTime: NEXT_RUN,
    });
    expect([...applied.patients].sort()).toEqual(['a', 'b']);
    expect(cache.read.chartSummary({ ...seesAll, patientId: 'a' })?.problems.items).toEqual([]);
    expect(cache.read.chartSummary({ ...seesAll, patientId: 'b' })?.problems.items).toHaveLength(1);
  });

  test('moves its cursor and its resources together, or neither', () => {
    const { page, read, db } = withTasks([{ type: 'Patient', patients: ['p1'] }]);
    page(1, [patient('p1')], 'page 2');
    db.exec(`CREATE TEMP TRIGGER fail BEFORE UPDATE ON sync_task BEGIN SELECT raise(ABORT, 'power'); END`);
    expect(() => page(1, [patient('p2')], 'page 3')).toThrow('power');
    expect(read.tasks({})[0]).toMatchObject({ next: 'page 2', state: 'pending' });
    expect(read.versions().map(({ id }) => id)).toEqual(['p1']);
    db.exec('DROP TRIGGER fail');
    // What was remembered in memory was rolled back too: the same page can be stored now.
    expect(page(1, [patient('p2'), condition('c', 'p2')])).toMatchObject({ stored: 2 });
    expect(read.tasks({})[0]).toMatchObject({ next: null, state: 'done' });
  });

  test('of an older plan is refused', () => {
    const { page, write } = withTasks([{ type: 'Patient', patients: null }]);
    write.startRun({ tasks: [{ label: 'x', resourceType: 'Patient', url: 'x', patients: null }] });
    expect(() => page(1, [patient('p1')])).toThrow('task-not-pending');
    expect(page(2, [patient('p1')]).stored).toBe(1);
    expect(() => page(2, [patient('p1')])).toThrow('task-not-pending');
  });

  test('gives the same cache however the resources are split, ordered and repeated', () => {
    const pool = [
      patient('a', { name: [{ family: 'Ng' }] }),
      patient('b'),
      condition('c1', 'a', { recordedDate: '2024' }),
      condition('c2', 'a', { recordedDate: '2024' }),
      condition('c3', 'b', { meta: { versionId: '1', lastUpdated: '2025-01-01T00:00:00Z' } }),
      condition('c3', 'b', { meta: { versionId: '2', lastUpdated: '2025-01-02T00:00:00Z' }, code: { text: 'newer' } }),
      {
        resourceType: 'Encounter',
        id: 'e',
        status: 'in-progress',
        subject: { reference: 'Patient/a' },
        location: [{ location: { reference: 'Location/bed' } }],
      },
      { resourceType: 'Location', id: 'bed', name: 'Bed 1', partOf: { reference: 'Location/ward' } },
      { resourceType: 'Location', id: 'ward', name: 'Ward 2' },
      ...['o1', 'o2', 'o3'].map((id, value) => ({
        resourceType: 'Observation',
        id,
        status: 'final',
        code: { text: 'Na' },
        subject: { reference: 'Patient/a' },
        effectiveDateTime: '2024-05-05',
        valueInteger: value,
      })),
    ];
    const stateAfter = (pages: readonly (readonly object[])[]) => {
      const { page, read, reader, write } = withTasks([{ type: 'Any', patients: ['a', 'b'] }]);
      write.expandRun({ panel: ['a', 'b'], tasks: [] });
      for (const [index, one] of pages.entries()) page(1, one, index === pages.length - 1 ? null : `page ${index}`);
      const list = read.patientList({
        ...listsAll,
        query: 'ward',
        sort: 'name',
        descending: false,
        offset: 0,
        limit: 10,
      });
      const charts = ['a', 'b'].map((patientId) => read.chartSummary({ ...seesAll, patientId }));
      return {
        versions: read.versions(),
        list,
        charts,
        trend: readTrends(reader, 'a', ['Na'], seesAll.sight, { conversion: () => null }),
        missing: read.missingReferences({ types: ['Location'] }),
      };
    };
    const expected = stateAfter([pool]);
    expect(expected.list.items[0]?.location).toBe('Ward 2, Bed 1');
    const shuffled = fc.shuffledSubarray(pool, { minLength: pool.length });
    const pages = fc.tuple(shuffled, fc.subarray(pool), fc.array(fc.nat(pool.length), { maxLength: 4 }));
    fc.assert(
      fc.property(pages, ([order, repeated, cuts]) => {
        const all = [...order, ...repeated];
        const edges = [0, ...cuts.sort((a, b) => a - b), all.length];
        expect(stateAfter(edges.slice(1).map((end, index) => all.slice(edges[index], end)))).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });
});

describe('sections', () => {
  const stateOf = (cache: ReturnType<typeof openCache>, patientId: string) => {
    const { state, asOf } = cache.read.chartSummary({ ...seesAll, patientId })?.problems ?? {};
    return [state, asOf];
  };

  test('are not fetched, partial, then complete as of the start of the run', () => {
    const cache = withTasks([
      { type: 'Patient', patients: ['p'] },
      { type: 'Condition', patients: ['p'] },
    ]);
    cache.page(1, [patient('p')]);
    expect(stateOf(cache, 'p')).toEqual(['not-fetched', null]);
    cache.page(2, [condition('c', 'p')], 'more', NEXT_RUN);
    expect(stateOf(cache, 'p')).toEqual(['partial', null]);
    cache.page(2, [], null, NEXT_RUN);
    expect(stateOf(cache, 'p')).toEqual(['complete', SERVER_TIME]);
    // The next run: complete as of before, until it is done.
    cache.write.startRun({ tasks: [{ label: 'x', resourceType: 'Condition', url: 'x', patients: ['p'] }] });
    cache.page(3, [], 'more', NEXT_RUN);
    expect(stateOf(cache, 'p')).toEqual(['complete', SERVER_TIME]);
    cache.page(3, [], null, NEXT_RUN);
    expect(stateOf(cache, 'p')).toEqual(['complete', NEXT_RUN]);
  });

  test('that more than one task brings are complete only when all are done', () => {
    const cache = withTasks([
      { type: 'Patient', patients: ['p'] },
      { type: 'Condition', patients: ['p'] },
      { type: 'Condition', patients: ['p', 'q'] },
    ]);
    cache.page(1, [patient('p')]);
    cache.page(2, []);
    // It is known as of then, and known not to be everything.
    expect(stateOf(cache, 'p')).toEqual(['partial', SERVER_TIME]);
    cache.page(3, []);
    expect(stateOf(cache, 'p')).toEqual(['complete', SERVER_TIME]);
  });

  test('security: are never complete when a record of theirs could not be stored', () => {
    const cache = withTasks([
      { type: 'Patient', patients: ['p'] },
      { type: 'Condition', patients: ['p'] },
    ]);
    cache.page(1, [patient('p')]);
    cache.page(2, ['{"resourceType":"Condition"}', condition('c', 'p')], 'more');
    cache.page(2, []);
    expect(stateOf(cache, 'p')).toEqual(['partial', SERVER_TIME]);
    expect(cache.read.tasks({})[1]?.state).toBe('incomplete');
  });

  test('that were refused say so, and partial where one part was', () => {
    const cache = withTasks([
      { type: 'Patient', patients: ['p', 'q'] },
      { type: 'Condition', patients: ['p'] },
      { type: 'Condition', patients: ['q'] },
      { type: 'Condition', patients: ['q'] },
    ]);
    cache.page(1, [patient('p'), patient('q')]);
    cache.write.refuseTask({ seq: 2, serverTime: NEXT_RUN });
    expect(stateOf(cache, 'p')).toEqual(['not-permitted', NEXT_RUN]);
    cache.write.refuseTask({ seq: 3, serverTime: NEXT_RUN });
    cache.page(4, []);
    expect(stateOf(cache, 'q')[0]).toBe('partial');
    expect(cache.read.run()).toMatchObject({ startedAt: SERVER_TIME, complete: false, asOf: null });
    cache.write.finishRun({ asOf: SERVER_TIME });
    expect(cache.read.run()).toMatchObject({ complete: true, asOf: SERVER_TIME });
  });
});

describe('care teams', () => {
  const team = (id: string, subject: string, more: object = {}, part: object = {}) => ({
    resourceType: 'CareTeam',
    id,
    status: 'active',
    subject: { reference: `Patient/${subject}` },
    participant: [{ member: { reference: 'https://ehr.example/fhir/Practitioner/me/_history/3' }, ...part }],
    ...more,
  });

  test('name the patients of a practitioner at a time', () => {
    const { page, read } = withTasks([{ type: 'CareTeam', patients: null }]);
    page(
      1,
      [
        team('t1', 'open'),
        team('t2', 'until', { period: { end: '2026-03-01' } }),
        team('t3', 'ended', { period: { end: '2026-02-28T23:59:59Z' } }),
        team('t4', 'later', { period: { start: '2026-03-02' } }),
        team('t5', 'inactive', { status: 'inactive' }),
        team('t6', 'error', { status: 'entered-in-error' }),
        team('t7', 'left', {}, { period: { end: '2020' } }),
        team('t8', 'unreadable', { period: { end: 'soon' } }),
        team('t9', 'other', { participant: [{ member: { reference: 'Practitioner/you' } }] }),
        team('t10', 'gap', {
          participant: [
            { member: { reference: 'Practitioner/me' }, period: { end: '2020' } },
            { member: { reference: 'Practitioner/me' }, period: { start: '2027' } },
          ],
        }),
      ],
      'more',
    );
    expect(read.panelPatients({ members: ['Practitioner/me'], at: SERVER_TIME })).toEqual(['open', 'until']);
    expect(read.panelPatients({ members: ['Practitioner/me'], at: 'nonsense' })).toEqual([]);
    page(1, [team('t1', 'open', { status: 'inactive', meta: { versionId: '2' } })]);
    expect(read.panelPatients({ members: ['Practitioner/me'], at: SERVER_TIME })).toEqual(['until']);
  });

  test('security: that the clinician has left, or is not on yet, relate her to nobody whom a Group keeps on the panel', () => {
    const { page, read, write } = withTasks([{ type: 'CareTeam', patients: null }]);
    const teams = [
      team('t1', 'now'),
      team('t2', 'left', {}, { period: { end: '2020' } }),
      team('t3', 'over', { period: { end: '2020' } }),
      team('t4', 'later', { period: { start: '2027' } }),
    ];
    page(1, teams);
    const patients = ['now', 'left', 'over', 'later'];
    write.expandRun({ panel: patients, tasks: [] });
    const practitioner = 'Practitioner/me';
    const related = patients.map((patientId) => read.standing({ patientId, practitioner, at: SERVER_TIME }).relation);
    expect(related).toEqual(['care-team', 'panel', 'panel', 'panel']);
    const all = read.standings({ patientIds: patients, practitioner });
    expect(patients.map((id) => all[id]?.relation)).toEqual(related);
  });

  test('and other records name what is missing, until it is here', () => {
    const { page, read } = withTasks([{ type: 'Encounter', patients: null }]);
    const encounter = {
      resourceType: 'Encounter',
      id: 'e',
      subject: { reference: 'Patient/p' },
      location: [{ location: { reference: 'Location/l1' } }],
      participant: [{ individual: { reference: 'https://x/Practitioner/d' } }],
    };
    page(1, [encounter], 'more');
    expect(read.missingReferences({ types: ['Location', 'Practitioner', 'Nothing'] })).toEqual([
      { type: 'Location', id: 'l1' },
      { type: 'Practitioner', id: 'd' },
    ]);
    page(1, [{ resourceType: 'Location', id: 'l1', partOf: { reference: 'Location/l2' } }]);
    expect(read.missingReferences({ types: ['Location'] })).toEqual([{ type: 'Location', id: 'l2' }]);
  });
});
