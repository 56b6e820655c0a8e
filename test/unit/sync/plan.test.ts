import type { CapabilityStatement } from 'fhir/r4';
import { describe, expect, it } from 'vitest';
import type { SyncTask } from '../../../main/cache/operations.ts';
import { readCapabilities } from '../../../main/sync/capabilities.ts';
import {
  historyTasks,
  panelTasks,
  recordTasks,
  recordTypes,
  referenceTasks,
  withoutLeavers,
} from '../../../main/sync/plan.ts';

const AT = '2026-03-04T05:06:07Z';
const AS_OF = '2026-01-01T00:00:30Z';
const panel = Array.from({ length: 60 }, (_, at) => `p${at}`);

interface Offer {
  type: string;
  params?: string[];
  interactions?: string[];
}

/** A server that offers what is named, and nothing else. */
function offering(resources: readonly Offer[]) {
  const resource = resources.map(({ type, params = [], interactions = [] }) => ({
    type,
    searchParam: params.map((name) => ({ name, type: 'token' })),
    interaction: interactions.map((code) => ({ code })),
  }));
  return readCapabilities({
    resourceType: 'CapabilityStatement',
    rest: [{ mode: 'server', resource }],
  } as unknown as CapabilityStatement);
}

const silent = readCapabilities(null);
const everything = offering(
  [...recordTypes, 'PractitionerRole'].map((type) => ({
    type,
    params: ['patient', 'date', 'authored', 'start-date'],
    interactions: ['history-type'],
  })),
);
const all = { panel, known: new Set<string>(), asOf: null, gaps: {}, capabilities: everything, at: AT };
const typesOf = (tasks: readonly { resourceType: string }[]) => [
  ...new Set(tasks.map(({ resourceType }) => resourceType)),
];

describe('the plan of a first sync', () => {
  it('fetches first what is dangerous not to know, and nothing of it is left for later', () => {
    const safety = recordTasks(all).filter(({ phase }) => phase === 'safety');
    expect(typesOf(safety)).toEqual([
      'Patient',
      'AllergyIntolerance',
      'MedicationRequest',
      'MedicationStatement',
      'Condition',
      'Flag',
      'Consent',
    ]);
    for (const { url } of safety) expect(url).not.toMatch(/date=|missing/);
    const later = recordTasks(all).filter(({ phase }) => phase !== 'safety');
    expect(typesOf(later)).not.toContain('Condition');
  });

  it('then asks for the last twelve months, then for what is older and what has no date: together that is everything', () => {
    const observations = recordTasks({ ...all, panel: ['a'] }).filter(
      ({ resourceType }) => resourceType === 'Observation',
    );
    expect(observations.map(({ phase, url }) => [phase, /&(date[^&]*)/.exec(url)?.[1]])).toEqual([
      ['recent', 'date=ge2025-03-04'],
      ['rest', 'date=lt2025-03-04'],
      ['rest', 'date:missing=true'],
    ]);
  });

  it('asks for a type whole, once, where the server can’t search it by date', () => {
    const tasks = recordTasks({ ...all, panel: ['a'], capabilities: silent });
    const observations = tasks.filter(({ resourceType }) => resourceType === 'Observation');
    expect(observations.map(({ phase, url }) => [phase, url.includes('&date')])).toEqual([['rest', false]]);
  });

  it.each(['Immunization', 'Procedure'])(
    'asks for %s whole, whose time may be words that no search by date finds',
    (type) => {
      const urls = recordTasks({ ...all, panel: ['p1'] }).flatMap(({ resourceType, url }) =>
        resourceType === type ? [url] : [],
      );
      expect(urls).toEqual([expect.not.stringMatching(/[&?]date/)]);
    },
  );

  it('asks for every patient of the panel exactly once for each search, in searches of bearable length', () => {
    const tasks = recordTasks({ ...all, known: new Set(panel.slice(0, 30)), asOf: AS_OF });
    for (const type of typesOf(tasks)) {
      const mine = tasks.filter(({ resourceType }) => resourceType === type);
      for (const id of panel) {
        const filters = mine.filter(({ patients }) => patients?.includes(id)).map(({ url }) => url.split('&')[1]);
        expect(filters.length, `${type} ${id}`).toBeGreaterThan(0);
        expect(new Set(filters).size).toBe(filters.length);
      }
      for (const { url, patients } of mine) {
        expect(url.length).toBeLessThan(patients && url.includes('_lastUpdated=') ? 6_000 : 2_000);
        for (const id of patients ?? []) expect(url).toMatch(new RegExp(`[=/,]${id}[,&]`));
      }
    }
  });

  it('leaves out what the server cannot search', () => {
    const capabilities = offering([
      { type: 'Observation', params: ['patient'] },
      { type: 'Patient' },
      { type: 'Flag' },
    ]);
    expect(typesOf(recordTasks({ ...all, capabilities }))).toEqual(['Patient', 'Observation']);
  });
});

describe('the plan of a later sync', () => {
  it('asks for changes only of patients who are known, with an overlap of two minutes', () => {
    const tasks = recordTasks({ ...all, known: new Set(['p0']), asOf: AS_OF, panel: ['p0', 'p1'] });
    for (const { patients, url, phase } of tasks) {
      if (patients?.includes('p0')) {
        expect(url).toContain('&_lastUpdated=ge2025-12-31T23:58:30.000Z');
        expect(phase).toBe('changes');
      } else expect(url).not.toContain('_lastUpdated=');
    }
  });

  it('asks for deletions where the server tells the history of a type, and nowhere else', () => {
    const capabilities = offering([
      { type: 'Observation', params: ['patient'], interactions: ['history-type'] },
      { type: 'Condition', params: ['patient'], interactions: ['history-instance'] },
    ]);
    expect(historyTasks(AS_OF, ['Observation', 'Condition'], capabilities).map(({ url }) => url)).toEqual([
      'Observation/_history?_since=2025-12-31T23:58:30.000Z&_count=1000',
    ]);
    // What the cache has nothing of can't have been deleted from it.
    expect(historyTasks(AS_OF, ['Condition'], capabilities)).toEqual([]);
  });

  it('writes a reference so that it stays one value of the query', () => {
    const scope = { practitioner: 'Practitioner/a', group: 'g', list: null };
    const tasks = panelTasks(scope, everything);
    expect(tasks.map(({ url }) => url.split('&')[0])).toEqual([
      'CareTeam?participant=Practitioner%2Fa',
      'PractitionerRole?practitioner=Practitioner%2Fa',
      'Group/g',
    ]);
    const missing = panel.map((id) => ({ type: 'Location', id }));
    expect(referenceTasks(missing).map(({ url }) => url.split('_id=')[1]?.split('&')[0]?.split(',').length)).toEqual([
      50, 10,
    ]);
    expect(referenceTasks([{ type: 'Patient', id: 'p1' }])).toEqual([]);
  });

  const task = (resourceType: string, patients: string[], state: SyncTask['state']): SyncTask => ({
    seq: 0,
    label: '',
    url: `${resourceType}?patient=${patients.map((id) => `Patient/${id}`).join(',')}&_count=1000`,
    next: null,
    resourceType,
    patients,
    state,
    kind: 'search',
    phase: 'rest',
  });

  it('fetches whole what the run before did not get of a patient', () => {
    const next = recordTasks({
      ...all,
      panel: ['a', 'b'],
      known: new Set(['a', 'b']),
      asOf: AS_OF,
      gaps: { Goal: ['b'] },
    });
    const goals = next.filter(({ resourceType }) => resourceType === 'Goal');
    const isWhole = (id: string) =>
      goals.filter(({ patients }) => patients?.includes(id)).every(({ url }) => !url.includes('_lastUpdated='));
    expect([isWhole('a'), isWhole('b')]).toEqual([false, true]);
  });

  it('security: does not go on asking for a patient who has left the panel meanwhile', () => {
    const tasks = [
      { ...task('Observation', ['a', 'b'], 'pending'), seq: 1 },
      { ...task('Observation', ['b'], 'pending'), seq: 2 },
      { ...task('Observation', ['a'], 'pending'), seq: 3 },
      { ...task('Condition', ['a', 'b'], 'done'), seq: 4 },
    ];
    const { drop, tasks: again } = withoutLeavers(tasks, new Set(['a']));
    expect(drop).toEqual([1, 2]);
    expect(again.map(({ url, patients }) => [url, patients])).toEqual([
      ['Observation?patient=Patient/a&_count=1000', ['a']],
    ]);
  });
});
