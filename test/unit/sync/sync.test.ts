import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Cache } from '../../../main/cache/client.ts';
import type { NewTask, NumberedRecord, SyncTask } from '../../../main/cache/operations.ts';
import { CodedError } from '../../../main/cache/store-error.ts';
import type { FhirAnswer, FhirClient, FhirResult } from '../../../main/fhir/client.ts';
import type { FhirErrorCode } from '../../../main/fhir/errors.ts';
import { defaultPolicy } from '../../../main/managed/policy.ts';
import type { RunResult } from '../../../main/sync/run-options.ts';
import { createSync, type Timers } from '../../../main/sync/sync.ts';
import type { SyncStatus } from '../../../preload/contract/sync.ts';
import { syncStatus } from '../../../preload/contract/sync.ts';

const SERVER_TIME = '2026-03-04T05:06:07.000Z';

/** A cache that keeps the run in memory: what is tested here is when runs happen, not what they store. */
function memoryCache() {
  let tasks: SyncTask[] = [];
  let run = { startedAt: null as string | null, asOf: null as string | null, complete: false, planned: false };
  let broken: Error | null = null;
  let deletionsKnown = true;
  let everything = true;
  let counts = { waiting: 0, conflicts: 0, parked: 0 };
  const whole = async <Value>(work: () => Value): Promise<Value> => {
    if (broken) throw broken;
    return work();
  };
  const append = (added: readonly NewTask[]) => {
    tasks = [
      ...tasks,
      ...added.map((task, at) => ({
        kind: 'search' as const,
        phase: 'rest' as const,
        ...task,
        seq: tasks.length + at,
        next: null,
        state: 'pending' as const,
      })),
    ];
  };
  const none = () => whole(() => []);
  const read: Partial<Cache['read']> = {
    run: () =>
      whole(() => {
        const phases = [...new Set(tasks.map(({ phase }) => phase))].map((phase) => {
          const all = tasks.filter((task) => task.phase === phase);
          return { phase, total: all.length, pending: all.filter(({ state }) => state === 'pending').length };
        });
        return {
          ...run,
          phases,
          panelAt: run.startedAt,
          refetch: false,
          moved: false,
          deletionsKnown,
          whole: everything,
          failure: null,
          forms: null,
        };
      }),
    tasks: ({ after = -1, limit: _, ...filter }) =>
      whole(() => tasks.filter((task) => task.seq > after && isDeepStrictEqual({ ...task, ...filter }, task))),
    gaps: () => whole(() => ({})),
    panel: none,
    panelPatients: none,
    practitionerRoles: none,
    unconfirmedTeams: none,
    unconfirmedRoles: none,
    missingReferences: none,
    sharedResources: none,
    witnesses: none,
    leavers: none,
    leftOut: none,
    types: none,
    differences: () => whole(() => ({ compared: 0, items: [] })),
    outdated: async () => [],
    version: () => whole(() => null),
    getMeta: () => whole(() => null),
  };
  const write: Partial<Cache['write']> = {
    setMeta: () => whole(() => undefined),
    startRun: ({ tasks: first }) =>
      whole(() => {
        tasks = [];
        run = { ...run, startedAt: null, complete: false, planned: false };
        append(first);
      }),
    expandRun: ({ tasks: more }) =>
      whole(() => {
        run = { ...run, planned: true };
        append(more);
      }),
    appendTasks: ({ tasks: more }) => whole(() => append(more)),
    applyText: ({ seq, serverTime }) =>
      whole(() => {
        run = { ...run, startedAt: run.startedAt ?? serverTime };
        tasks = tasks.map((task) => (task.seq === seq ? { ...task, state: 'done' } : task));
        return { kind: 'applied', stored: 0, unchanged: 0, rejected: 0, removed: 0, patients: changed, next: null };
      }),
    endTask: ({ seq, state }) =>
      whole(() => {
        tasks = tasks.map((task) => (task.seq === seq ? { ...task, state } : task));
      }),
    finishRun: ({ asOf }) =>
      whole(() => {
        run = { ...run, asOf, complete: true };
      }),
  };
  let changed: string[] = [];
  let numbered: NumberedRecord[] = [];
  return {
    cache: {
      read,
      write,
      outbox: { counts: () => whole(() => counts), duplicates: none, numbered: () => whole(() => numbered) },
    } as unknown as Cache,
    breakDown: (error = new Error('cache-closed')) => {
      broken = error;
    },
    count: (next: typeof counts) => {
      counts = next;
    },
    giveNumber: (record: NumberedRecord) => {
      numbered = [record];
    },
    missRecords: () => {
      everything = false;
    },
    /** A whole run has ended before, as of that time. */
    knowEverything: (asOf: string) => {
      run = { startedAt: asOf, asOf, complete: true, planned: false };
    },
    missDeletions: () => {
      deletionsKnown = false;
    },
    change: (patients: string[]) => {
      changed = patients;
    },
  };
}

type Answer = FhirResult<FhirAnswer>;
const good: Answer = {
  ok: true,
  value: { text: '{"resourceType":"Bundle"}', status: 200, serverTime: SERVER_TIME, etag: null, location: null },
};
const bad = (code: FhirErrorCode, retryAfter: number | null = null): Answer => ({
  ok: false,
  error: { code, status: null, outcome: null, retryAfter, serverTime: null },
});

function start(answer: () => Answer | Promise<Answer> = () => good, leadMs = 0) {
  let upload: RunResult = { ok: true };
  let now = Date.parse(SERVER_TIME);
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
  let watch: (status: SyncStatus) => void = () => undefined;
  const { cache, ...memory } = memoryCache();
  const told: (readonly string[] | 'all')[] = [];
  let sent = 0;
  let asked = 0;
  let respond = answer;
  const fhir: FhirClient = {
    base: 'https://s/',
    async get(url, signal) {
      asked += 1;
      if (url.startsWith('Encounter?identifier')) return bad('server-error');
      const result = await Promise.race([respond(), aborted(signal)]);
      return result;
    },
    send: () => Promise.resolve(bad('server-unreachable')),
  };
  const sync = createSync({
    cache,
    fhir,
    practitioner: 'Practitioner/a',
    policy: defaultPolicy,
    leadMs,
    random: () => 0.5,
    timers,
    onStatus(status) {
      statuses.push(syncStatus.parse(status));
      watch(status);
    },
    onChanged: (patients) => told.push(patients),
    upload: async () => {
      sent += 1;
      return upload;
    },
  });
  return {
    sync,
    statuses,
    ...memory,
    told,
    sent: () => sent,
    watchWith: (next: typeof watch) => {
      watch = next;
    },
    sendWith: (result: RunResult) => {
      upload = result;
    },
    setNow: (time: string) => {
      now = Date.parse(time);
    },
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
    idle: () =>
      until(() => sync.status().activity === 'idle' && statuses.some(({ activity }) => activity === 'running')),
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
      upToDate: false,
      progress: null,
      error: null,
      changes: { waiting: 0, conflicts: 0, parked: 0, duplicates: 0, unchecked: 0 },
      clockOffsetMs: null,
      nextRunAt: null,
    });
    expect(asked()).toBe(0);
  });

  it('is not up to date while the server doesn’t tell what was deleted of some kind of record', async () => {
    const { sync, idle, missDeletions } = start();
    missDeletions();
    sync.start();
    await idle();
    expect(sync.status()).toMatchObject({ complete: true, upToDate: false, error: null });
  });

  it('is not up to date while something that it fetched could not be stored, and never says so in between', async () => {
    const { sync, idle, missRecords, statuses } = start();
    missRecords();
    sync.start();
    await idle();
    expect(sync.status()).toMatchObject({ complete: true, online: true, error: null, asOf: SERVER_TIME });
    expect(statuses.some(({ upToDate }) => upToDate)).toBe(false);
  });

  it('sends the rest where a number could not be looked for, and says what waits and that not all went well', async () => {
    const { sync, idle, giveNumber, sent } = start();
    giveNumber({
      ...{ type: 'Encounter', localId: 'l', id: 'l', patientId: 'p', system: 'urn:n', value: '1', madeAt: SERVER_TIME },
      ...{ changeId: 'c', createId: 'c', isSent: false, known: [], body: '{"resourceType":"Encounter"}' },
    });
    sync.start();
    await idle();
    expect(sent()).toBe(1);
    const { changes, upToDate, error, asOf } = sync.status();
    expect([changes.unchecked, upToDate, error?.code, asOf]).toEqual([1, false, 'server-error', SERVER_TIME]);
  });

  it('is not up to date while what waits can’t be counted', async () => {
    const { sync, idle, breakDown, statuses } = start();
    sync.start();
    await idle();
    expect(sync.status().upToDate).toBe(true);
    breakDown();
    sync.changed();
    await until(() => !sync.status().upToDate);
    expect(statuses.at(-1)?.upToDate).toBe(false);
  });

  it('runs, is then complete as of the server’s time, and runs again after five minutes', async () => {
    const { sync, statuses, idle, waits, tick, asked } = start();
    sync.start();
    expect(sync.status().activity).toBe('running');
    await idle();
    expect(activities(statuses)).toEqual(['running', 'idle']);
    expect(sync.status()).toMatchObject({
      activity: 'idle',
      online: true,
      asOf: SERVER_TIME,
      complete: true,
      upToDate: true,
      progress: null,
      error: null,
      nextRunAt: '2026-03-04T05:11:07.000Z',
    });
    expect(waits()).toEqual([300_000]);
    const before = asked();
    tick();
    expect(sync.status().activity).toBe('running');
    await idle();
    expect(asked()).toBeGreaterThan(before);
  });

  it('lets the page be drawn before its first run asks anything', async () => {
    const { sync, asked, waits, tick, idle } = start(() => good, 400);
    sync.start();
    expect(sync.status().activity).toBe('running');
    await expect.poll(waits).toEqual([400]);
    expect(asked()).toBe(0);
    tick();
    await idle();
    expect(asked()).toBeGreaterThan(0);
    expect(waits()).toEqual([300_000]);
  });

  it('says what it knows before its first run asks anything', async () => {
    const { sync, asked, knowEverything } = start(() => good, 400);
    knowEverything(SERVER_TIME);
    sync.start();
    await expect.poll(() => sync.status()).toMatchObject({ activity: 'running', complete: true, asOf: SERVER_TIME });
    expect(asked()).toBe(0);
  });

  it('asks nothing any more where it is stopped before that', async () => {
    const { sync, asked } = start(() => good, 400);
    sync.start();
    await sync.stop();
    expect(asked()).toBe(0);
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
      expect(sync.status().error?.retryAt).toBe(new Date(Date.parse(SERVER_TIME) + sum(waited)).toISOString());
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
    ['server-pin', 'server-pin', null],
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
    const { sync, statuses, idle, waits, answerWith, asked, tick } = start(never);
    sync.start();
    await until(() => asked() > 0);
    sync.cancel();
    expect(sync.status().activity).toBe('cancelling');
    // The page that is under way may still come; it is not waited for forever.
    expect(waits()).toEqual([5_000]);
    tick();
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

describe('what it says of itself', () => {
  it.each([
    [{ waiting: 1, conflicts: 0, parked: 0 }],
    [{ waiting: 0, conflicts: 1, parked: 0 }],
    [{ waiting: 0, conflicts: 0, parked: 1 }],
  ])('is not "up to date" while there are unsent changes: %o', async (changes) => {
    const { sync, idle, count } = start();
    count(changes);
    sync.start();
    await idle();
    expect(sync.status()).toMatchObject({ complete: true, error: null, upToDate: false, changes });
  });

  it('is not "up to date" any longer after a run that failed, however complete the cache is', async () => {
    const { sync, idle, answerWith, tick, statuses } = start();
    sync.start();
    await idle();
    expect(sync.status().upToDate).toBe(true);
    answerWith(() => bad('server-error'));
    statuses.length = 0;
    tick();
    await idle();
    expect(sync.status()).toMatchObject({ complete: true, upToDate: false });
    for (const { upToDate, activity } of statuses) if (activity === 'idle') expect(upToDate).toBe(false);
  });

  it('tells when the next run begins, and nothing of it while one is under way', async () => {
    const { sync, idle, statuses, answerWith } = start();
    sync.start();
    await idle();
    expect(sync.status().nextRunAt).toBe('2026-03-04T05:11:07.000Z');
    answerWith(never);
    statuses.length = 0;
    sync.start();
    expect(statuses[0]).toMatchObject({ activity: 'running', nextRunAt: null });
    await sync.stop();
  });

  it.each([
    ['2026-03-04T05:00:00.000Z', null],
    ['2026-03-04T04:00:07.000Z', 3_960_000],
    ['2026-03-04T06:06:07.000Z', -3_600_000],
  ])(
    'shows a workstation clock at %s to be off by %s ms, and takes the server’s time all the same',
    async (now, offset) => {
      const { sync, idle, setNow } = start();
      setNow(now);
      sync.start();
      await idle();
      expect(sync.status()).toMatchObject({ clockOffsetMs: offset, asOf: SERVER_TIME });
    },
  );

  it.each([
    ['disk-full', new CodedError('disk-full')],
    ['store-failed', new CodedError('store-failed')],
    ['store-failed', new Error('a bug')],
  ])('tells a disk that is full from a store that failed: %s', async (code, error) => {
    const { sync, idle, breakDown } = start();
    breakDown(error);
    sync.start();
    await idle();
    expect(sync.status().error?.code).toBe(code);
  });

  it('names the patients whose records changed, and says "all" where they are more than the page takes', async () => {
    const few = start();
    few.change(['a']);
    few.sync.start();
    await few.idle();
    expect(few.told).toContainEqual(['a']);
    const many = start();
    many.change(Array.from({ length: 5_001 }, (_, at) => `p${at}`));
    many.sync.start();
    await many.idle();
    expect(many.told).toContainEqual('all');
    for (const patients of many.told) if (patients !== 'all') expect(patients.length).toBeLessThanOrEqual(5_000);
  });
});

describe('a change of the clinician', () => {
  it('is sent about a second later, where the server was there the last time', async () => {
    const { sync, idle, waits, count, tick, sent } = start();
    sync.start();
    await idle();
    const before = sent();
    count({ waiting: 1, conflicts: 0, parked: 0 });
    sync.changed();
    await until(() => sync.status().changes.waiting === 1);
    expect(sync.status()).toMatchObject({ upToDate: false });
    expect(waits()).toEqual([1_000]);
    tick();
    await idle();
    expect(sent()).toBe(before + 1);
  });

  it.each(['offline', 'unauthorized'] as const)('waits for the planned run after %s', async (code) => {
    const { sync, idle, waits } = start(() => bad(code));
    sync.start();
    await idle();
    const before = waits();
    sync.changed();
    expect(waits()).toEqual(before);
  });

  it('that is made while a run is under way goes with that run', async () => {
    const { sync, idle, sent, asked, answerWith } = start();
    answerWith(() => {
      if (asked() === 2) sync.changed();
      return good;
    });
    sync.start();
    await idle();
    expect(sent()).toBe(2);
  });

  it('waits as long as the server wants to be left alone; a person may ask sooner', async () => {
    const { sync, idle, waits, asked } = start(() => bad('too-many-requests', 120));
    sync.start();
    await idle();
    sync.changed();
    expect(waits()).toEqual([120_000]);
    const before = asked();
    sync.start();
    expect(sync.status().activity).toBe('running');
    await idle();
    expect(asked()).toBeGreaterThan(before);
  });

  it('is not sent again within a run where the server wanted to be left alone', async () => {
    const { sync, idle, sent, sendWith, answerWith, asked, waits } = start();
    sendWith({ ok: false, error: { code: 'server-error', retryAfter: 120 } });
    answerWith(() => {
      if (asked() === 2) sync.changed();
      return good;
    });
    sync.start();
    await idle();
    expect(sent()).toBe(1);
    expect(sync.status()).toMatchObject({ error: { code: 'server-error' } });
    expect(waits()).toEqual([120_000]);
  });

  it('that is made while a run ends gets a run of its own', async () => {
    const { sync, idle, waits, watchWith } = start();
    let changes = 0;
    watchWith(({ activity, nextRunAt }) => {
      if (activity !== 'running' || nextRunAt === null || changes > 0) return;
      changes += 1;
      sync.changed();
    });
    sync.start();
    await idle();
    expect(changes).toBe(1);
    expect(waits()).toEqual([1_000]);
  });

  it('that is made while a run is cancelled gets a run of its own', async () => {
    const { sync, idle, waits, answerWith, asked, tick, sent } = start(never);
    sync.start();
    await until(() => asked() > 0);
    sync.cancel();
    sync.changed();
    tick();
    await idle();
    expect(waits()).toEqual([1_000]);
    answerWith(() => good);
    tick();
    await idle();
    expect(sent()).toBe(1);
  });

  it('that could not be sent while a run fetched is told, however well the rest went', async () => {
    const { sync, idle, sendWith, answerWith, asked } = start();
    answerWith(() => {
      if (asked() === 2) {
        sendWith({ ok: false, error: { code: 'server-refused', retryAfter: null } });
        sync.changed();
      }
      return good;
    });
    sync.start();
    await idle();
    expect(sync.status()).toMatchObject({ error: { code: 'server-refused' }, asOf: SERVER_TIME, upToDate: false });
  });

  it('that could not be sent does not keep records from being fetched, and is told', async () => {
    const { sync, idle, sendWith } = start();
    sendWith({ ok: false, error: { code: 'server-error', retryAfter: null } });
    sync.start();
    await idle();
    expect(sync.status()).toMatchObject({ error: { code: 'server-error' }, asOf: SERVER_TIME, upToDate: false });
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
