import { describe, expect, it } from 'vitest';
import type { NewTask, TaskKind } from '../../../main/cache/operations.ts';
import { fill, openCache, SERVER_TIME, seesAll } from './support.ts';

const LATER = '2026-03-01T11:00:00Z';
const patient = (id: string) => ({ resourceType: 'Patient', id });
const condition = { resourceType: 'Condition', id: 'c', subject: { reference: 'Patient/p1' } };

/** A cache with one patient's finished run, which has begun another. */
function ward() {
  const cache = openCache();
  const { read, write } = cache;
  fill(cache, ['p1'], [patient('p1'), condition]);
  const knows = (type = 'Condition', id = 'p1') => {
    const section = read
      .knownSections({ patientId: id, ...seesAll })
      ?.find(({ resourceType }) => resourceType === type);
    return section && { state: section.state, asOf: section.asOf };
  };
  const pending = (kind: TaskKind, type = 'Condition') =>
    read.tasks({ state: 'pending' }).find((task) => task.kind === kind && task.resourceType === type)!;
  return {
    ...cache,
    knows,
    pending,
    begin: (...tasks: NewTask[]) => {
      write.startRun({ tasks });
      write.expandRun({ panel: ['p1', 'p2'], tasks: [] });
    },
    ends: (kind: TaskKind, resources: readonly object[] = []) =>
      write.applyPage({
        seq: pending(kind).seq,
        resources: resources.map((one) => JSON.stringify(one)),
        next: null,
        serverTime: LATER,
      }),
    finish: () => write.finishRun({ asOf: LATER }),
  };
}

const task = (kind: TaskKind, patients: string[] | null): NewTask => ({
  label: 'Problems',
  resourceType: 'Condition',
  url: `Condition?kind=${kind}`,
  patients,
  kind,
});

const before = { state: 'complete', asOf: SERVER_TIME };
const now = { state: 'complete', asOf: LATER };

describe('a section says that it is whole only as of a time of which its deletions are known', () => {
  it('keeps its earlier time until the history of its type was read to the end', () => {
    const { begin, ends, knows } = ward();
    begin(task('search', ['p1']), task('history', null));
    ends('search');
    expect(knows()).toEqual(before);
    ends('history');
    expect(knows()).toEqual(now);
  });

  it('moves on at once where the history was read first, and where the server has none', () => {
    const told = ward();
    told.begin(task('search', ['p1']), task('history', null));
    told.ends('history');
    expect(told.knows()).toEqual(before);
    told.ends('search');
    expect(told.knows()).toEqual(now);

    const untold = ward();
    untold.begin(task('search', ['p1']));
    untold.ends('search');
    expect(untold.knows()).toEqual(now);
  });

  it('waits for the end of the run, with its comparison, where the history could not be had', () => {
    const { begin, ends, knows, pending, write, finish } = ward();
    begin(task('search', ['p1']), task('history', null));
    ends('search');
    write.endTask({ seq: pending('history').seq, state: 'incomplete' });
    expect(knows()).toEqual(before);
    finish();
    expect(knows()).toEqual(now);
  });

  it('waits for the comparison of a patient who has returned', () => {
    const { begin, ends, knows, finish } = ward();
    begin(task('search', ['p1']), task('sweep', ['p1']));
    ends('search');
    ends('sweep');
    // What it found is still to be asked for.
    expect(knows()).toEqual(before);
    finish();
    expect(knows()).toEqual(now);
  });

  it('is whole as soon as it was fetched for a patient who is new: of her nothing is here that could be deleted', () => {
    const { begin, ends, knows } = ward();
    begin(task('search', ['p1', 'p2']), task('history', null));
    ends('search', [patient('p2')]);
    expect(knows('Condition', 'p2')).toEqual(now);
    expect(knows('Condition', 'p1')).toEqual(before);
  });

  it('is partial until the run has ended where a record may have slipped between two pages, or the server was reset', () => {
    const { begin, ends, knows, pending, write, finish } = ward();
    begin(task('search', ['p1', 'p2']), { ...task('search', ['p2']), resourceType: 'Flag', url: 'Flag?patient=p2' });
    const moved = { ...condition, meta: { versionId: '2', lastUpdated: '2026-03-01T11:30:00Z' } };
    const page = (next: string | null, ...entries: object[]) =>
      write.applyText({
        seq: pending('search').seq,
        text: JSON.stringify({
          resourceType: 'Bundle',
          type: 'searchset',
          link: next === null ? [] : [{ relation: 'next', url: next }],
          entry: entries.map((resource) => ({ resource })),
        }),
        base: 'https://server/fhir/',
        asked: [],
        serverTime: LATER,
      });
    page('https://server/fhir/Condition?page=2', patient('p2'));
    page(null, moved);
    expect([knows('Condition', 'p1')?.asOf, knows('Condition', 'p2')?.state]).toEqual([SERVER_TIME, 'partial']);
    // Another search was not on those pages.
    write.applyPage({ seq: pending('search', 'Flag').seq, resources: [], next: null, serverTime: LATER });
    expect(knows('Flag', 'p2')).toEqual(now);
    finish();
    expect([knows('Condition', 'p1'), knows('Condition', 'p2')]).toEqual([now, now]);

    write.acceptServer();
    write.startRun({ tasks: [task('search', ['p1'])] });
    ends('search');
    expect(knows()?.state).toBe('partial');
    finish();
    expect(knows()).toEqual(now);
  });
});
