import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlcipher from '@signalapp/sqlcipher';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../main/cache/open.ts';
import { outboxMigrations } from '../../../main/cache/outbox/schema/index.ts';
import { pendingChange } from '../../../preload/contract/sync.ts';
import type { DevServer } from '../../server/index.ts';
import {
  add,
  cacheKey,
  change,
  edit,
  heartRate,
  known,
  newHeartRate,
  outboxKey,
  outboxServer,
  PATIENT,
  recording,
  type Sent,
  type Station,
  stationFor,
  upload,
  versions,
  withValue,
} from './support.ts';

let server: DevServer;
beforeAll(async () => {
  server = await outboxServer();
});
afterAll(() => server.stop());

const start = () => stationFor(server);

const nothing = { waiting: 0, conflicts: 0, parked: 0 };
const observation = { type: 'Observation', action: 'update' } as const;

describe('the outbox', () => {
  it('tells its changes oldest first, whose they are and what they are', () => {
    const station = start();
    const { id } = known(station, server, heartRate(randomUUID(), '70'));
    const created = newHeartRate('82');
    const ids = [add(station, created), edit(station, 'Observation', id, (shown) => withValue(shown, '71'))];
    station.reopen('died');
    const { items, total } = station.outbox.list({ limit: 100 });
    for (const item of items) expect(() => pendingChange.parse(item)).not.toThrow();
    expect(items.map((item) => item.id)).toEqual(ids);
    expect(items).toMatchObject([
      { action: 'create', state: 'waiting', patientId: PATIENT, resourceId: created.resourceId, attempts: 0 },
      { action: 'update', state: 'waiting', resourceId: id, patient: { family: 'Ng', given: 'Ana' } },
    ]);
    expect(total).toBe(2);
    expect(station.outbox.list({ limit: 1 })).toMatchObject({ total: 2, items: [{ id: ids[0] }] });
    expect(station.outbox.get({ id: ids[1] ?? '' })).toEqual(items[1]);
    expect(station.outbox.get({ id: randomUUID() })).toBeNull();
  });

  it('makes one change of several edits that were not sent', async () => {
    const station = start();
    const { id } = known(station, server, heartRate(randomUUID(), '70'));
    for (const value of ['71', '72', '73.0']) edit(station, 'Observation', id, (shown) => withValue(shown, value));
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 1 });
    await upload({ station, server });
    expect(versions(server, 'Observation', id)).toEqual(['1', '2']);
    expect(server.store.versions('Observation', id).at(-1)?.text).toContain('73.0');
  });

  it('forgets what was made and deleted again before it was sent', async () => {
    const station = start();
    const made = newHeartRate('82');
    add(station, made);
    add(station, change({ type: 'Observation', action: 'delete', resourceId: made.resourceId, baseVersionId: '' }));
    expect(station.outbox.counts()).toEqual(nothing);
    expect(station.shown('Observation', made.resourceId)).toBeNull();
    const sent: Sent[] = [];
    await upload({ station, server, fetch: recording(sent) });
    expect(sent).toEqual([]);
  });

  it('sends one patient’s changes in the order in which they were made', async () => {
    const station = start();
    const made = ['1', '2', '3', '4', '5'].map((value) => newHeartRate(value));
    for (const one of made) add(station, one);
    const sent: Sent[] = [];
    await upload({ station, server, without: ['transaction'], fetch: recording(sent) });
    const values = sent.map(({ body }) => /"value":(\d)/.exec(body)?.[1]);
    expect(values).toEqual(['1', '2', '3', '4', '5']);
  });

  it('sends the changes of two patients in bundles of their own', async () => {
    const station = start();
    for (const patientId of [PATIENT, 'p2', PATIENT, 'p2']) {
      const made = newHeartRate('1');
      add(station, {
        ...made,
        patientId,
        body: made.body?.replace(`Patient/${PATIENT}`, `Patient/${patientId}`) ?? null,
      });
    }
    const sent: Sent[] = [];
    await upload({ station, server, fetch: recording(sent) });
    expect(sent.map(({ body }) => (JSON.parse(body) as { entry: unknown[] }).entry.length)).toEqual([2, 2]);
  });

  it('takes no edit of what is another version by now, is not there, or is only a part', () => {
    const station = start();
    const { id, versionId } = known(station, server, heartRate(randomUUID(), '70'));
    const part = randomUUID();
    station.learnText(
      heartRate(part, '70').replace('"status"', '"meta":{"versionId":"1","tag":[{"code":"SUBSETTED"}]},"status"'),
    );
    const unversioned = randomUUID();
    station.learnText(heartRate(unversioned, '70'));
    const add = (resourceId: string, baseVersionId: string | null, body = heartRate(resourceId, '71')) =>
      station.outbox.add(change({ ...observation, resourceId, baseVersionId, body }));
    expect(add(id, '0')).toEqual({ ok: false, error: { code: 'stale' } });
    expect(add(id, null)).toEqual({ ok: false, error: { code: 'stale' } });
    expect(add(randomUUID(), '1')).toEqual({ ok: false, error: { code: 'not-found' } });
    for (const answer of [
      add(part, '1'),
      add(unversioned, ''),
      add(id, versionId, 'no JSON'),
      add(id, versionId, '{"resourceType":"Patient"}'),
      station.outbox.add(change({ type: 'Binary', action: 'create', body: '{"resourceType":"Binary"}' })),
      station.outbox.add(change({ type: 'ImagingStudy', action: 'create', body: '{"resourceType":"ImagingStudy"}' })),
    ]) {
      expect(answer).toEqual({ ok: false, error: { code: 'not-writable' } });
    }
    expect(station.outbox.counts()).toEqual(nothing);
  });

  it('takes an edit of the version that its own change made, though another one was seen', async () => {
    const station = start();
    const { id, versionId } = known(station, server, heartRate(randomUUID(), '70'));
    edit(station, 'Observation', id, (shown) => withValue(shown, '71'));
    await upload({ station, server });
    add(station, change({ ...observation, resourceId: id, baseVersionId: versionId, body: heartRate(id, '72') }));
    await upload({ station, server });
    expect(versions(server, 'Observation', id)).toEqual(['1', '2', '3']);
  });

  it('keeps an edit that is made while a request is under way', async () => {
    const station = start();
    const { id } = known(station, server, heartRate(randomUUID(), '70'));
    edit(station, 'Observation', id, (shown) => withValue(shown, '71'));
    let edited = 0;
    const fetch = recording([], async ({ method }) => {
      if (method !== 'GET' && edited < 3) {
        edited += 1;
        edit(station, 'Observation', id, (shown) => withValue(shown, `8${edited}`));
      }
      return null;
    });
    await upload({ station, server, fetch });
    expect(versions(server, 'Observation', id)).toEqual(['1', '2', '3', '4', '5']);
    expect(server.store.versions('Observation', id).at(-1)?.text).toContain('"value":83');
    expect(station.shown('Observation', id)).toBe(server.store.versions('Observation', id).at(-1)?.text);
  });
});

describe('what the server made of a change', () => {
  it('stays where a further edit was made meanwhile', async () => {
    const station = start();
    const { id } = known(station, server, heartRate(randomUUID(), '70'));
    edit(station, 'Observation', id, (shown) => withValue(shown, '71'));
    let isFirst = true;
    // The server adds an element to the first text that it is sent, while the clinician writes the next one.
    const adding = recording([], async ({ method, url, headers, body }) => {
      if (method !== 'PUT' || !isFirst) return null;
      isFirst = false;
      edit(station, 'Observation', id, (shown) => withValue(shown, '72'));
      return fetch(url, {
        method,
        headers,
        body: body.replace('"status"', '"issued":"2026-03-01T09:30:00Z","status"'),
      });
    });
    await upload({ station, server, without: ['transaction'], fetch: adding });
    expect(versions(server, 'Observation', id)).toEqual(['1', '2', '3']);
    expect(server.store.read('Observation', id)).toMatchObject({
      issued: '2026-03-01T09:30:00Z',
      valueQuantity: { value: 72 },
    });
    expect(station.shown('Observation', id)).toContain('"issued":"2026-03-01T09:30:00Z"');
  });

  it('is not undone by a page that the download had asked for before', async () => {
    const station = start();
    const { id } = known(station, server, heartRate(randomUUID(), '70'));
    const before = server.store.versions('Observation', id)[0]?.text ?? '';
    edit(station, 'Observation', id, (shown) => withValue(shown, '71'));
    await upload({ station, server });
    station.learnText(before);
    expect(station.shown('Observation', id)).toContain('"value":71');
    edit(station, 'Observation', id, (shown) => withValue(shown, '72'));
    station.learnText(before);
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 1 });
    await upload({ station, server });
    expect(versions(server, 'Observation', id)).toEqual(['1', '2', '3']);
  });
});

describe('a withdrawn change', () => {
  it.each(['update', 'delete'] as const)('(%s) leaves the record as the server has it', (action) => {
    const station = start();
    const { id, versionId } = known(station, server, heartRate(randomUUID(), '70'));
    const body = action === 'delete' ? null : heartRate(id, '71');
    const changeId = add(
      station,
      change({ type: 'Observation', action, resourceId: id, baseVersionId: versionId, body }),
    );
    expect(station.outbox.withdraw({ id: changeId }).ok).toBe(true);
    expect(station.outbox.withdraw({ id: changeId })).toEqual({ ok: false, error: { code: 'not-found' } });
    expect(station.shown('Observation', id)).toBe(server.store.versions('Observation', id)[0]?.text);
    expect(station.local('Observation', id)).toBe(0);
    expect(station.outbox.counts()).toEqual(nothing);
  });
});

describe('a cache that was lost', () => {
  it('is filled from the outbox with what the clinician wrote, and nothing of it is lost', async () => {
    const station = start();
    const { id, versionId } = known(station, server, heartRate(randomUUID(), '70'));
    const gone = known(station, server, heartRate(randomUUID(), '71'));
    const made = newHeartRate('82');
    add(station, made);
    edit(station, 'Observation', id, (shown) => withValue(shown, '71.50'));
    add(station, change({ type: 'Observation', action: 'delete', resourceId: gone.id, baseVersionId: gone.versionId }));
    for (const name of readdirSync(station.folder)) if (name.startsWith('cache.db')) rmSync(join(station.folder, name));
    expect(station.openedWith({ create: true }).ok).toBe(true);
    expect(station.shown('Observation', made.resourceId)).toContain('"value":82');
    expect(station.shown('Observation', id)).toContain('"value":71.50');
    expect(station.local('Observation', id)).toBe(1);
    // The download brings it all again, and the clinician's text stays.
    station.learn(server, `Observation/${id}`, `Observation/${gone.id}`, `Patient/${PATIENT}`);
    expect(station.shown('Observation', id)).toContain('"value":71.50');
    expect(station.shown('Observation', gone.id)).toBeNull();
    expect(await upload({ station, server })).toEqual({ ok: true });
    expect(versions(server, 'Observation', id)).toEqual([versionId, '2']);
    expect(station.outbox.counts()).toEqual(nothing);
  });
});

describe('security: the outbox’s file', () => {
  const files = (station: Station) => readdirSync(station.folder).filter((name) => name.startsWith('outbox.db'));
  const file = (station: Station) => join(station.folder, 'outbox.db');

  it('security: holds nothing that can be read without its key', () => {
    const station = start();
    add(station, { ...newHeartRate('82', ',"note":[{"text":"Zebedee Quackenbush"}]'), title: 'Zebedee Quackenbush' });
    for (const name of files(station)) {
      expect(readFileSync(join(station.folder, name)).includes('Zebedee')).toBe(false);
    }
    expect(files(station)).toContain('outbox.db-wal');
  });

  it('security: opens in another SQLCipher with its own key, and not with the cache’s', () => {
    const station = start();
    add(station, { ...newHeartRate('82'), title: 'Pulse' });
    station.openedWith({ key: new Uint8Array(32) });
    const read = (key: Uint8Array) => {
      const oracle = new Sqlcipher(file(station));
      try {
        oracle.pragma(`key = "x'${Buffer.from(key).toString('hex')}'"`);
        oracle.pragma('cipher_compatibility = 4');
        return oracle.prepare('SELECT title, state FROM change').all();
      } finally {
        oracle.close();
      }
    };
    expect(read(outboxKey())).toEqual([{ title: 'Pulse', state: 'waiting' }]);
    expect(() => read(cacheKey())).toThrow();
  });

  it('security: is never made anew where it is missing, damaged, of another key or of a newer program', () => {
    const station = start();
    add(station, newHeartRate('82'));
    const outbox = { file: file(station), key: outboxKey() };
    const codeOf = (change = {}) => {
      const opened = station.openedWith({ outbox: { ...outbox, key: outboxKey(), ...change } });
      return opened.ok ? 'opened' : opened.error.code;
    };
    expect(codeOf({ key: cacheKey() })).toBe('outbox-key-wrong');
    expect(codeOf()).toBe('opened');
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 1 });
    expect(codeOf({ file: `${file(station)}.elsewhere` })).toBe('outbox-missing');
    expect(files(station).some((name) => name.includes('elsewhere'))).toBe(false);
    const whole = readFileSync(file(station));
    writeFileSync(file(station), Buffer.concat([whole.subarray(0, 100), Buffer.alloc(whole.length - 100, 1)]));
    expect(codeOf()).toBe('outbox-damaged');
    rmSync(file(station));
    expect(codeOf()).toBe('outbox-missing');
    expect(files(station)).not.toContain('outbox.db');
    writeFileSync(file(station), whole);
    expect(codeOf()).toBe('opened');
    station.openedWith({ key: new Uint8Array(32) });
    const newer = openDatabase({ ...outbox, mode: 'write', migrations: outboxMigrations });
    if (newer.ok) newer.value.pragma('user_version = 99');
    if (newer.ok) newer.value.close();
    expect(codeOf()).toBe('outbox-newer-schema');
    const older = openDatabase({ ...outbox, mode: 'write', migrations: Array(99).fill(() => undefined) });
    if (older.ok) older.value.pragma(`user_version = ${outboxMigrations.length}`);
    if (older.ok) older.value.close();
    expect(codeOf()).toBe('opened');
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 1 });
  });
});
