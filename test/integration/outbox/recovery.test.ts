import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DevServer } from '../../server/index.ts';
import { said } from '../../support/said.ts';
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

const nothing = { waiting: 0, conflicts: 0, parked: 0 };
const text = (id: string) => server.store.versions('Observation', id).at(-1)?.text ?? '';
const alone = ['transaction' as const];

/** The next request that changes something is done, and its answer lost. */
const loseAnswer = () => server.faults.add({ kind: 'dropAfter', times: 1, match: ({ method }) => method !== 'GET' });

/** An edit whose answer was lost: on the server it is, and nobody here knows. */
async function lostEdit(station: Station) {
  const { id } = known(station, server, heartRate(randomUUID(), '70'));
  const changeId = edit(station, 'Observation', id, (shown) => withValue(shown, '80'));
  loseAnswer();
  await upload({ station, server, without: alone });
  expect(text(id)).toContain('"value":80');
  expect(station.outbox.get({ id: changeId })?.state).toBe('sending');
  return { id, changeId };
}

/** What others can change of a record of each type, by a text that it has. */
const kinds = [
  { type: 'Observation', make: () => newHeartRate('80'), before: '"value":80', after: '"value":90' },
  { type: 'QuestionnaireResponse', make: newForm, before: '"completed"', after: '"amended"' },
];

/** A form: R4 gives it one identifier, not a list. */
function newForm() {
  const resourceId = randomUUID();
  const subject = { reference: `Patient/${PATIENT}` };
  const form = { resourceType: 'QuestionnaireResponse', id: resourceId, status: 'completed', subject };
  return change({ type: 'QuestionnaireResponse', action: 'create', resourceId, body: JSON.stringify(form) });
}

async function lostCreate(station: Station, made = newHeartRate('80')) {
  const changeId = add(station, made);
  loseAnswer();
  await upload({ station, server, without: alone });
  expect(station.outbox.get({ id: changeId })?.state).toBe('sending');
  const [id = ''] = createdFrom(server, made.type, made.resourceId);
  expect(id).not.toBe('');
  return { id, localId: made.resourceId, changeId };
}

describe('an edit whose answer was lost', () => {
  it('is known again where others have changed the record since, and is no conflict', async () => {
    const station = start();
    const { id } = await lostEdit(station);
    server.store.put(heartRate(id, '90'));
    server.store.put(heartRate(id, '91'));
    const sent: Sent[] = [];
    expect(await upload({ station, server, fetch: recording(sent) })).toEqual({ ok: true });
    expect(sent.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(station.outbox.counts()).toEqual(nothing);
    expect(station.shown('Observation', id)).toBe(text(id));
    expect(versions(server, 'Observation', id)).toEqual(['1', '2', '3', '4']);
  });

  it('is a conflict where others have changed the record and the server keeps no history: nothing is overwritten', async () => {
    const station = start();
    const { id, changeId } = await lostEdit(station);
    server.store.put(heartRate(id, '90'));
    await upload({ station, server, without: [...alone, 'history-instance'] });
    expect(station.outbox.get({ id: changeId })?.state).toBe('conflict');
    expect(versions(server, 'Observation', id)).toEqual(['1', '2', '3']);
  });

  it('is a conflict too where others have undone it, and is not put back by itself', async () => {
    const station = start();
    const { id, changeId } = await lostEdit(station);
    // As it was before, or with something else of it changed: to the client, both could be of before the edit.
    server.store.put(heartRate(id, '70', ',"note":[{"text":"checked"}]'));
    await upload({ station, server, without: [...alone, 'history-instance'] });
    expect(station.outbox.get({ id: changeId })?.state).toBe('conflict');
    expect(versions(server, 'Observation', id)).toEqual(['1', '2', '3']);
    // What was never sent before merges as ever.
    const other = known(station, server, heartRate(randomUUID(), '70'));
    edit(station, 'Observation', other.id, (shown) => withValue(shown, '80'));
    server.store.put(heartRate(other.id, '70', ',"note":[{"text":"checked"}]'));
    await upload({ station, server, without: [...alone, 'history-instance'] });
    expect(text(other.id)).toContain('"value":80');
    expect(text(other.id)).toContain('checked');
  });

  it('and a deletion by others since: the record is deleted, and nobody is asked', async () => {
    const station = start();
    const { id } = await lostEdit(station);
    server.store.remove('Observation', id);
    expect(await upload({ station, server })).toEqual({ ok: true });
    expect(station.outbox.counts()).toEqual(nothing);
    expect(station.shown('Observation', id)).toBeNull();
    expect(versions(server, 'Observation', id)).toEqual(['1', '2', '-3']);
  });

  it('cannot be withdrawn until it is known what became of it', async () => {
    const station = start();
    const { changeId } = await lostEdit(station);
    expect(station.outbox.withdraw({ id: changeId })).toEqual({ ok: false, error: { code: 'being-sent' } });
  });

  it('is followed by a further edit, which goes on top of it', async () => {
    const station = start();
    const { id } = await lostEdit(station);
    edit(station, 'Observation', id, (shown) => withValue(shown, '81.0'));
    expect(station.shown('Observation', id)).toContain('"value":81.0');
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 2 });
    station.reopen('died');
    expect(await upload({ station, server })).toEqual({ ok: true });
    expect(versions(server, 'Observation', id)).toEqual(['1', '2', '3']);
    expect(text(id)).toContain('"value":81.0');
    expect(station.shown('Observation', id)).toBe(text(id));
  });

  it('is followed by a further edit, which conflicts where others were in between', async () => {
    const station = start();
    const { id } = await lostEdit(station);
    edit(station, 'Observation', id, (shown) => withValue(shown, '81'));
    server.store.put(heartRate(id, '90'));
    await upload({ station, server });
    const [left] = station.outbox.list({ limit: 10 }).items;
    expect(station.outbox.conflict({ id: left?.id ?? '' })?.fields).toMatchObject([
      { base: said('80 /min'), mine: said('81 /min'), theirs: said('90 /min') },
    ]);
    expect(text(id)).toContain('"value":90');
  });

  it('seen by the download, is no conflict', async () => {
    const station = start();
    const { id, changeId } = await lostEdit(station);
    station.learn(server, `Observation/${id}`);
    expect(station.outbox.get({ id: changeId })?.state).toBe('sending');
    expect(await upload({ station, server })).toEqual({ ok: true });
    expect(versions(server, 'Observation', id)).toEqual(['1', '2']);
  });
});

describe('a transaction whose answer was lost', () => {
  it.each(['create', 'update'] as const)(
    'makes no conflict of an %s that refers to a record that was created after it',
    async (action) => {
      const station = start();
      const member = newHeartRate('82');
      const withMember = (text: string) =>
        text.replace('"status"', `"hasMember":[{"reference":"Observation/${member.resourceId}"}],"status"`);
      const { id } = known(station, server, heartRate(randomUUID(), '70'));
      const made = newHeartRate('83');
      if (action === 'update') edit(station, 'Observation', id, withMember);
      else add(station, { ...made, body: withMember(made.body ?? '') });
      add(station, member);
      loseAnswer();
      await upload({ station, server });
      expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 2 });
      expect(await upload({ station, server })).toEqual({ ok: true });
      expect(station.outbox.counts()).toEqual(nothing);
      const [memberId = ''] = createdFrom(server, 'Observation', member.resourceId);
      const [referring = ''] = action === 'update' ? [id] : createdFrom(server, 'Observation', made.resourceId);
      expect(versions(server, 'Observation', referring)).toEqual(action === 'update' ? ['1', '2'] : ['1']);
      expect(text(referring)).toContain(`"Observation/${memberId}"`);
      expect(station.shown('Observation', referring)).toBe(text(referring));
    },
  );

  /** An edit that refers to a create, and that create after it: both are on the server, and nobody here knows. */
  async function lostTogether(station: Station) {
    const member = newHeartRate('82');
    const { id } = known(station, server, heartRate(randomUUID(), '70'));
    const changeId = edit(station, 'Observation', id, (shown) =>
      shown.replace('"status"', `"hasMember":[{"reference":"Observation/${member.resourceId}"}],"status"`),
    );
    const memberChangeId = add(station, member);
    loseAnswer();
    await upload({ station, server });
    return { id, changeId, memberChangeId };
  }

  it('is not asked for what refers to a create of which the server can’t tell yet', async () => {
    const station = start();
    const { id, changeId } = await lostTogether(station);
    const failing = recording([], async ({ url }) =>
      url.includes('identifier=') ? new Response(null, { status: 500 }) : null,
    );
    expect((await upload({ station, server, fetch: failing })).ok).toBe(false);
    expect(station.outbox.get({ id: changeId })?.state).toBe('sending');
    expect(await upload({ station, server })).toEqual({ ok: true });
    expect(station.outbox.counts()).toEqual(nothing);
    expect(versions(server, 'Observation', id)).toEqual(['1', '2']);
  });

  it('nor of which it is asked last, as an upload had to stop at it', async () => {
    const station = start();
    const { id, memberChangeId } = await lostTogether(station);
    expect(await upload({ station, server, stoppedAt: new Set([memberChangeId]) })).toEqual({ ok: true });
    expect(station.outbox.counts()).toEqual(nothing);
    expect(versions(server, 'Observation', id)).toEqual(['1', '2']);
  });

  it('is asked for from the first where the records refer to each other', async () => {
    const station = start();
    const [one, other] = [newHeartRate('82'), newHeartRate('83')];
    const referring = (made: typeof one, to: typeof one) => ({
      ...made,
      body: (made.body ?? '').replace(
        '"status"',
        `"hasMember":[{"reference":"Observation/${to.resourceId}"}],"status"`,
      ),
    });
    add(station, referring(one, other));
    add(station, referring(other, one));
    loseAnswer();
    await upload({ station, server });
    expect(await upload({ station, server })).toEqual({ ok: true });
    expect(station.outbox.counts()).toEqual(nothing);
    for (const { resourceId } of [one, other]) expect(createdFrom(server, 'Observation', resourceId)).toHaveLength(1);
  });
});

describe('what the download brings while a request is under way', () => {
  /** Others act right after the server has taken the edit, and the download sees it before the answer comes. */
  async function meanwhile(station: Station, id: string, act: () => void) {
    const acting = recording([], async ({ method, url, headers, body }) => {
      if (method !== 'PUT') return null;
      const answer = await fetch(url, { method, headers, body });
      act();
      return answer;
    });
    edit(station, 'Observation', id, (shown) => withValue(shown, '80'));
    return upload({ station, server, without: alone, fetch: acting });
  }

  it('is newer than the answer, and stays', async () => {
    const station = start();
    const { id } = known(station, server, heartRate(randomUUID(), '70'));
    const result = await meanwhile(station, id, () => {
      server.store.put(heartRate(id, '90'));
      station.learn(server, `Observation/${id}`);
    });
    expect(result).toEqual({ ok: true });
    expect(station.outbox.counts()).toEqual(nothing);
    expect(station.shown('Observation', id)).toBe(text(id));
  });

  it('is the deletion of the record, which stays deleted', async () => {
    const station = start();
    const { id } = known(station, server, heartRate(randomUUID(), '70'));
    await meanwhile(station, id, () => {
      server.store.remove('Observation', id);
      station.learnGone('Observation', id);
    });
    expect(station.outbox.counts()).toEqual(nothing);
    expect(station.shown('Observation', id)).toBeNull();
  });

  it('is the version that the request made, and no news', async () => {
    const station = start();
    const { id } = known(station, server, heartRate(randomUUID(), '70'));
    await meanwhile(station, id, () => station.learn(server, `Observation/${id}`));
    expect(station.outbox.counts()).toEqual(nothing);
    expect(station.shown('Observation', id)).toBe(text(id));
  });
});

describe('an edit that never arrived', () => {
  it('takes up what was written since, where the server refuses it', async () => {
    const station = start();
    const { id } = known(station, server, heartRate(randomUUID(), '70'));
    edit(station, 'Observation', id, (shown) => shown.replace('"status"', '"colour":"green","status"'));
    server.faults.add({ kind: 'dropBefore', times: 1, match: ({ method }) => method !== 'GET' });
    await upload({ station, server, without: alone });
    edit(station, 'Observation', id, (shown) => shown.replace('"colour":"green",', '').replace('"final"', '"amended"'));
    await upload({ station, server, without: alone });
    expect(station.outbox.counts()).toEqual(nothing);
    expect(versions(server, 'Observation', id)).toEqual(['1', '2']);
    expect(text(id)).toContain('"amended"');
  });
});

/** A server that does not look at the condition of a create. */
const unconditional = () =>
  recording([], async ({ method, url, headers, body }) => {
    if (method !== 'POST') return null;
    const without = new Headers(headers);
    without.delete('if-none-exist');
    return fetch(url, { method, headers: without, body });
  });

/** A server that shows a record no longer, in searches or by its id. */
const hiding = (type: string, id: string) =>
  recording([], async ({ method, url, headers, body }) => {
    if (url.endsWith(`/${type}/${id}`)) return Response.json({ resourceType: 'OperationOutcome' }, { status: 403 });
    if (method === 'GET') return Response.json({ resourceType: 'Bundle', type: 'searchset' });
    return unconditional()(url, { method, headers, body });
  });

describe.each(kinds)('a create whose answer was lost: $type', ({ type, make, before, after }) => {
  const current = (id: string) => server.store.versions(type, id).at(-1)?.text ?? '';

  it('is found by its identifier, as others have changed it since', async () => {
    const station = start();
    const { id, localId } = await lostCreate(station, make());
    server.store.put(current(id).replace(before, after));
    expect(await upload({ station, server, fetch: unconditional() })).toEqual({ ok: true });
    expect(createdFrom(server, type, localId)).toEqual([id]);
    expect(versions(server, type, id)).toEqual(['1', '2']);
    expect(station.shown(type, id)).toBe(current(id));
    expect(station.shown(type, localId)).toBeNull();
  });

  it('is not made again where somebody has deleted it', async () => {
    const station = start();
    const { id, localId } = await lostCreate(station, make());
    server.store.remove(type, id);
    expect(await upload({ station, server })).toEqual({ ok: true });
    expect(station.outbox.counts()).toEqual(nothing);
    expect(createdFrom(server, type, localId)).toEqual([]);
    for (const one of [id, localId]) expect(station.shown(type, one)).toBeNull();
  });

  it('nor where the download has seen it, on a server that tells no history of types', async () => {
    const station = start();
    const { id, localId } = await lostCreate(station, make());
    station.learn(server, `${type}/${id}`);
    server.store.remove(type, id);
    expect(await upload({ station, server, fetch: unconditional(), without: ['history-type'] })).toEqual({ ok: true });
    expect(station.outbox.counts()).toEqual(nothing);
    expect(createdFrom(server, type, localId)).toEqual([]);
    for (const one of [id, localId]) expect(station.shown(type, one)).toBeNull();
  });

  it('nor where the download has seen it, and the clinician may not read it any longer', async () => {
    const station = start();
    const { id, localId } = await lostCreate(station, make());
    station.learn(server, `${type}/${id}`);
    expect(await upload({ station, server, fetch: hiding(type, id), without: ['history-type'] })).toEqual({ ok: true });
    expect(station.outbox.counts()).toEqual(nothing);
    expect(createdFrom(server, type, localId)).toEqual([id]);
  });

  it('is not shown twice when the download brings it', async () => {
    const station = start();
    const { id, localId } = await lostCreate(station, make());
    station.learn(server, `${type}/${id}`);
    expect(station.shown(type, id)).toBeNull();
    expect(station.shown(type, localId)).not.toBeNull();
    await upload({ station, server });
    expect(station.shown(type, id)).toBe(current(id));
  });
});

describe('a create whose answer was lost', () => {
  it('is followed by an edit and a deletion under the server’s id', async () => {
    const station = start();
    const { id, localId } = await lostCreate(station);
    const further = { resourceId: localId, baseVersionId: '', type: 'Observation' } as const;
    add(station, change({ ...further, action: 'update', body: heartRate(localId, '81') }));
    await upload({ station, server });
    expect(text(id)).toContain('"value":81');
    // By the local id, which the page may show still.
    add(station, change({ ...further, baseVersionId: '2', action: 'delete' }));
    await upload({ station, server });
    expect(versions(server, 'Observation', id)).toEqual(['1', '2', '-3']);
    expect(station.outbox.counts()).toEqual(nothing);
  });
});

describe('a server that answers less', () => {
  /** Says that it was done, and no more. */
  const terse = recording([], async (request) => {
    if (request.method === 'GET') return null;
    const answer = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      ...(request.body && { body: request.body }),
    });
    const bundle = (await answer.json().catch(() => null)) as {
      entry?: { response: { status: string; location?: string } }[];
    } | null;
    if (!bundle?.entry) {
      const location = answer.headers.get('location');
      return new Response(null, { status: answer.ok ? 204 : answer.status, headers: location ? { location } : {} });
    }
    const entry = bundle.entry.map(({ response: { status, location } }) => ({ response: { status, location } }));
    return new Response(JSON.stringify({ resourceType: 'Bundle', type: 'transaction-response', entry }));
  });

  it.each([
    ['in a transaction', []],
    ['alone', alone],
  ])('%s is read back', async (_how, without) => {
    const station = start();
    const made = newHeartRate('80');
    const { id } = known(station, server, heartRate(randomUUID(), '70'));
    edit(station, 'Observation', id, (shown) => withValue(shown, '72'));
    add(station, made);
    expect(await upload({ station, server, fetch: terse, without: [...without] })).toEqual({ ok: true });
    expect(station.outbox.counts()).toEqual(nothing);
    const [createdId = ''] = createdFrom(server, 'Observation', made.resourceId);
    for (const one of [id, createdId]) expect(station.shown('Observation', one)).toBe(text(one));
    expect(versions(server, 'Observation', id)).toEqual(['1', '2']);
  });

  it('is not asked forever where it never says what it made', async () => {
    const station = start();
    add(station, newHeartRate('80'));
    const sent: Sent[] = [];
    const lying = recording(sent, async ({ method, url }) => {
      if (method === 'POST') return new Response('{}', { status: 201 });
      return url.includes('/Observation') ? new Response('{"resourceType":"Bundle","type":"searchset"}') : null;
    });
    await upload({ station, server, fetch: lying, without: [...alone, 'history-type'] });
    expect(sent.length).toBeLessThan(20);
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 1 });
  });
});

describe('security: a gateway that answers 404 by itself', () => {
  const page = '<html><body>404 no Route matched</body></html>';
  const outcome = JSON.stringify({
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: 'not-found' }],
  });
  const reads = (body: string | null, id: string) =>
    recording([], async ({ method, url }) =>
      method === 'GET' && url.endsWith(id) ? new Response(body, { status: 404 }) : null,
    );

  it.each([page, '', null])('security: has not deleted a record: an edit in doubt stays so (%j)', async (body) => {
    const station = start();
    const { id, changeId } = await lostEdit(station);
    expect((await upload({ station, server, without: alone, fetch: reads(body, id) })).ok).toBe(false);
    expect(station.outbox.get({ id: changeId })?.state).toBe('sending');
    expect(await upload({ station, server })).toEqual({ ok: true });
    expect(station.outbox.counts()).toEqual(nothing);
    expect(station.shown('Observation', id)).toBe(text(id));
  });

  it('security: nor done a deletion that never arrived', async () => {
    const station = start();
    const { id, versionId } = known(station, server, heartRate(randomUUID(), '70'));
    add(station, change({ type: 'Observation', action: 'delete', resourceId: id, baseVersionId: versionId }));
    const everything = recording([], async ({ url }) =>
      url.endsWith(id) ? new Response(page, { status: 404 }) : null,
    );
    expect((await upload({ station, server, without: alone, fetch: everything })).ok).toBe(false);
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 1 });
    expect(await upload({ station, server })).toEqual({ ok: true });
    expect(versions(server, 'Observation', id)).toEqual(['1', '-2']);
  });

  it('security: nor deleted what was just written and is read back', async () => {
    const station = start();
    const { id } = known(station, server, heartRate(randomUUID(), '70'));
    edit(station, 'Observation', id, (shown) => withValue(shown, '80'));
    const unread = recording([], async ({ method, url, headers, body }) => {
      if (!url.endsWith(id)) return null;
      if (method === 'GET') return new Response(page, { status: 404 });
      await fetch(url, { method, headers, body });
      return new Response(null, { status: 200 });
    });
    expect((await upload({ station, server, without: alone, fetch: unread })).ok).toBe(false);
    expect(station.shown('Observation', id)).not.toBeNull();
    expect(await upload({ station, server })).toEqual({ ok: true });
    expect(station.shown('Observation', id)).toBe(text(id));
    expect(versions(server, 'Observation', id)).toEqual(['1', '2']);
  });

  it.each([
    ['says so itself', (id: string) => reads(outcome, id)],
    [
      'answers so, and finds none by its id',
      (id: string) =>
        recording([], async ({ method, url }) => {
          if (method !== 'GET') return null;
          if (url.endsWith(`/${id}`)) return new Response(null, { status: 404 });
          return url.includes(`_id=${id}`) ? new Response('{"resourceType":"Bundle","type":"searchset"}') : null;
        }),
    ],
  ])('and a server that %s has deleted it', async (_how, fetchFor) => {
    const station = start();
    const { id, changeId } = await lostEdit(station);
    await upload({ station, server, without: [...alone, 'history-instance'], fetch: fetchFor(id) });
    expect(station.outbox.get({ id: changeId })?.state).toBe('conflict');
    expect(station.outbox.conflict({ id: changeId })?.deletedOnServer).toBe(true);
  });

  it.each([
    ['a page of its own', page],
    ['an error', outcome],
    [
      'one page of several',
      '{"resourceType":"Bundle","type":"searchset","link":[{"relation":"next","url":"?page=2"}]}',
    ],
  ])('security: nor where the search for its id gives %s', async (_what, found) => {
    const station = start();
    const { id, changeId } = await lostEdit(station);
    const both = recording([], async ({ method, url }) => {
      if (method !== 'GET' || !url.includes(id)) return null;
      return url.endsWith(`/${id}`) ? new Response(null, { status: 404 }) : new Response(found);
    });
    await upload({ station, server, without: [...alone, 'history-instance'], fetch: both });
    expect(station.outbox.get({ id: changeId })?.state).toBe('sending');
  });
});

describe('a request that arrives twice', () => {
  /** Each request that changes something is made twice, and the second answer is told. */
  const twice = recording([], async (request) => {
    if (request.method === 'GET') return null;
    const init = { method: request.method, headers: request.headers, ...(request.body && { body: request.body }) };
    await fetch(request.url, init);
    return fetch(request.url, init);
  });

  it.each([
    ['in a transaction', []],
    ['alone', alone],
  ])('%s is done once', async (_how, without) => {
    const station = start();
    const made = newHeartRate('80');
    const { id } = known(station, server, heartRate(randomUUID(), '70'));
    const gone = known(station, server, heartRate(randomUUID(), '71'));
    edit(station, 'Observation', id, (shown) => withValue(shown, '72'));
    add(station, made);
    add(station, change({ type: 'Observation', action: 'delete', resourceId: gone.id, baseVersionId: gone.versionId }));
    expect(await upload({ station, server, fetch: twice, without: [...without] })).toEqual({ ok: true });
    expect(station.outbox.counts()).toEqual(nothing);
    expect(createdFrom(server, 'Observation', made.resourceId)).toHaveLength(1);
    expect(versions(server, 'Observation', id)).toEqual(['1', '2']);
    expect(versions(server, 'Observation', gone.id)).toEqual(['1', '-2']);
  });
});

describe('a server that was restored', () => {
  it('and gives version ids out again: what was based on one of before is compared first, and conflicts', async () => {
    const station = start();
    const { id } = server.store.put(heartRate(randomUUID(), '70'));
    // The station saw another version 1 than the server has now.
    const seen = withValue(text(id), '65').replace(/"lastUpdated":"[^"]+"/, '"lastUpdated":"2020-01-01T00:00:00Z"');
    station.learnText(seen);
    const changeId = edit(station, 'Observation', id, (shown) => withValue(shown, '80'));
    station.outbox.doubt();
    await upload({ station, server });
    expect(station.outbox.get({ id: changeId })?.state).toBe('conflict');
    expect(versions(server, 'Observation', id)).toEqual(['1']);
  });
});
