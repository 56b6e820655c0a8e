import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { UploadOptions } from '../../../main/sync/upload/upload.ts';
import type { DevServer, FaultRule } from '../../server/index.ts';
import type { Fetch } from '../sync/support.ts';
import {
  add,
  change,
  createdFrom,
  edit,
  heartRate,
  known,
  newHeartRate,
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
afterEach(() => server.faults.clear());
afterAll(() => server.stop());

const start = () => stationFor(server);

const modes = [
  ['as a transaction', []],
  ['one at a time', ['transaction' as const]],
] as const;

const nothing = { waiting: 0, conflicts: 0, parked: 0 };
const writes = ({ method }: Sent) => method !== 'GET';

describe.each(modes)('changes that are sent %s', (_how, without) => {
  it('are on the server once each, and in the cache as the server has them', async () => {
    const station = start();
    const created = newHeartRate('82');
    const updated = known(station, server, heartRate(randomUUID(), '70'));
    const deleted = known(station, server, heartRate(randomUUID(), '71'));
    add(station, created);
    edit(station, 'Observation', updated.id, (shown) => withValue(shown, '72'));
    add(
      station,
      change({ type: 'Observation', action: 'delete', resourceId: deleted.id, baseVersionId: deleted.versionId }),
    );
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 3 });
    expect(station.local('Observation', created.resourceId)).toBe(1);
    expect(station.shown('Observation', deleted.id)).toBeNull();

    expect(await upload({ station, server, without: [...without] })).toEqual({ ok: true });

    expect(station.outbox.counts()).toEqual(nothing);
    const [id = '', ...more] = createdFrom(server, 'Observation', created.resourceId);
    expect(more).toEqual([]);
    expect(station.outbox.resolveId({ type: 'Observation', id: created.resourceId })).toBe(id);
    expect(station.shown('Observation', created.resourceId)).toBeNull();
    for (const one of [id, updated.id]) {
      expect(station.shown('Observation', one)).toBe(server.store.versions('Observation', one).at(-1)?.text);
      expect(station.local('Observation', one)).toBe(0);
    }
    expect(versions(server, 'Observation', updated.id)).toEqual(['1', '2']);
    expect(versions(server, 'Observation', deleted.id)).toEqual(['1', '-2']);
    expect(station.shown('Observation', deleted.id)).toBeNull();
  });

  it('security: are announced before their request leaves, which has the id that was answered', async () => {
    const station = start();
    const [first, second] = [newHeartRate('82'), newHeartRate('83')];
    add(station, first);
    add(station, second);
    const order: string[] = [];
    const announced: string[] = [];
    const sent: (string | null)[] = [];
    const announce: UploadOptions['announce'] = async (changes) => {
      order.push('announce');
      announced.push(...changes.map(({ patientId, resourceId }) => `${patientId} ${resourceId}`));
      return `recorded-${order.length}`;
    };
    const watching: Fetch = (input, init) => {
      const request = new Request(input, init);
      if (request.method !== 'POST') return fetch(request);
      order.push('request');
      sent.push(request.headers.get('x-request-id'));
      return fetch(request);
    };
    await upload({ station, server, without: [...without], announce, fetch: watching });
    expect(announced.sort()).toEqual([first, second].map(({ resourceId }) => `${PATIENT} ${resourceId}`).sort());
    expect(order.filter((_, index) => index % 2 === 0)).toEqual(sent.map(() => 'announce'));
    expect(sent).toEqual(sent.map((_, index) => `recorded-${2 * index + 1}`));
    expect(sent.length).toBeGreaterThan(0);
  });

  it('keep the digits of their decimals', async () => {
    const station = start();
    const created = newHeartRate('1.50');
    const updated = known(
      station,
      server,
      heartRate(randomUUID(), '2.0', ',"component":[{"code":{"text":"x"},"valueQuantity":{"value":3.1400}}]'),
    );
    add(station, created);
    edit(station, 'Observation', updated.id, (shown) => shown.replace('"value":2.0', '"value":2.50'));
    await upload({ station, server, without: [...without] });
    const [id = ''] = createdFrom(server, 'Observation', created.resourceId);
    expect(server.store.versions('Observation', id).at(-1)?.text).toContain('"value":1.50');
    const text = server.store.versions('Observation', updated.id).at(-1)?.text;
    expect(text).toContain('"value":2.50');
    expect(text).toContain('"value":3.1400');
  });

  it('refer to one another by the ids that the server gave', async () => {
    const station = start();
    const encounter = randomUUID();
    const body = `{"resourceType":"Encounter","id":"${encounter}","status":"in-progress","class":{"code":"IMP"},"subject":{"reference":"Patient/${PATIENT}"}}`;
    const rate = newHeartRate('82', `,"encounter":{"reference":"Encounter/${encounter}"}`);
    const note = newHeartRate('83', `,"hasMember":[{"reference":"urn:uuid:${rate.resourceId}"}]`);
    // The one that is referred to comes after the one that refers to it.
    for (const one of [note, rate, change({ type: 'Encounter', action: 'create', resourceId: encounter, body })]) {
      add(station, one);
    }
    expect(await upload({ station, server, without: [...without] })).toEqual({ ok: true });
    const [encounterId] = createdFrom(server, 'Encounter', encounter);
    const [rateId = ''] = createdFrom(server, 'Observation', rate.resourceId);
    const [noteId = ''] = createdFrom(server, 'Observation', note.resourceId);
    expect(server.store.read('Observation', rateId)).toMatchObject({
      encounter: { reference: `Encounter/${encounterId}` },
    });
    expect(server.store.read('Observation', noteId)).toMatchObject({
      hasMember: [{ reference: `Observation/${rateId}` }],
    });
    expect(station.shown('Observation', noteId)).toContain(`Observation/${rateId}`);
    expect(station.outbox.counts()).toEqual(nothing);
  });

  it.each<[string, FaultRule['kind'], number | undefined]>([
    ['whose answer was lost', 'dropAfter', undefined],
    ['whose answer was cut short', 'truncate', undefined],
    ['that never arrived', 'dropBefore', undefined],
    ['that the server failed at', 'status', 500],
  ])('%s are there exactly once in the end', async (_what, kind, status) => {
    const station = start();
    const created = newHeartRate('82');
    const updated = known(station, server, heartRate(randomUUID(), '70'));
    const deleted = known(station, server, heartRate(randomUUID(), '71'));
    add(station, created);
    edit(station, 'Observation', updated.id, (shown) => withValue(shown, '72'));
    add(
      station,
      change({ type: 'Observation', action: 'delete', resourceId: deleted.id, baseVersionId: deleted.versionId }),
    );
    const match = ({ method }: { method: string }) => method !== 'GET';
    const rule = { kind, match, ...(status && { status: status as 500 }) };
    for (let attempt = 0; attempt < 12; attempt += 1) {
      server.faults.clear();
      // Each request that changes something fails, until the third time.
      if (attempt < 3) server.faults.add({ ...rule, times: 1 });
      station.reopen(attempt % 2 === 0 ? 'died' : 'closed');
      await upload({ station, server, without: [...without] });
    }
    expect(station.outbox.counts()).toEqual(nothing);
    const [id = '', ...more] = createdFrom(server, 'Observation', created.resourceId);
    expect(more).toEqual([]);
    expect(versions(server, 'Observation', id)).toEqual(['1']);
    expect(versions(server, 'Observation', updated.id)).toEqual(['1', '2']);
    expect(versions(server, 'Observation', deleted.id)).toEqual(['1', '-2']);
    expect(station.shown('Observation', id)).toBe(server.store.versions('Observation', id)[0]?.text);
  });

  it('security: never leave without a condition: If-Match where they replace or delete, If-None-Exist where they create', async () => {
    const station = start();
    const sent: Sent[] = [];
    const created = newHeartRate('82');
    const updated = known(station, server, heartRate(randomUUID(), '70'));
    const deleted = known(station, server, heartRate(randomUUID(), '71'));
    const stale = known(station, server, heartRate(randomUUID(), '73'));
    for (const { id } of [updated, stale]) edit(station, 'Observation', id, (shown) => withValue(shown, '99'));
    add(station, created);
    add(
      station,
      change({ type: 'Observation', action: 'delete', resourceId: deleted.id, baseVersionId: deleted.versionId }),
    );
    server.store.put(heartRate(stale.id, '74'));
    await upload({ station, server, without: [...without], fetch: recording(sent) });
    const requests = sent.filter(writes).flatMap(conditionsOf);
    expect(requests.length).toBeGreaterThanOrEqual(4);
    for (const { method, condition } of requests) {
      expect(['POST', 'PUT', 'DELETE']).toContain(method);
      expect(condition).toMatch(method === 'POST' ? /^identifier=urn:ietf:rfc:3986\|urn:uuid:/ : /^W\/"1"$/);
    }
    const ids = sent.map(({ headers }) => headers.get('x-request-id'));
    expect(new Set(ids).size).toBe(sent.length);
    expect(ids).not.toContain(null);
  });
});

interface EntryRequest {
  request: { method: string; ifMatch?: string; ifNoneExist?: string };
}

/** Method and condition of a request, or of each entry of its bundle. */
function conditionsOf({ method, headers, body }: Sent): { method: string; condition: string | null | undefined }[] {
  const bundle = body === '' ? null : (JSON.parse(body) as { resourceType: string; entry?: EntryRequest[] });
  if (bundle?.resourceType !== 'Bundle') {
    return [{ method, condition: headers.get(method === 'POST' ? 'if-none-exist' : 'if-match') }];
  }
  return (bundle.entry ?? []).map(({ request }) => ({
    method: request.method,
    condition: request.method === 'POST' ? request.ifNoneExist : request.ifMatch,
  }));
}

describe('a change that the server refuses', () => {
  it.each(modes)(
    '%s: is parked with what the server says in plain words, and the others go on',
    async (_how, without) => {
      const station = start();
      const good = newHeartRate('82');
      const bad = newHeartRate('83', ',"colour":"green"');
      const alsoGood = newHeartRate('84');
      add(station, good);
      const id = add(station, bad);
      add(station, alsoGood);
      expect(await upload({ station, server, without: [...without] })).toEqual({ ok: true });
      expect(station.outbox.counts()).toEqual({ ...nothing, parked: 1 });
      const parked = station.outbox.get({ id });
      expect(parked).toMatchObject({ state: 'parked', patient: { family: 'Ng', given: 'Ana' }, title: 'Observation' });
      expect(parked?.problem?.lines.join()).toMatch(/colour/i);
      expect(parked?.problem?.lines.join()).not.toMatch(/[{}[\]"]\s*:|resourceType/);
      expect(station.local('Observation', bad.resourceId)).toBe(3);
      for (const { resourceId } of [good, alsoGood])
        expect(createdFrom(server, 'Observation', resourceId)).toHaveLength(1);

      // Corrected, it goes.
      add(station, { ...bad, action: 'update', body: heartRate(bad.resourceId, '83') });
      expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 1 });
      await upload({ station, server, without: [...without] });
      expect(createdFrom(server, 'Observation', bad.resourceId)).toHaveLength(1);
      expect(station.outbox.counts()).toEqual(nothing);
    },
  );

  it('holds back what refers to it, until it is withdrawn: then that waits for a person too', async () => {
    const station = start();
    const bad = newHeartRate('83', ',"colour":"green"');
    const dependent = newHeartRate('84', `,"hasMember":[{"reference":"Observation/${bad.resourceId}"}]`);
    const id = add(station, bad);
    const dependentId = add(station, dependent);
    await upload({ station, server });
    expect(station.outbox.get({ id: dependentId })?.state).toBe('waiting');
    expect(station.outbox.withdraw({ id })).toEqual({ ok: true, value: { patients: [PATIENT] } });
    expect(station.shown('Observation', bad.resourceId)).toBeNull();
    expect(station.outbox.get({ id: dependentId })).toMatchObject({
      state: 'parked',
      problem: { code: 'reference-withdrawn' },
    });
  });

  describe('and is withdrawn', () => {
    /** A create that the server refuses, and an edit of a record on the server that refers to it. */
    async function referring(station: Station) {
      const bad = newHeartRate('83', ',"colour":"green"');
      const badId = add(station, bad);
      const { id } = known(station, server, heartRate(randomUUID(), '70'));
      const member = `"hasMember":[{"reference":"Observation/${bad.resourceId}"}]`;
      const changeId = edit(station, 'Observation', id, (shown) =>
        withValue(shown, '72').replace('"status"', `${member},"status"`),
      );
      return { bad, badId, id, changeId };
    }

    async function expectWaitsForAPerson(station: Station, { id, changeId }: { id: string; changeId: string }) {
      const sent: Sent[] = [];
      const before = versions(server, 'Observation', id);
      expect(await upload({ station, server, fetch: recording(sent) })).toEqual({ ok: true });
      expect(sent.filter(writes)).toEqual([]);
      expect(versions(server, 'Observation', id)).toEqual(before);
      expect(station.local('Observation', id)).toBe(3);
      expect(station.outbox.get({ id: changeId })).toMatchObject({
        state: 'parked',
        problem: { code: 'reference-withdrawn' },
      });
    }

    it('security: what refers to it is not sent with an id that nobody knows, though it was in conflict then', async () => {
      const station = start();
      const made = await referring(station);
      server.store.put(heartRate(made.id, '90'));
      station.learn(server, `Observation/${made.id}`);
      await upload({ station, server });
      expect(station.outbox.get({ id: made.changeId })?.state).toBe('conflict');
      station.outbox.withdraw({ id: made.badId });
      const token = station.outbox.conflict({ id: made.changeId })?.token ?? '';
      expect(station.outbox.resolve({ id: made.changeId, token, resolution: { kind: 'mine' } }).ok).toBe(true);
      station.reopen();
      await expectWaitsForAPerson(station, made);
    });

    it('security: nor where it is sent again, until it refers to it no more', async () => {
      const station = start();
      const made = await referring(station);
      await upload({ station, server });
      station.outbox.withdraw({ id: made.badId });
      station.outbox.retry({ id: made.changeId });
      await expectWaitsForAPerson(station, made);
      edit(station, 'Observation', made.id, (shown) => shown.replace(/"hasMember":\[.*?\],/, ''));
      expect(await upload({ station, server })).toEqual({ ok: true });
      expect(station.outbox.counts()).toEqual(nothing);
      expect(versions(server, 'Observation', made.id)).toEqual(['1', '2']);
    });

    it('security: nor with what refers to that in turn', async () => {
      const station = start();
      const made = await referring(station);
      const middle = newHeartRate('84', `,"hasMember":[{"reference":"Observation/${made.bad.resourceId}"}]`);
      const last = newHeartRate('85', `,"hasMember":[{"reference":"Observation/${middle.resourceId}"}]`);
      const middleId = add(station, middle);
      add(station, last);
      await upload({ station, server });
      station.outbox.withdraw({ id: made.badId });
      station.outbox.retry({ id: middleId });
      await upload({ station, server });
      expect(station.outbox.get({ id: middleId })?.state).toBe('parked');
      for (const { resourceId } of [middle, last]) expect(createdFrom(server, 'Observation', resourceId)).toEqual([]);
    });

    it('security: nor what was sent beside it, and is found not to be taken', async () => {
      const station = start();
      const made = await referring(station);
      const gone = () => Promise.reject(new TypeError('failed'));
      await upload({ station, server, fetch: recording([], async ({ method }) => (method === 'GET' ? null : gone())) });
      expect(station.outbox.get({ id: made.changeId })?.state).toBe('sending');
      // What was refused is known before the connection breaks again.
      const outcome = recording([], async ({ method, url }) =>
        method === 'GET' && url.endsWith(made.id) ? gone() : null,
      );
      await upload({ station, server, fetch: outcome });
      station.outbox.park({ id: made.badId, problem: { code: 'rejected', lines: [] } });
      expect(station.outbox.withdraw({ id: made.badId }).ok).toBe(true);
      expect(station.outbox.get({ id: made.changeId })?.state).toBe('sending');
      await expectWaitsForAPerson(station, made);
    });
  });

  it('can be sent again as it is, and withdrawn', async () => {
    const station = start();
    const { id, versionId } = known(station, server, heartRate(randomUUID(), '70'));
    const changeId = edit(station, 'Observation', id, (shown) => withValue(shown, '71'));
    const forbidding = recording([], async ({ method }) =>
      method === 'PUT' ? new Response(null, { status: 403 }) : null,
    );
    await upload({ station, server, without: ['transaction'], fetch: forbidding });
    expect(station.outbox.get({ id: changeId })?.problem).toMatchObject({ code: 'forbidden' });
    expect(station.outbox.retry({ id: changeId }).ok).toBe(true);
    expect(station.outbox.retry({ id: changeId })).toEqual({ ok: false, error: { code: 'not-found' } });
    await upload({ station, server, without: ['transaction'], fetch: forbidding });
    expect(station.outbox.withdraw({ id: changeId }).ok).toBe(true);
    expect(station.shown('Observation', id)).toBe(server.store.versions('Observation', id)[0]?.text);
    expect(station.local('Observation', id)).toBe(0);
    expect(versions(server, 'Observation', id)).toEqual([versionId]);
  });
});

describe('a server that asks to wait', () => {
  it.each([429, 503] as const)('by %d ends the upload with its time, and loses nothing', async (status) => {
    const station = start();
    const made = newHeartRate('82');
    add(station, made);
    server.faults.add({ kind: 'status', status, retryAfter: 7, times: 1, match: ({ method }) => method === 'POST' });
    expect(await upload({ station, server })).toEqual({ ok: false, error: { code: 'server-error', retryAfter: 7 } });
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 1 });
    expect(await upload({ station, server })).toEqual({ ok: true });
    expect(createdFrom(server, 'Observation', made.resourceId)).toHaveLength(1);
  });

  it('in Medplum’s way is understood too', async () => {
    const station = start();
    add(station, newHeartRate('82'));
    const outcome = {
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code: 'throttled', diagnostics: '{"_remainingPoints":0,"_msBeforeNext":41500}' }],
    };
    const fetch = recording([], async () => new Response(JSON.stringify(outcome), { status: 429 }));
    expect(await upload({ station, server, fetch })).toEqual({
      ok: false,
      error: { code: 'server-error', retryAfter: 42 },
    });
  });

  it('halves a bundle that is too large, down to single records', async () => {
    const station = start();
    const made = Array.from({ length: 9 }, (_, at) => newHeartRate(`8${at}`));
    for (const one of made) add(station, one);
    const sent: Sent[] = [];
    const fetch = recording(sent, async ({ body }) =>
      body.length > 2_000 ? new Response(null, { status: 413 }) : null,
    );
    expect(await upload({ station, server, fetch })).toEqual({ ok: true });
    for (const { resourceId } of made) expect(createdFrom(server, 'Observation', resourceId)).toHaveLength(1);
    expect(sent.filter(({ body }) => body.length > 2_000).length).toBeLessThanOrEqual(3);
  });

  it('needs a sign-in where it no longer takes the token, and the change waits as before', async () => {
    const station = start();
    const id = add(station, newHeartRate('82'));
    const fetch = recording([], async () => new Response(null, { status: 401 }));
    expect(await upload({ station, server, fetch })).toMatchObject({ ok: false, error: { code: 'sign-in-needed' } });
    expect(station.outbox.get({ id })?.state).toBe('waiting');
    expect(station.outbox.withdraw({ id }).ok).toBe(true);
  });
});

describe('one change at which the server fails, whatever is done', () => {
  const poison = (made: { resourceId: string }) => ({
    isAbout: ({ method, url, body }: Sent) =>
      body.includes(made.resourceId) || (method === 'GET' && url.includes(made.resourceId)),
  });

  it.each([
    ['a gateway that gives it up', async () => new Response(null, { status: 504 })],
    ['no answer', async () => Promise.reject(new TypeError('failed'))],
  ])('keeps no other from being sent: %s', async (_, answer) => {
    const station = start();
    const [bad, good] = [newHeartRate('81'), newHeartRate('82')];
    add(station, bad);
    add(station, good);
    const { isAbout } = poison(bad);
    const fetch = recording([], async (sent) => (isAbout(sent) ? answer() : null));
    const stoppedAt = new Set<string>();
    const runs = 4;
    for (let run = 0; run < runs; run += 1) await upload({ station, server, fetch, stoppedAt });
    expect(createdFrom(server, 'Observation', good.resourceId)).toHaveLength(1);
    expect(createdFrom(server, 'Observation', bad.resourceId)).toEqual([]);
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 1 });
    expect(await upload({ station, server, stoppedAt })).toEqual({ ok: true });
    expect(createdFrom(server, 'Observation', bad.resourceId)).toHaveLength(1);
    expect(stoppedAt.size).toBe(0);
  });

  it('takes turns where there are several', async () => {
    const station = start();
    const made = ['81', '82', '83'].map((value) => newHeartRate(value));
    for (const one of made) add(station, one);
    const asked: string[] = [];
    const fetch = recording([], async ({ method, body, url }) => {
      const about = made.find(({ resourceId }) => body.includes(resourceId) || url.includes(resourceId));
      if (about && !body.includes('"Bundle"')) asked.push(about.resourceId);
      return method === 'POST' || url.includes('identifier=') ? new Response(null, { status: 504 }) : null;
    });
    const stoppedAt = new Set<string>();
    for (let run = 0; run < 13; run += 1) await upload({ station, server, fetch, stoppedAt });
    for (const { resourceId } of made) expect(asked.filter((one) => one === resourceId)).toHaveLength(4);
  });

  it('is asked for again where an answer about it can’t be read, and stops no other', async () => {
    const station = start();
    const id = known(station, server, heartRate(randomUUID(), '70')).id;
    const good = newHeartRate('82');
    edit(station, 'Observation', id, (text) => withValue(text, '71'));
    add(station, good);
    let isLost = true;
    const fetch = recording([], async ({ method, url }) => {
      if (!url.endsWith(id)) return null;
      if (method === 'PUT' && isLost) return Promise.reject(new TypeError('failed'));
      return method === 'GET' ? new Response('<html>', { status: 200 }) : null;
    });
    for (let run = 0; run < 3; run += 1) await upload({ station, server, fetch, without: ['transaction'] });
    expect(createdFrom(server, 'Observation', good.resourceId)).toHaveLength(1);
    isLost = false;
    expect(await upload({ station, server })).toEqual({ ok: true });
    expect(station.outbox.counts()).toEqual(nothing);
  });
});

describe('security: an answer that holds another record', () => {
  const another = heartRate('another-one', '55').replace('{', '{"meta":{"versionId":"9"},');

  it('security: takes the place of none that was changed', async () => {
    const station = start();
    const id = known(station, server, heartRate(randomUUID(), '70')).id;
    edit(station, 'Observation', id, (text) => withValue(text, '71'));
    const fetch = recording([], async (sent) => {
      if (sent.method !== 'PUT') return null;
      await globalThis.fetch(sent.url, { method: 'PUT', body: sent.body, headers: sent.headers });
      return new Response(another, { status: 200, headers: { ETag: 'W/"9"' } });
    });
    expect(await upload({ station, server, fetch, without: ['transaction'] })).toEqual({ ok: true });
    expect(station.shown('Observation', id)).toContain('71');
    expect(station.shown('Observation', 'another-one')).toBeNull();
  });

  it('security: is no version with which a change conflicts', async () => {
    const station = start();
    const id = known(station, server, heartRate(randomUUID(), '70')).id;
    const changeId = edit(station, 'Observation', id, (text) => withValue(text, '71'));
    server.store.put(heartRate(id, '72'));
    const fetch = recording([], async ({ method, url }) =>
      method === 'GET' && url.endsWith(id) ? new Response(another, { status: 200 }) : null,
    );
    await upload({ station, server, fetch, without: ['transaction'] });
    expect(station.outbox.get({ id: changeId })?.state).toBe('sending');
    await upload({ station, server });
    expect(station.outbox.get({ id: changeId })?.state).toBe('conflict');
  });
});

describe('security: an answer that holds another record than was created', () => {
  const without = ['transaction' as const];
  const searched = ({ method, url }: Sent) => method === 'GET' && url.includes('identifier=');
  const post = async ({ url, headers, body }: Sent) => globalThis.fetch(url, { method: 'POST', headers, body });

  /** The server keeps no identifier of ours. */
  const stripped = (text: string) => {
    const { identifier: _, ...rest } = JSON.parse(text) as Record<string, unknown>;
    return JSON.stringify(rest);
  };

  it('security: and says that it was there already, is not taken for it: it is asked for, and sent with the next run', async () => {
    const station = start();
    const other = known(station, server, heartRate(randomUUID(), '55'));
    const made = newHeartRate('82');
    const id = add(station, made);
    const sent: Sent[] = [];
    const fetch = recording(sent, async ({ method }) =>
      method === 'POST' ? new Response(station.shown('Observation', other.id), { status: 200 }) : null,
    );
    expect(await upload({ station, server, fetch, without })).toMatchObject({ error: { code: 'server-refused' } });
    expect(sent.filter(writes)).toHaveLength(1);
    expect(sent.filter(searched)).toHaveLength(1);
    expect(station.outbox.get({ id })?.state).toBe('waiting');
    expect(station.outbox.resolveId({ type: 'Observation', id: made.resourceId })).toBe(made.resourceId);
    expect(await upload({ station, server, without })).toEqual({ ok: true });
    expect(createdFrom(server, 'Observation', made.resourceId)).toHaveLength(1);
  });

  it.each(['representation', 'minimal'])(
    'security: as a transaction was answered in another order (%s), is found by its identifier',
    async (prefer) => {
      const station = start();
      const made = ['81', '82', '83'].map((value) => newHeartRate(value));
      for (const one of made) add(station, one);
      const fetch = recording([], async (request) => {
        if (request.method === 'GET') return null;
        const bundle = (await (await post(request)).json()) as { entry: { response: object; resource?: object }[] };
        const entry = bundle.entry.toReversed().map(({ response, resource }) => ({
          response,
          ...(prefer === 'representation' && { resource }),
        }));
        return new Response(JSON.stringify({ ...bundle, entry }));
      });
      expect(await upload({ station, server, fetch })).toEqual({ ok: true });
      expect(station.outbox.counts()).toEqual(nothing);
      for (const { resourceId } of made) {
        const [id = '', ...more] = createdFrom(server, 'Observation', resourceId);
        expect(more).toEqual([]);
        expect(station.outbox.resolveId({ type: 'Observation', id: resourceId })).toBe(id);
      }
    },
  );

  it.each([
    ['says the same', 200, (text: string) => text],
    [
      'says that it was created, and more',
      201,
      (text: string) => text.replace('"status"', '"issued":"2026-03-01T09:00:00Z","status"'),
    ],
  ])('but carries no identifier of ours, and %s, is taken for it', async (_how, status, change) => {
    const station = start();
    const made = newHeartRate('82');
    add(station, made);
    const sent: Sent[] = [];
    const fetch = recording(sent, async (request) => {
      if (request.method !== 'POST') return null;
      const answer = await post(request);
      return new Response(change(stripped(await answer.text())), { status, headers: answer.headers });
    });
    expect(await upload({ station, server, fetch, without })).toEqual({ ok: true });
    expect(sent.filter(writes)).toHaveLength(1);
    const [id = ''] = createdFrom(server, 'Observation', made.resourceId);
    expect(station.outbox.resolveId({ type: 'Observation', id: made.resourceId })).toBe(id);
  });
});

describe('security: a success that no FHIR server has told', () => {
  const page = '<html><head><title>Request Rejected</title></head><body>Your support ID is 4711.</body></html>';
  const html = () => new Response(page, { status: 200, headers: { 'content-type': 'text/html' } });
  const outcome = (severity: string) =>
    JSON.stringify({
      resourceType: 'OperationOutcome',
      issue: [{ severity, code: 'business-rule', details: { text: 'The chart is locked.' } }],
    });
  const without = ['transaction' as const];

  /** Of each action one, of a record on the server where it isn't a create. */
  function three(station: Station) {
    const created = newHeartRate('82');
    const updated = known(station, server, heartRate(randomUUID(), '70'));
    const gone = known(station, server, heartRate(randomUUID(), '71'));
    const ids = [
      add(station, created),
      edit(station, 'Observation', updated.id, (shown) => withValue(shown, '72')),
      add(
        station,
        change({ type: 'Observation', action: 'delete', resourceId: gone.id, baseVersionId: gone.versionId }),
      ),
    ];
    return { created: created.resourceId, updated: updated.id, gone: gone.id, ids };
  }

  function expectUntouched({ created, updated, gone }: ReturnType<typeof three>) {
    expect(createdFrom(server, 'Observation', created)).toEqual([]);
    for (const id of [updated, gone]) expect(versions(server, 'Observation', id)).toEqual(['1']);
  }

  it('security: a firewall’s page settles nothing: each change is sent once more with every run, and is done in the end', async () => {
    const station = start();
    const made = three(station);
    const sent: Sent[] = [];
    const fetch = recording(sent, async ({ method }) => (method === 'GET' ? null : html()));
    for (let run = 1; run <= 2; run += 1) {
      const result = await upload({ station, server, without, fetch });
      expect(result).toMatchObject({ ok: false, error: { code: 'server-refused' } });
      expect(sent.filter(writes)).toHaveLength(3 * run);
      expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 3 });
      // Known not to be taken: they can be edited and withdrawn.
      for (const id of made.ids) expect(station.outbox.get({ id })?.state).toBe('waiting');
      expectUntouched(made);
    }
    expect(await upload({ station, server, without })).toEqual({ ok: true });
    expect(station.outbox.counts()).toEqual(nothing);
    expect(createdFrom(server, 'Observation', made.created)).toHaveLength(1);
    expect(versions(server, 'Observation', made.updated)).toEqual(['1', '2']);
    expect(versions(server, 'Observation', made.gone)).toEqual(['1', '-2']);
  });

  it('security: a page to every request ends the run, and settles nothing', async () => {
    const station = start();
    const made = three(station);
    const result = await upload({ station, server, without, fetch: recording([], async () => html()) });
    expect(result).toMatchObject({ ok: false, error: { code: 'server-answer-invalid' } });
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 3 });
    expectUntouched(made);
  });

  it('a page in the place of the answer to what was done is no reason to do it again', async () => {
    const station = start();
    const made = three(station);
    const sent: Sent[] = [];
    const fetch = recording(sent, async ({ method, url, headers, body }) => {
      if (method === 'GET') return null;
      await globalThis.fetch(url, { method, headers, ...(body && { body }) });
      return html();
    });
    expect(await upload({ station, server, without, fetch })).toEqual({ ok: true });
    expect(sent.filter(writes)).toHaveLength(3);
    expect(station.outbox.counts()).toEqual(nothing);
    expect(versions(server, 'Observation', made.updated)).toEqual(['1', '2']);
    expect(versions(server, 'Observation', made.gone)).toEqual(['1', '-2']);
  });

  it('holds up no other change', async () => {
    const station = start();
    const [bad, good] = [newHeartRate('81'), newHeartRate('82')];
    for (const one of [bad, good]) add(station, one);
    const fetch = recording([], async ({ method, body }) =>
      method === 'POST' && body.includes(bad.resourceId) ? html() : null,
    );
    await upload({ station, server, fetch });
    expect(createdFrom(server, 'Observation', good.resourceId)).toHaveLength(1);
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 1 });
  });

  it.each(['error', 'fatal'])(
    'security: an outcome of severity %s parks the change, with what it says',
    async (severity) => {
      const station = start();
      const made = three(station);
      const fetch = recording([], async ({ method }) =>
        method === 'GET' ? null : new Response(outcome(severity), { status: 200 }),
      );
      expect(await upload({ station, server, without, fetch })).toEqual({ ok: true });
      expect(station.outbox.counts()).toEqual({ ...nothing, parked: 3 });
      for (const id of made.ids) {
        expect(station.outbox.get({ id })?.problem).toMatchObject({
          code: 'rejected',
          lines: ['The chart is locked.'],
        });
      }
      expectUntouched(made);
    },
  );

  it.each(['information', 'error'])(
    'an outcome of severity %s beside the version that was made is a success',
    async (severity) => {
      const station = start();
      const { id } = known(station, server, heartRate(randomUUID(), '70'));
      const created = newHeartRate('82');
      edit(station, 'Observation', id, (shown) => withValue(shown, '72'));
      add(station, created);
      const fetch = recording([], async ({ method, url, headers, body }) => {
        if (method === 'GET') return null;
        const answer = await globalThis.fetch(url, { method, headers, body });
        return new Response(outcome(severity), { status: answer.status, headers: answer.headers });
      });
      expect(await upload({ station, server, without, fetch })).toEqual({ ok: true });
      expect(station.outbox.counts()).toEqual(nothing);
      expect(versions(server, 'Observation', id)).toEqual(['1', '2']);
      expect(createdFrom(server, 'Observation', created.resourceId)).toHaveLength(1);
    },
  );

  it('security: an empty one settles no update that the server does not have', async () => {
    const station = start();
    const { id } = known(station, server, heartRate(randomUUID(), '70'));
    edit(station, 'Observation', id, (shown) => withValue(shown, '72'));
    const sent: Sent[] = [];
    const fetch = recording(sent, async ({ method }) =>
      method === 'PUT' ? new Response(null, { status: 200 }) : null,
    );
    expect((await upload({ station, server, without, fetch })).ok).toBe(false);
    expect(sent.filter(writes).length).toBeLessThan(10);
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 1 });
    expect(await upload({ station, server, without })).toEqual({ ok: true });
    expect(versions(server, 'Observation', id)).toEqual(['1', '2']);
  });

  it.each([
    ['names the base', () => new Response(null, { status: 200, headers: { ETag: 'W/"1"' } })],
    ['says that nothing has changed', () => new Response(null, { status: 304 })],
  ])(
    'one of a server that keeps the version where nothing changes, which %s, settles the update',
    async (_how, answer) => {
      const station = start();
      const { id } = known(station, server, heartRate(randomUUID(), '70'));
      edit(station, 'Observation', id, (shown) => withValue(shown, '72'));
      const fetch = recording([], async ({ method }) => (method === 'PUT' ? answer() : null));
      expect(await upload({ station, server, without, fetch })).toEqual({ ok: true });
      expect(station.outbox.counts()).toEqual(nothing);
    },
  );
});
