import { describe, expect, it } from 'vitest';
import type { SyncTask } from '../../../main/cache/operations.ts';
import { careTeamTask, gapsOf, recordTasks, referenceTasks } from '../../../main/sync/plan.ts';

const panel = Array.from({ length: 60 }, (_, at) => `p${at}`);
const all = { panel, known: new Set<string>(), asOf: null, gaps: {}, searchable: null };
const typesOf = (tasks: { resourceType: string }[]) => [...new Set(tasks.map(({ resourceType }) => resourceType))];

describe('the plan of a sync', () => {
  it('fetches first what is dangerous not to know', () => {
    const types = typesOf(recordTasks(all));
    expect(types.slice(0, 4)).toEqual(['Patient', 'AllergyIntolerance', 'MedicationRequest', 'MedicationStatement']);
    expect(types).toContain('DocumentReference');
  });

  it('asks for every patient of the panel exactly once for each type, in searches of bearable length', () => {
    const tasks = recordTasks({ ...all, known: new Set(panel.slice(0, 30)), asOf: '2026-01-01T00:00:00Z' });
    for (const type of typesOf(tasks)) {
      const mine = tasks.filter(({ resourceType }) => resourceType === type);
      expect(mine.flatMap(({ patients }) => patients ?? []).sort()).toEqual([...panel].sort());
      for (const { url, patients } of mine) {
        expect(url.length).toBeLessThan(2_000);
        for (const id of patients ?? []) expect(url).toMatch(new RegExp(`[=/,]${id}[,&]`));
      }
    }
  });

  it('asks for changes only of patients who are known, with an overlap of two minutes', () => {
    const tasks = recordTasks({ ...all, known: new Set(['p0']), asOf: '2026-01-01T00:00:30Z', panel: ['p0', 'p1'] });
    for (const { patients, url } of tasks) {
      if (patients?.includes('p0')) expect(url).toContain('&_lastUpdated=ge2025-12-31T23:58:30.000Z');
      else expect(url).not.toContain('_lastUpdated=');
    }
  });

  it('leaves out what the server cannot search', () => {
    expect(typesOf(recordTasks({ ...all, searchable: new Set(['Observation']) }))).toEqual(['Patient', 'Observation']);
  });

  it('writes a reference so that it stays one value of the query', () => {
    expect(careTeamTask('Practitioner/a').url).toContain('participant=Practitioner%2Fa&');
    const missing = panel.map((id) => ({ type: 'Location', id }));
    expect(referenceTasks(missing).map(({ url }) => url.split('_id=')[1]?.split('&')[0]?.split(',').length)).toEqual([
      50, 10,
    ]);
    expect(referenceTasks([{ type: 'Patient', id: 'p1' }])).toEqual([]);
  });

  it('remembers what a run did not get: refused, never planned, or for one patient only', () => {
    const task = (resourceType: string, patients: string[], state: SyncTask['state']): SyncTask => ({
      seq: 0,
      label: '',
      url: '',
      next: null,
      resourceType,
      patients,
      state,
    });
    const complete = recordTasks({ ...all, panel: ['a', 'b'] }).map((planned) =>
      task(planned.resourceType, ['a', 'b'], 'done'),
    );
    expect(gapsOf(complete, ['a', 'b'])).toEqual({});
    const changed = complete.flatMap((one) => {
      if (one.resourceType === 'Flag') return [];
      if (one.resourceType === 'Condition') return [{ ...one, state: 'refused' as const }];
      return one.resourceType === 'Goal' ? [task('Goal', ['a'], 'done'), task('Goal', ['b'], 'refused')] : [one];
    });
    expect(gapsOf(changed, ['a', 'b'])).toEqual({ Flag: ['a', 'b'], Condition: ['a', 'b'], Goal: ['b'] });
    const next = recordTasks({
      ...all,
      panel: ['a', 'b'],
      known: new Set(['a', 'b']),
      asOf: '2026-01-01T00:00:00Z',
      gaps: { Goal: ['b'] },
    });
    const goals = next.filter(({ resourceType }) => resourceType === 'Goal');
    expect(goals.map(({ patients, url }) => [patients, url.includes('_lastUpdated=')])).toEqual([
      [['b'], false],
      [['a'], true],
    ]);
  });
});
