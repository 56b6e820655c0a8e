import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCache } from '../../../main/cache/client.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import { forkCacheProcess, keyOf, openCache, temporaryDirectory } from './support.ts';

const patient = JSON.stringify({ resourceType: 'Patient', id: 'p1', name: [{ family: 'Ng', given: ['Ana'] }] });
const task = { label: 'Patients', resourceType: 'Patient', url: 'Patient?_id=p1', patients: ['p1'] };

const request = (file: string, key: Uint8Array, create: boolean) => ({
  file,
  key,
  create,
  outbox: { file: join(dirname(file), 'outbox.db'), key: keyOf(3) },
});

function start() {
  const file = join(temporaryDirectory(), 'profile', 'cache.db');
  const ports: ReturnType<typeof forkCacheProcess>[] = [];
  const cache = createCache({
    fork: () => {
      const port = forkCacheProcess();
      ports.push(port);
      return port;
    },
  });
  return { cache, file, ports };
}

describe('the cache process', () => {
  test('reads what was written, from its other threads, and after it was opened again', async () => {
    const { cache, file } = start();
    const key = keyOf(1);
    expect(await cache.open(request(file, key, true))).toEqual({
      ok: true,
      value: { rebuilt: false, schema: cacheMigrations.length },
    });
    expect(key).toEqual(keyOf(1));
    await cache.write.startRun({ tasks: [task] });
    await cache.write.expandRun({ panel: ['p1'], tasks: [] });
    const page = { seq: 1, resources: [patient], next: null, serverTime: '2026-01-02T03:04:05Z' };
    expect(await cache.write.applyPage(page)).toEqual({ stored: 1, unchanged: 0, rejected: 0, patients: ['p1'] });
    const versions = await Promise.all(Array.from({ length: 20 }, () => cache.read.versions()));
    for (const version of versions) expect(version).toEqual([{ type: 'Patient', id: 'p1', versionId: '' }]);
    await cache.close();
    expect(existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0).toBe(false);

    await expect(cache.read.run()).rejects.toMatchObject({ code: 'cache-closed' });
    expect(await cache.open(request(file, key, false))).toEqual({
      ok: true,
      value: { rebuilt: false, schema: cacheMigrations.length },
    });
    expect((await cache.read.run()).startedAt).toBe('2026-01-02T03:04:05Z');
    expect(await cache.read.resource({ type: 'Patient', id: 'p1' })).toBe(patient);
    await cache.close();
  });

  test('answers a code for what cannot be opened or done, and goes on', async () => {
    const { cache, file } = start();
    expect(await cache.open(request(file, keyOf(1), false))).toEqual({
      ok: false,
      error: { code: 'cache-missing' },
    });
    expect(existsSync(file)).toBe(false);
    expect((await cache.open(request(file, keyOf(1), true))).ok).toBe(true);
    await cache.write.startRun({ tasks: [task] });
    await expect(cache.write.finishRun({ asOf: '2026-01-02T03:04:05Z' })).rejects.toMatchObject({
      code: 'tasks-pending',
    });
    await expect(cache.write.refuseTask({ seq: 99, serverTime: '2026-01-02T03:04:05Z' })).rejects.toMatchObject({
      code: 'task-not-pending',
    });
    expect(await cache.read.tasks({})).toMatchObject([{ ...task, seq: 1, next: null, state: 'pending' }]);
    await cache.close();
    expect(await cache.open(request(file, keyOf(2), false))).toEqual({
      ok: false,
      error: { code: 'cache-key-wrong' },
    });
  });

  test('rejects what waits when the process dies, tells of it once, and can be opened again', async () => {
    const { cache, file, ports } = start();
    const exits: unknown[] = [];
    cache.onExit((code) => exits.push(code));
    await cache.open(request(file, keyOf(1), true));
    await cache.write.setMeta({ key: 'a', value: 'kept' });
    const waiting = [cache.read.versions(), cache.write.setMeta({ key: 'a', value: 'perhaps' })];
    ports[0]?.child.kill('SIGKILL');
    const ends = await Promise.allSettled(waiting);
    expect(ends.map((end) => end.status)).toContain('rejected');
    await expect(cache.read.run()).rejects.toMatchObject({ code: expect.stringMatching(/process-ended|cache-closed/) });
    expect(exits).toHaveLength(1);
    expect((await cache.open(request(file, keyOf(1), false))).ok).toBe(true);
    expect(['kept', 'perhaps']).toContain(await cache.read.getMeta({ key: 'a' }));
    await cache.close();
    expect(exits).toHaveLength(1);
  });

  test.each([1, 5, 17])('killed after %i pages it has every page that it acknowledged, whole', async (pages) => {
    const { cache, file, ports } = start();
    await cache.open(request(file, keyOf(1), true));
    await cache.write.startRun({ tasks: [task] });
    let acknowledged = 0;
    const sent = Array.from({ length: 60 }, async (_, index) => {
      const resources = ['a', 'b', 'c'].map((id) => patient.replace('"p1"', `"${id}${index + 1}"`));
      await cache.write.applyPage({ seq: 1, resources, next: `page ${index + 1}`, serverTime: '2026-01-02T03:04:05Z' });
      acknowledged += 1;
      if (acknowledged === pages) ports[0]?.child.kill('SIGKILL');
    });
    await Promise.allSettled(sent);
    expect(acknowledged).toBeGreaterThanOrEqual(pages);

    const { read } = openCache(file, keyOf(1));
    const cursor = Number(read.tasks({})[0]?.next?.slice('page '.length));
    expect(cursor).toBeGreaterThanOrEqual(acknowledged);
    const expected = Array.from({ length: cursor }, (_, index) => ['a', 'b', 'c'].map((id) => `${id}${index + 1}`));
    expect(read.versions().map(({ id }) => id)).toEqual(expected.flat().sort());
  });
});
