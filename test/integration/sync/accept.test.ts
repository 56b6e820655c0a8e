import type { Condition, Observation } from 'fhir/r4';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cache } from '../../../main/cache/client.ts';
import { defaultPolicy } from '../../../main/managed/policy.ts';
import { acceptServer } from '../../../main/sync/server.ts';
import { createSync, type Sync, type Timers } from '../../../main/sync/sync.ts';
import type { SyncStatus } from '../../../preload/contract/sync.ts';
import { type DevServer, startServer } from '../../server/index.ts';
import { cachedRecords, expectedRecords, fhirFor, openCache, panelOf, run } from './support.ts';

const MINUTE = 60_000;

let time: number;
let server: DevServer;
beforeEach(async () => {
  time = Date.parse('2031-03-04T05:06:07.890Z');
  server = await startServer({ patients: 3, seed: 21, clock: () => new Date(time) });
  time += 60 * MINUTE;
});
afterEach(() => server.stop());

/** Sync as the program has it; runs that it would begin later by itself are begun by `due`. */
async function startSync(cache: Cache) {
  const waiting = new Set<() => void>();
  const timers: Timers = {
    now: () => time,
    after(_ms, callback) {
      const due = () => callback();
      waiting.add(due);
      return () => waiting.delete(due);
    },
  };
  let ended: () => void = () => undefined;
  const idle = () => new Promise<void>((resolve) => (ended = resolve));
  let status: SyncStatus | null = null;
  const sync: Sync = createSync({
    cache,
    fhir: await fhirFor(server, { scope: 'openid fhirUser user/*.cruds' }),
    practitioner: 'Practitioner/dev-osei',
    policy: defaultPolicy,
    random: () => 0.5,
    timers,
    onStatus(next) {
      const wasRunning = status !== null && status.activity !== 'idle';
      status = next;
      if (wasRunning && next.activity === 'idle') ended();
    },
    onChanged: () => undefined,
  });
  return {
    sync,
    /** Resolves with the run that `begin` starts. */
    async whole(begin: () => unknown) {
      const end = idle();
      await begin();
      await end;
      return sync.status();
    },
    due() {
      for (const callback of waiting) callback();
    },
  };
}

const conditionOf = (patient: string) =>
  server.store
    .list('Condition')
    .find(({ id = '' }) => server.store.versions('Condition', id).at(-1)?.patients.includes(patient)) as Condition;

const NEW = '7c1e9a52-3a8e-4a57-9d0b-1f4f6f0c2b11';

const observationOf = (patient: string): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'Sodium' },
  subject: { reference: `Patient/${patient}` },
});

const writes = () => server.requests.filter(({ method }) => method !== 'GET');

describe('security: a server that was reset and is accepted', () => {
  it('security: is not sent anything before everything was fetched and compared; edits whose base is gone conflict', async () => {
    const cache = await openCache();
    const fhir = await fhirFor(server);
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    const [patientId = ''] = panelOf(server);
    const [given, gone] = ['given-again', 'gone-back'].map(
      (id): Condition => ({ ...conditionOf(patientId), id, recordedDate: '2030-01-01' }),
    );
    if (!given || !gone) throw new Error('there are two');
    for (const condition of [given, gone]) server.store.put(condition);
    const backup = server.store.snapshot();
    time += MINUTE;
    const seen = [given, gone].map((condition) => server.store.put({ ...condition, language: 'en' }));
    server.store.put({ ...given, id: 'forgotten' });
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    const about = { patientId, author: 'Practitioner/dev-osei', changedAt: new Date(time).toISOString() };
    for (const [at, condition] of [given, gone].entries()) {
      const added = await cache.outbox.add({
        ...about,
        type: 'Condition',
        resourceId: condition.id ?? '',
        action: 'update',
        baseVersionId: seen[at]?.versionId ?? '',
        body: JSON.stringify({ ...condition, note: [{ text: 'written offline' }] }),
        title: 'Problem',
      });
      expect(added.ok).toBe(true);
    }
    const created = { ...observationOf(patientId), id: NEW };
    const added = await cache.outbox.add({
      ...about,
      type: 'Observation',
      resourceId: NEW,
      action: 'create',
      baseVersionId: null,
      body: JSON.stringify(created),
      title: 'Sodium',
    });
    expect(added.ok).toBe(true);
    server.store.restore(backup);
    time += 10 * MINUTE;
    // Somebody else's text under the version id that the edit was made on.
    expect(server.store.put({ ...given, language: 'de' }).versionId).toBe(seen[0]?.versionId);

    const { sync, whole, due } = await startSync(cache);
    expect(await whole(sync.start)).toMatchObject({ error: { code: 'server-reset', retryAt: null } });
    expect(await sync.resetReason()).toBe('version-unknown');
    server.requests.length = 0;
    const accepted = await whole(async () => {
      expect(await sync.acceptServer()).toEqual({ ok: true, value: {} });
    });
    expect(accepted).toMatchObject({ error: null, complete: true, upToDate: false });
    expect(await sync.resetReason()).toBeNull();
    expect(writes()).toEqual([]);
    expect(server.requests.some(({ path }) => path.includes('_elements='))).toBe(true);
    const unsent = [given.id, gone.id, NEW].map(String);
    const others = (records: string[]) => records.filter((record) => !unsent.some((id) => record.includes(id)));
    expect(others(await cachedRecords(cache))).toEqual(others(expectedRecords(server)));

    time += MINUTE;
    expect(await whole(due)).toMatchObject({ error: null, changes: { waiting: 0, conflicts: 2, parked: 0 } });
    // The new record is sent, and neither of the edits.
    expect(writes().map(({ method }) => method)).toEqual(['POST']);
    for (const { id = '', language } of [{ ...given, language: 'de' }, gone]) {
      expect((server.store.read('Condition', id) as Condition).language).toBe(language);
      expect(server.store.versions('Condition', id).at(-1)?.text).not.toContain('written offline');
    }
    await sync.stop();
  });

  it.each(['doubt', 'acceptServer'] as const)(
    'security: keeps no edit undoubted that is made right after %s, while it is accepted',
    async (step) => {
      const cache = await openCache();
      expect(await run({ cache, fhir: await fhirFor(server) })).toEqual({ ok: true });
      const [patientId = ''] = panelOf(server);
      const condition = conditionOf(patientId);
      const edit = () =>
        cache.outbox.add({
          patientId,
          author: 'Practitioner/dev-osei',
          changedAt: new Date(time).toISOString(),
          type: 'Condition',
          resourceId: condition.id ?? '',
          action: 'update',
          baseVersionId: condition.meta?.versionId ?? '',
          body: JSON.stringify({ ...condition, note: [{ text: 'written meanwhile' }] }),
          title: 'Problem',
        });
      const thenEditing =
        <Args extends unknown[], Answer>(work: (...args: Args) => Promise<Answer>) =>
        async (...args: Args) => {
          const answer = await work(...args);
          await edit();
          return answer;
        };
      const { outbox, write } = cache;
      await acceptServer({
        ...cache,
        outbox: { ...outbox, ...(step === 'doubt' && { doubt: thenEditing(outbox.doubt) }) },
        write: { ...write, ...(step === 'acceptServer' && { acceptServer: thenEditing(write.acceptServer) }) },
      });
      for (const { state } of await outbox.queue()) expect(state).toBe('sending');
    },
  );

  it('is asked for anew where accepting it was cut off', async () => {
    const cache = await openCache();
    const fhir = await fhirFor(server);
    const backup = server.store.snapshot();
    time += MINUTE;
    server.store.put({ ...conditionOf(panelOf(server)[0] ?? ''), language: 'en' });
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    server.store.restore(backup);
    time += 10 * MINUTE;
    const cut: Cache = {
      ...cache,
      write: { ...cache.write, acceptServer: () => Promise.reject(new Error('the process has ended')) },
    };
    const first = await startSync(cut);
    await first.whole(first.sync.start);
    expect(await first.sync.acceptServer()).toEqual({ ok: false, error: { code: 'store-failed' } });
    expect(await first.sync.resetReason()).toBe('version-unknown');
    await first.sync.stop();
    const { sync, whole } = await startSync(cache);
    expect(await whole(sync.start)).toMatchObject({ error: { code: 'server-reset' } });
    expect(await whole(sync.acceptServer)).toMatchObject({ error: null, complete: true, upToDate: true });
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
    await sync.stop();
  });
});
