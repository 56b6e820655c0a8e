import { describe, expect, it } from 'vitest';
import type { Cache } from '../../../main/cache/client.ts';
import type { NewTask, SyncTask } from '../../../main/cache/operations.ts';
import type { FhirAnswer, FhirClient, FhirErrorCode, FhirResult } from '../../../main/fhir/client.ts';
import { createSync, type Timers } from '../../../main/sync/sync.ts';
import type { SyncStatus } from '../../../preload/contract/sync.ts';
import { syncStatus } from '../../../preload/contract/sync.ts';

const SERVER_TIME = '2026-03-04T05:06:07.000Z';

/** A cache that keeps the run in memory: what is tested here is when runs happen, not what they store. */
function memoryCache() {
  let tasks: SyncTask[] = [];
  let run = { startedAt: null as string | null, asOf: null as string | null, complete: false };
  let broken = false;
  const whole = async <Value>(work: () => Value): Promise<Value> => {
    if (broken) throw new Error('cache-closed');
    return work();
  };
  const append = (added: readonly NewTask[]) => {
    tasks = [
      ...tasks,
      ...added.map((task, at) => ({ ...task, seq: tasks.length + at, next: null, state: 'pending' as const })),
    ];
  };
  const read: Partial<Cache['read']> = {
    run: () => whole(() => ({ ...run, tasks })),
    panel: () => whole(() => []),
    careTeamPatients: () => whole(() => []),
    missingReferences: () => whole(() => []),
    getMeta: () => whole(() => null),
  };
  const write: Partial<Cache['write']> = {
    setMeta: () => whole(() => undefined),
    startRun: ({ tasks: first }) =>
      whole(() => {
        tasks = [];
        run = { ...run, startedAt: null, complete: false };
        append(first);
      }),
    expandRun: ({ tasks: more }) => whole(() => append(more)),
    applyPage: ({ seq, serverTime }) =>
      whole(() => {
        run = { ...run, startedAt: run.startedAt ?? serverTime };
        tasks = tasks.map((task) => (task.seq === seq ? { ...task, state: 'done' } : task));
        return { stored: 0, unchanged: 0, rejected: 0, patients: [] };
      }),
    finishRun: ({ asOf }) =>
      whole(() => {
        run = { ...run, asOf, complete: true };
      }),
  };
  return {
    cache: { read, write } as Cache,
    breakDown: () => {
      broken = true;
    },
  };
}

type Answer = FhirResult<FhirAnswer>;
const good: Answer = {
  ok: true,
  value: { text: '{"resourceType":"Bundle"}', status: 200, serverTime: SERVER_TIME, etag: null },
};
const bad = (code: FhirErrorCode, retryAfter: number | null = null): Answer => ({
  ok: false,
  error: { code, status: null, outcome: null, retryAfter, serverTime: null },
});

function start(answer: () => Answer | Promise<Answer> = () => good) {
  let now = Date.parse('2020-01-01T00:00:00.000Z');
  const waiting = new Map<() => void, number>();
  const timers: Timers = {
    now: () => now,
    after(ms, callback) {
      const due = () => callback();
      waiting.set(due, now + ms);
      return () => waiting.delete(due);
    },
  };
  const statuses: SyncStatus[] = [];
  const { cache, breakDown } = memoryCache();
  let asked = 0;
  let respond = answer;
  const fhir: FhirClient = {
    base: 'https://s/',
    async get(_url, signal) {
      asked += 1;
      const result = await Promise.race([respond(), aborted(signal)]);
      return result;
    },
  };
  const sync = createSync({
    cache,
    fhir,
    practitioner: 'Practitioner/a',
    timers,
    onStatus: (status) => statuses.push(syncStatus.parse(status)),
    onChanged: () => undefined,
  });
  return {
    sync,
    statuses,
    breakDown,
    asked: () => asked,
    answerWith: (next: () => Answer | Promise<Answer>) => {
      respond = next;
    },
    waits: () => [...waiting.values()].map((due) => due - now),
    /** Lets the next timer come due. */
    tick() {
      const [next] = [...waiting].sort((a, b) => a[1] - b[1]);
      if (!next) throw new Error('nothing is scheduled');
      waiting.delete(next[0]);
      now = next[1];
      next[0]();
    },
    idle: () => until(() => sync.status().activity === 'idle' && statuses.length > 0),
  };
}

function aborted(signal?: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve(bad('cancelled'));
    signal?.addEventListener('abort', () => resolve(bad('cancelled')));
  });
}

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1_000; turn += 1) {
    if (holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('it never came to that');
}

const never = () => new Promise<Answer>(() => undefined);
const activities = (statuses: SyncStatus[]) =>
  statuses.map(({ activity }) => activity).filter((one, at, all) => one !== all[at - 1]);

describe('sync of a profile', () => {
  it('says nothing of the server before it has asked it', () => {
    const { sync, asked } = start();
    expect(sync.status()).toEqual({
      activity: 'idle',
      online: null,
      asOf: null,
      complete: false,
      progress: null,
      error: null,
    });
    expect(asked()).toBe(0);
  });

  it('runs, is then complete as of the server’s time, and runs again after five minutes', async () => {
    const { sync, statuses, idle, waits, tick, asked } = start();
    sync.start();
    expect(sync.status().activity).toBe('running');
    await idle();
    expect(activities(statuses)).toEqual(['running', 'idle']);
    expect(sync.status()).toEqual({
      activity: 'idle',
      online: true,
      asOf: SERVER_TIME,
      complete: true,
      progress: null,
      error: null,
    });
    expect(waits()).toEqual([300_000]);
    const before = asked();
    tick();
    expect(sync.status().activity).toBe('running');
    await idle();
    expect(asked()).toBeGreaterThan(before);
  });

  it('does one run at a time, however often it is started', async () => {
    const { sync, asked, idle } = start();
    sync.start();
    sync.start();
    await idle();
    const once = asked();
    const other = start();
    other.sync.start();
    await other.idle();
    expect(once).toBe(other.asked());
  });

  it('waits longer after each failure, and from the beginning again after a success', async () => {
    const { sync, answerWith, idle, waits, tick } = start(() => bad('server-unreachable'));
    sync.start();
    const waited: (number | undefined)[] = [];
    for (let failure = 0; failure < 5; failure += 1) {
      await idle();
      waited.push(waits()[0]);
      expect(waits()).toHaveLength(1);
      expect(sync.status().error?.retryAt).toBe(new Date(Date.parse('2020-01-01') + sum(waited)).toISOString());
      tick();
    }
    expect(waited).toEqual([5_000, 15_000, 60_000, 300_000, 300_000]);
    await idle();
    answerWith(() => good);
    tick();
    await idle();
    answerWith(() => bad('server-unreachable'));
    tick();
    await idle();
    expect(waits()).toEqual([5_000]);
  });

  it.each([
    ['server-unreachable', 'server-unreachable', false],
    ['offline', 'offline', false],
    ['server-certificate', 'server-certificate', null],
    ['server-error', 'server-error', null],
    ['too-many-requests', 'server-error', null],
    ['rejected', 'server-refused', null],
    ['server-answer-invalid', 'server-answer-invalid', null],
  ] as const)('after %s says %s, and that the server is online: %s', async (answer, code, online) => {
    const { sync, idle, waits } = start(() => bad(answer));
    sync.start();
    await idle();
    expect(sync.status()).toMatchObject({ error: { code }, online, complete: false });
    expect(waits()).toHaveLength(1);
  });

  it('waits for a person where only a sign-in helps, and goes on when it is started', async () => {
    const { sync, idle, waits, answerWith } = start(() => bad('unauthorized'));
    sync.start();
    await idle();
    expect(sync.status().error).toEqual({ code: 'sign-in-needed', retryAt: null });
    expect(waits()).toEqual([]);
    answerWith(() => good);
    sync.start();
    await idle();
    expect(sync.status()).toMatchObject({ error: null, complete: true });
  });

  it.each([
    [1, 5_000],
    [120, 120_000],
    [10 ** 9, 3_600_000],
    [1e300, 3_600_000],
  ])('waits as long as the server asks for (%d s), within reason', async (retryAfter, ms) => {
    const { sync, idle, waits } = start(() => bad('too-many-requests', retryAfter));
    sync.start();
    await idle();
    expect(waits()).toEqual([ms]);
    expect(sync.status().error).toMatchObject({ code: 'server-error' });
  });

  it('starting by hand replaces the waiting run', async () => {
    const { sync, idle, waits, answerWith } = start(() => bad('offline'));
    sync.start();
    await idle();
    answerWith(() => good);
    sync.start();
    expect(waits()).toEqual([]);
    await idle();
    expect(waits()).toEqual([300_000]);
  });

  it('is cancelled by the clinician: no error, no retry by itself, and it can be started again', async () => {
    const { sync, statuses, idle, waits, answerWith, asked } = start(never);
    sync.start();
    await until(() => asked() > 0);
    sync.cancel();
    expect(sync.status().activity).toBe('cancelling');
    await idle();
    expect(activities(statuses)).toEqual(['running', 'cancelling', 'idle']);
    expect(sync.status()).toMatchObject({ error: null, progress: null, complete: false });
    expect(waits()).toEqual([]);
    sync.cancel();
    expect(sync.status().activity).toBe('idle');
    answerWith(() => good);
    sync.start();
    await idle();
    expect(sync.status().complete).toBe(true);
  });

  it('says that the store failed where it did, and does not throw', async () => {
    const { sync, idle, breakDown, waits } = start();
    breakDown();
    sync.start();
    await idle();
    expect(sync.status().error?.code).toBe('store-failed');
    expect(waits()).toEqual([5_000]);
  });
});

describe('security: sync of a profile that is locked', () => {
  it('security: stops at once, says nothing more, and leaves nothing that would start it', async () => {
    const { sync, statuses, asked, waits } = start(never);
    sync.start();
    await until(() => asked() > 0);
    const before = [statuses.length, asked()];
    await sync.stop();
    expect([statuses.length, asked()]).toEqual(before);
    expect(waits()).toEqual([]);
    sync.start();
    expect([statuses.length, asked()]).toEqual(before);
  });

  it('security: leaves no timer behind either where the cache was closed under it', async () => {
    const { sync, waits, breakDown, answerWith, asked } = start(never);
    sync.start();
    await until(() => asked() > 0);
    answerWith(() => good);
    breakDown();
    await sync.stop();
    expect(waits()).toEqual([]);
    const late = start();
    late.breakDown();
    late.sync.start();
    await late.sync.stop();
    expect(late.waits()).toEqual([]);
  });

  it('security: waiting for its next run, it is stopped as well', async () => {
    const { sync, idle, waits } = start();
    sync.start();
    await idle();
    await sync.stop();
    expect(waits()).toEqual([]);
  });
});

const sum = (values: (number | undefined)[]) => values.reduce<number>((total, value) => total + (value ?? 0), 0);
