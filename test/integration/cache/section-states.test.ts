import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TaskKind } from '../../../main/cache/operations.ts';
import { forgetBringers } from '../../../main/cache/writes/bringers.ts';
import { createWrites } from '../../../main/cache/writes/index.ts';
import { openCache } from './support.ts';

const PATIENTS = ['p1', 'p2', 'p3'];
const TYPES = ['Condition', 'Observation'];

/** A cache that reads its tasks anew at each step, or one that remembers them as the program does. */
function opened(remembers: boolean) {
  const { db } = openCache();
  const writes = createWrites(db);
  writes.startRun({ tasks: [] });
  const pending = () => db.prepare(`SELECT seq FROM sync_task WHERE state = 'pending' ORDER BY seq`).pluck().all();
  const tasks = (type: string, patients: string[] | null, kind: TaskKind = 'search') => [
    { label: type, resourceType: type, url: type, patients, kind },
  ];
  let minute = 0;
  /** Each answer comes a minute after the one before. */
  const serverTime = () => {
    minute += 1;
    return new Date(Date.UTC(2026, 2, 1, 10, minute)).toISOString();
  };
  const done = (at: number) => {
    const all = pending() as number[];
    const seq = all[at % all.length];
    if (seq !== undefined) writes.applyPage({ seq, resources: [], next: null, serverTime: serverTime() });
  };
  const steps = {
    append: (type: string, patients: string[]) => writes.appendTasks({ tasks: tasks(type, patients) }),
    tell: (type: string) => writes.appendTasks({ tasks: tasks(type, null, 'history') }),
    compare: (type: string, patients: string[]) => writes.appendTasks({ tasks: tasks(type, patients, 'sweep') }),
    finish: () => {
      if (pending().length === 0 && minute > 0) writes.finishRun({ asOf: serverTime() });
    },
    done: (at: number) => done(at),
    refuse: (at: number) => {
      const seq = (pending() as number[])[at];
      if (seq !== undefined) writes.refuseTask({ seq, serverTime: serverTime() });
    },
    panel: (patients: string[]) => writes.expandRun({ panel: patients, tasks: [] }),
    /** Tasks that are added and read in a transaction that fails leave their numbers to others. */
    fail: (type: string, patients: string[]) => {
      const both = () => {
        writes.appendTasks({ tasks: tasks(type, patients) });
        done((pending() as number[]).length - 1);
        throw new Error('the disk is full');
      };
      expect(() => writes.together(both)).toThrow('the disk is full');
    },
    restart: () => writes.startRun({ tasks: tasks('Condition', PATIENTS) }),
  };
  return {
    take(step: (all: typeof steps) => void) {
      if (!remembers) forgetBringers(db);
      step(steps);
    },
    states: () =>
      db
        .prepare(
          `SELECT p.id, t.text AS type, s.state, s.as_of FROM section_state s JOIN patient p ON p.pid = s.patient
           JOIN term t ON t.tid = s.type ORDER BY p.id, t.text`,
        )
        .all(),
    close: () => db.close(),
  };
}

type Steps = Parameters<Parameters<ReturnType<typeof opened>['take']>[0]>[0];
type Step = (all: Steps) => void;

const type = fc.constantFrom(...TYPES);
const patients = fc.subarray(PATIENTS, { minLength: 1 });
const at = fc.nat({ max: 4 });

/** A step with whatever values come. */
function any<Values extends unknown[]>(
  take: (all: Steps, ...values: Values) => void,
  ...given: { [At in keyof Values]: fc.Arbitrary<Values[At]> }
): fc.Arbitrary<Step> {
  return fc.tuple<Values>(...given).map(
    (values): Step =>
      (all) =>
        take(all, ...values),
  );
}

const step = fc.oneof(
  { weight: 4, arbitrary: any((all, of, ids) => all.append(of, ids), type, patients) },
  { weight: 5, arbitrary: any((all, place) => all.done(place), at) },
  any((all, place) => all.refuse(place), at),
  any((all, ids) => all.panel(ids), patients),
  any((all, of, ids) => all.fail(of, ids), type, patients),
  any((all, of) => all.tell(of), type),
  any((all, of, ids) => all.compare(of, ids), type, patients),
  any((all) => all.finish()),
  any((all) => all.restart()),
);

/** What was refused of somebody who has left since says nothing of her once she is back. */
const backAgain: Step[] = [
  ({ panel }) => panel(PATIENTS),
  ({ append }) => append('Condition', ['p2']),
  ({ refuse }) => refuse(0),
  ({ panel }) => panel(['p1', 'p3']),
  ({ panel }) => panel(PATIENTS),
  ({ append }) => append('Condition', ['p2']),
  ({ done }) => done(0),
];

/** What an earlier run has compared keeps nobody waiting in this one. */
const comparedBefore: Step[] = [
  ({ panel }) => panel(PATIENTS),
  ({ append }) => append('Condition', PATIENTS),
  ({ compare }) => compare('Condition', PATIENTS),
  ({ done }) => done(0),
  ({ done }) => done(0),
  ({ finish }) => finish(),
  ({ restart }) => restart(),
  ({ done }) => done(0),
];

test('sections stand the same whether the tasks are remembered or read anew, whatever happens to them', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 4, maxLength: 30 }), (steps) => {
      const [remembering, reading] = [opened(true), opened(false)];
      try {
        for (const one of steps) {
          for (const cache of [remembering, reading]) cache.take(one);
          expect(remembering.states()).toEqual(reading.states());
        }
      } finally {
        for (const cache of [remembering, reading]) cache.close();
      }
    }),
    { numRuns: 60, examples: [[backAgain], [comparedBefore]] },
  );
});
