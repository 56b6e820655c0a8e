import { describe, expect, it } from 'vitest';
import type { NewTask } from '../../../main/cache/operations.ts';
import { openCache, SERVER_TIME } from './support.ts';

const task = (resourceType: string, patients: readonly string[] | null, about: Partial<NewTask> = {}): NewTask => ({
  label: resourceType,
  resourceType,
  url: `${resourceType}?patient=${patients}`,
  patients,
  ...about,
});

/** A run for the patients a and b, and what ends a task of it by its number. */
function running(tasks: readonly NewTask[]) {
  const { read, write } = openCache();
  write.startRun({ tasks: [] });
  write.expandRun({ panel: ['a', 'b'], tasks });
  const done = (seq: number) => write.applyPage({ seq, resources: [], next: null, serverTime: SERVER_TIME });
  const refused = (seq: number) => write.refuseTask({ seq, serverTime: SERVER_TIME });
  const incomplete = (seq: number) => write.endTask({ seq, state: 'incomplete' });
  return { read, done, refused, incomplete };
}

describe('what a run did not get', () => {
  it('is told by type, for the patients whose records are missing', () => {
    const { read, done, refused, incomplete } = running([
      task('Condition', ['a', 'b']),
      task('Goal', ['a']),
      task('Goal', ['b']),
      task('Encounter', ['a', 'b']),
      // One of several searches that bring a type is enough for it to be a gap.
      task('Encounter', ['a']),
      task('Procedure', ['a', 'b']),
    ]);
    [2, 4, 6].forEach(done);
    [1, 3].forEach(refused);
    incomplete(5);
    // Nobody asked for the flags.
    expect(read.gaps({ types: ['Condition', 'Goal', 'Encounter', 'Procedure', 'Flag'] })).toEqual({
      Condition: ['a', 'b'],
      Goal: ['b'],
      Encounter: ['a'],
      Flag: ['a', 'b'],
    });
  });

  it('is not what an export has brought, nor what a comparison could not tell', () => {
    const { read, done, incomplete } = running([
      task('Group', ['a', 'b'], { kind: 'export', url: 'Group/g/$export?_type=Condition,Goal' }),
      task('Condition', ['a', 'b'], { kind: 'sweep' }),
    ]);
    done(1);
    incomplete(2);
    expect(read.gaps({ types: ['Condition', 'Goal', 'Flag'] })).toEqual({ Flag: ['a', 'b'] });
  });
});

describe('the tasks of a run', () => {
  const tasks = [
    task('Condition', ['a'], { phase: 'safety' }),
    task('Flag', ['a'], { phase: 'safety' }),
    task('Observation', ['a'], { phase: 'recent' }),
    task('Observation', ['a'], { phase: 'check', kind: 'sweep' }),
    task('Flag', ['b'], { phase: 'safety' }),
  ];

  it('are read by phase, kind and state, and so many after another one', () => {
    const { read, done } = running(tasks);
    done(1);
    const numbers = (...filter: Parameters<typeof read.tasks>) => read.tasks(...filter).map(({ seq }) => seq);
    expect(numbers({})).toEqual([1, 2, 3, 4, 5]);
    expect(numbers({ phase: 'safety' })).toEqual([1, 2, 5]);
    expect(numbers({ phase: 'safety', state: 'pending' })).toEqual([2, 5]);
    expect(numbers({ phase: 'safety', state: 'pending', after: 2, limit: 5 })).toEqual([5]);
    expect(numbers({ limit: 2 })).toEqual([1, 2]);
    expect(numbers({ kind: 'sweep' })).toEqual([4]);
  });

  it('are counted by phase', () => {
    const { read, done } = running(tasks);
    done(1);
    expect(read.run().phases.toSorted((a, b) => (a.phase < b.phase ? -1 : 1))).toEqual([
      { phase: 'check', total: 1, pending: 1 },
      { phase: 'recent', total: 1, pending: 1 },
      { phase: 'safety', total: 3, pending: 2 },
    ]);
  });
});
