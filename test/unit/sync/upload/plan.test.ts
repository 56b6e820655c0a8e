import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QueuedChange } from '../../../../main/cache/operations.ts';
import { nextBatch } from '../../../../main/sync/upload/plan.ts';

function queued(sequence: number, given: Partial<QueuedChange> = {}): QueuedChange {
  return {
    id: `c${sequence}`,
    sequence,
    patientId: 'p1',
    type: 'Observation',
    resourceId: `r${sequence}`,
    action: 'create',
    state: 'waiting',
    attempts: 0,
    size: 100,
    needs: [],
    baseVersionId: null,
    baseUpdated: null,
    identifier: null,
    knownBy: 'identifier',
    sentAfter: null,
    seenAs: null,
    ...given,
  };
}

/** Everything in the order in which it is planned, each batch settled before the next. */
function drain(queue: readonly QueuedChange[], count: number, size = 10_000, alone: string[] = []): string[][] {
  const batches: string[][] = [];
  let left = [...queue];
  for (;;) {
    const plan = nextBatch({ queue: left, limits: { count, size }, alone: new Set(alone) });
    if (plan.kind !== 'send') return batches;
    const ids = plan.batch.map(({ id }) => id);
    batches.push(ids);
    left = left
      .filter(({ id }) => !ids.includes(id))
      .map((one) => ({ ...one, needs: one.needs.filter((id) => !ids.includes(id)) }));
  }
}

describe('what goes next', () => {
  it('is each change after, or with, the creates that it refers to, and each once', () => {
    const queues = fc
      .array(fc.record({ patient: fc.nat(2), needs: fc.array(fc.nat(11), { maxLength: 2 }) }), { maxLength: 12 })
      .map((all) =>
        all.map(({ patient, needs }, at) =>
          queued(at, {
            patientId: `p${patient}`,
            // Any earlier or later one of the same patient, itself left out: circles happen.
            needs: [...new Set(needs)].filter((to) => to !== at && all[to]?.patient === patient).map((to) => `c${to}`),
          }),
        ),
      );
    fc.assert(
      fc.property(queues, fc.integer({ min: 12, max: 20 }), (queue, count) => {
        const batches = drain(queue, count);
        const done = new Set<string>();
        for (const batch of batches) {
          const patients = new Set(batch.map((id) => queue.find((one) => one.id === id)?.patientId));
          expect(patients.size).toBe(1);
          for (const id of batch) expect(done.has(id)).toBe(false);
          for (const id of batch) done.add(id);
          for (const id of batch)
            for (const need of queue.find((one) => one.id === id)?.needs ?? []) expect(done.has(need)).toBe(true);
        }
        expect(done.size).toBe(queue.length);
      }),
    );
  });

  it('is within the bounds of a bundle, and alone where it must be', () => {
    const queue = Array.from({ length: 7 }, (_, at) => queued(at));
    expect(drain(queue, 3).map((batch) => batch.length)).toEqual([3, 3, 1]);
    expect(drain(queue, 50, 250).map((batch) => batch.length)).toEqual([2, 2, 2, 1]);
    expect(drain(queue, 50, 10_000, ['c0', 'c1'])).toEqual([['c0'], ['c1'], ['c2', 'c3', 'c4', 'c5', 'c6']]);
  });

  it('is not what needs a create that is not to be had; the others go on', () => {
    const queue = [queued(0, { needs: ['parked'] }), queued(1), queued(2, { needs: ['c0'] })];
    expect(drain(queue, 50)).toEqual([['c1']]);
    expect(
      nextBatch({ queue: [queued(0, { needs: ['parked'] })], limits: { count: 50, size: 1 }, alone: new Set() }),
    ).toEqual({
      kind: 'nothing',
    });
  });

  it('is told as entangled where two refer to each other and can’t go together', () => {
    const queue = [queued(0, { needs: ['c1'] }), queued(1, { needs: ['c0'] }), queued(2)];
    expect(drain(queue, 50)).toEqual([['c1', 'c0', 'c2']]);
    expect(drain(queue, 1)).toEqual([['c2']]);
    const plan = nextBatch({ queue: queue.slice(0, 2), limits: { count: 1, size: 1 }, alone: new Set() });
    expect(plan).toMatchObject({ kind: 'entangled', changes: [{ id: 'c1' }, { id: 'c0' }] });
  });
});
