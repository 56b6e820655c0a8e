import type { Bundle, CapabilityStatement, Observation, OperationOutcome, Patient } from 'fhir/r4';
import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../server/dialect.ts';
import { createLocalServer } from '../../server/local.ts';

let time = Date.parse('2031-03-04T05:06:07.890Z');

/** Each look at the clock is a second later. */
function clock(): Date {
  time += 1_000;
  return new Date(time);
}

function serverOf(dialect: Partial<Dialect> = {}) {
  const server = createLocalServer({ clock, dialect });
  async function send<T = Patient>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await server.fetch(path.startsWith('http') ? path : server.url + path, {
      method,
      headers: {
        authorization: `Bearer ${server.tokenFor()}`,
        ...(body !== undefined && { 'content-type': 'application/fhir+json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: (text ? JSON.parse(text) : null) as T };
  }
  return { server, send };
}

const patient = (id: string, change: Partial<Patient> = {}): Patient => ({ resourceType: 'Patient', id, ...change });
const transaction = (...entry: unknown[]) => ({ resourceType: 'Bundle', type: 'transaction', entry });
const interactionsOf = ({ rest }: CapabilityStatement, type: string) =>
  rest?.[0]?.resource?.find((one) => one.type === type)?.interaction?.map(({ code }) => code);

describe('the server without a socket', () => {
  it('answers as the one with a socket does, faults included', async () => {
    const { server, send } = serverOf();
    const made = await send('PUT', '/Patient/a', patient('a'), { 'x-request-id': 'r1' });
    expect([made.status, made.headers.get('etag'), made.headers.get('x-request-id')]).toEqual([201, 'W/"1"', 'r1']);
    expect(Date.parse(made.headers.get('date') ?? '')).toBeGreaterThan(Date.parse('2031-01-01'));
    expect((await send('PUT', '/Patient/a', patient('a'), { 'if-match': 'W/"7"' })).status).toBe(412);
    expect((await send('DELETE', '/Patient/a')).status).toBe(204);
    expect((await send('GET', '/Patient/a')).status).toBe(410);
    expect((await server.fetch(`${server.url}/Patient/a`)).status).toBe(401);
    expect(server.requests.map(({ method, status }) => `${method} ${status}`)).toEqual([
      'PUT 201',
      'PUT 412',
      'DELETE 204',
      'GET 410',
      'GET 401',
    ]);
    for (const kind of ['dropBefore', 'dropAfter', 'truncate'] as const) {
      server.faults.add({ kind, times: 1 });
      await expect(send('PUT', `/Patient/${kind}`, patient(kind))).rejects.toThrow(TypeError);
    }
    expect(server.store.list('Patient').map(({ id }) => id)).toEqual(['dropAfter', 'truncate']);
  });
});

describe('a restored server', () => {
  it('has forgotten what was written since, and gives numbers of versions out again', async () => {
    const { server, send } = serverOf();
    await send('PUT', '/Patient/a', patient('a'));
    await send('PUT', '/Patient/gone', patient('gone'));
    await send('DELETE', '/Patient/gone');
    const backup = server.store.snapshot();
    await send('PUT', '/Patient/a', patient('a', { active: true }));
    await send('PUT', '/Patient/b', patient('b'));
    server.store.restore(backup);
    expect((await send('GET', '/Patient/a/_history/2')).status).toBe(404);
    expect((await send('GET', '/Patient/b')).status).toBe(404);
    expect((await send('GET', '/Patient/gone')).status).toBe(410);
    expect((await send('PUT', '/Patient/a', patient('a', { active: false }))).headers.get('etag')).toBe('W/"2"');
    expect((await send<Bundle>('GET', '/Patient')).body.total).toBe(1);
    // A backup can be used more than once.
    server.store.restore(backup);
    expect((await send('GET', '/Patient/a/_history/2')).status).toBe(404);
  });

  it('finds by reference what it found then', async () => {
    const { server, send } = serverOf();
    const observation = { resourceType: 'Observation', status: 'final', code: { text: 'K' } } as const;
    server.store.put(patient('a'));
    server.store.put({ ...observation, id: 'old', subject: { reference: 'Patient/a' } });
    const backup = server.store.snapshot();
    server.store.remove('Observation', 'old');
    server.store.put({ ...observation, id: 'new', subject: { reference: 'Patient/a' } });
    server.store.restore(backup);
    const { body } = await send<Bundle>('GET', '/Observation?patient=Patient/a');
    expect(body.entry?.map(({ resource }) => resource?.id)).toEqual(['old']);
  });
});

describe('dialects', () => {
  it('without transactions refuse one and do not declare them; batches go on', async () => {
    const { send } = serverOf({ transactions: false });
    const entry = { resource: patient('a'), request: { method: 'PUT', url: 'Patient/a' } };
    expect((await send('POST', '', transaction(entry))).status).toBe(400);
    expect((await send('GET', '/Patient/a')).status).toBe(404);
    const { body } = await send<CapabilityStatement>('GET', '/metadata');
    expect(body.rest?.[0]?.interaction?.map(({ code }) => code)).not.toContain('transaction');
    expect((await send('POST', '', { ...transaction(entry), type: 'batch' })).status).toBe(200);
    expect((await send('GET', '/Patient/a')).status).toBe(200);
  });

  it('may have the history of a resource but not of a type', async () => {
    const { send } = serverOf({ typeHistory: false });
    await send('PUT', '/Patient/a', patient('a'));
    const statuses = ['/Patient/_history', '/_history', '/Patient/a/_history', '/Patient/a/_history/1'];
    expect(await Promise.all(statuses.map(async (path) => (await send('GET', path)).status))).toEqual([
      404, 404, 200, 200,
    ]);
    const { body } = await send<CapabilityStatement>('GET', '/metadata');
    expect(interactionsOf(body, 'Patient')).toContain('history-instance');
    expect(interactionsOf(body, 'Patient')).not.toContain('history-type');
  });

  it('may have no history at all', async () => {
    const { send } = serverOf({ history: false });
    await send('PUT', '/Patient/a', patient('a'));
    for (const path of ['/Patient/_history', '/_history', '/Patient/a/_history', '/Patient/a/_history/1']) {
      expect((await send('GET', path)).status).toBe(404);
    }
    const { body } = await send<CapabilityStatement>('GET', '/metadata');
    expect(interactionsOf(body, 'Patient')).toEqual(['read', 'update', 'patch', 'delete', 'create', 'search-type']);
  });

  it('may ignore If-Match on PATCH, but not on PUT', async () => {
    const patch = [{ op: 'add', path: '/active', value: true }];
    const headers = { 'content-type': 'application/json-patch+json', 'if-match': 'W/"9"' };
    for (const [patchIfMatch, status] of [
      ['honoured', 412],
      ['ignored', 200],
    ] as const) {
      const { send } = serverOf({ patchIfMatch });
      await send('PUT', '/Patient/a', patient('a'));
      expect((await send('PATCH', '/Patient/a', patch, headers)).status).toBe(status);
      expect((await send('PUT', '/Patient/a', patient('a'), { 'if-match': 'W/"9"' })).status).toBe(412);
    }
  });

  it('may name versions by UUID, also of deletions and after a restore', async () => {
    const { server, send } = serverOf({ versionIds: 'uuid' });
    const first = (await send('PUT', '/Patient/a', patient('a'))).body.meta?.versionId;
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    const backup = server.store.snapshot();
    await send('PUT', '/Patient/a', patient('a', { active: true }), { 'if-match': `W/"${first}"` });
    server.store.restore(backup);
    await send('DELETE', '/Patient/a', undefined, { 'if-match': `W/"${first}"` });
    const { body } = await send<Bundle>('GET', '/Patient/a/_history');
    expect(new Set(body.entry?.map(({ response }) => response?.etag)).size).toBe(2);
    expect(body.entry?.map(({ response }) => response?.status)).toEqual(['204', '201']);
  });

  it('may say in Medplum’s way how long to wait', async () => {
    const { server, send } = serverOf({ throttle: 'medplum' });
    server.faults.add({ kind: 'status', status: 429, retryAfter: 7, times: 1 });
    const { status, headers, body } = await send<OperationOutcome>('GET', '/Patient');
    expect([status, headers.get('retry-after')]).toEqual([429, null]);
    expect(headers.get('ratelimit')).toBe('"fhirInteractions";r=0;t=7');
    expect(JSON.parse(body.issue[0]?.diagnostics ?? '')).toMatchObject({ _msBeforeNext: 7_000 });
  });

  it('may page by offset and fail past a limit, but not where the order is that of changes', async () => {
    const { server, send } = serverOf({ offsetLimit: 40 });
    for (let n = 0; n < 100; n++) server.store.put(patient(`p${n}`));
    async function all(path: string): Promise<{ found: string[]; status: number }> {
      const found: string[] = [];
      for (let url: string | undefined = path; url !== undefined; ) {
        const { status, body }: { status: number; body: Bundle } = await send<Bundle>('GET', url);
        if (status !== 200) return { found, status };
        found.push(...(body.entry ?? []).map(({ resource }) => resource?.id ?? ''));
        url = body.link?.find(({ relation }) => relation === 'next')?.url;
      }
      return { found, status: 200 };
    }
    const byOffset = await all('/Patient?_count=20&_sort=_id');
    expect([byOffset.status, byOffset.found.length]).toEqual([400, 60]);
    const byCursor = await all('/Patient?_count=20&_sort=_lastUpdated');
    expect([byCursor.status, new Set(byCursor.found).size]).toEqual([200, 100]);
    const small = await all('/Patient?_count=10&_sort=_lastUpdated');
    expect(small.status).toBe(400);
  });

  it('may put fewer resources on a page than were asked for', async () => {
    const { server, send } = serverOf({ maxCount: 2 });
    for (const id of ['a', 'b', 'c']) server.store.put(patient(id));
    for (const path of ['/Patient?_count=100', '/Patient/_history?_count=100']) {
      const { body } = await send<Bundle>('GET', path);
      expect([body.entry?.length, body.link?.some(({ relation }) => relation === 'next')]).toEqual([2, true]);
    }
  });

  it('may shorten decimals', async () => {
    const text =
      '{"resourceType":"Observation","id":"a","status":"final","code":{"text":"K"},"valueQuantity":{"value":4.50}}';
    for (const [decimals, value] of [
      ['kept', '4.50'],
      ['shortened', '4.5'],
    ] as const) {
      const { send } = serverOf({ decimals });
      expect((await send('PUT', '/Observation/a', text)).text).toContain(`"value":${value}}`);
      expect((await send('GET', '/Observation/a')).text).toContain(`"value":${value}}`);
    }
  });

  it('answer a bundle with the entity tag and exact time of each entry, or may leave them out', async () => {
    const bundle = transaction(
      { resource: patient('a', { active: true }), request: { method: 'PUT', url: 'Patient/a' } },
      { resource: patient('b'), request: { method: 'PUT', url: 'Patient/b' } },
      { request: { method: 'DELETE', url: 'Patient/c' } },
    );
    const { server, send } = serverOf();
    for (const id of ['a', 'c']) server.store.put(patient(id));
    const { body } = await send<Bundle>('POST', '', bundle);
    expect(body.entry?.map(({ response }) => `${response?.status} ${response?.etag}`)).toEqual([
      '200 OK W/"2"',
      '201 Created W/"1"',
      '204 No Content W/"2"',
    ]);
    for (const { resource, response } of body.entry?.slice(0, 2) ?? []) {
      expect(response?.lastModified).toBe(resource?.meta?.lastUpdated);
    }
    const bare = serverOf({ entryEtags: false });
    const answer = await bare.send<Bundle>('POST', '', bundle);
    expect(answer.body.entry?.map(({ response }) => [response?.etag, response?.lastModified])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  it('may refuse ids that a client has chosen, and keep the version where a PUT changes nothing', async () => {
    const { server, send } = serverOf({ updateCreate: false, sameContent: 'same-version' });
    expect((await send('PUT', '/Patient/a', patient('a'))).status).toBe(404);
    server.store.put(patient('a'));
    const unchanged = await send('PUT', '/Patient/a', patient('a'), { 'if-match': 'W/"1"' });
    expect([unchanged.status, unchanged.headers.get('etag')]).toEqual([200, 'W/"1"']);
    const changed = await send('PUT', '/Patient/a', patient('a', { active: true }), { 'if-match': 'W/"1"' });
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, 'W/"2"']);
  });

  it('may have a few types only', async () => {
    const { send } = serverOf({ types: ['Patient', 'Observation'] });
    const { body } = await send<CapabilityStatement>('GET', '/metadata');
    expect(body.rest?.[0]?.resource?.map(({ type }) => type).sort()).toEqual(['Observation', 'Patient']);
    expect((await send('GET', '/Flag')).status).toBe(404);
    expect((await send<Bundle>('GET', '/Observation')).status).toBe(200);
  });
});

describe('If-None-Exist in a transaction', () => {
  const made: Observation = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'K' },
    identifier: [{ system: 'urn:client', value: '1' }],
    subject: { reference: 'urn:uuid:11111111-1111-4111-8111-111111111111' },
  };
  const subject = { resourceType: 'Patient', identifier: [{ system: 'urn:client', value: 'p' }] };
  const entries = [
    {
      fullUrl: 'urn:uuid:11111111-1111-4111-8111-111111111111',
      resource: subject,
      request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=urn:client|p' },
    },
    {
      fullUrl: 'urn:uuid:22222222-2222-4222-8222-222222222222',
      resource: made,
      request: { method: 'POST', url: 'Observation', ifNoneExist: 'identifier=urn:client|1' },
    },
  ];

  it('makes a replay find what the first one made, and references lead there', async () => {
    const { server, send } = serverOf();
    const first = await send<Bundle>('POST', '', transaction(...entries));
    const again = await send<Bundle>('POST', '', transaction(...entries));
    const statuses = (bundle: Bundle) => bundle.entry?.map(({ response }) => response?.status);
    expect([statuses(first.body), statuses(again.body)]).toEqual([
      ['201 Created', '201 Created'],
      ['200 OK', '200 OK'],
    ]);
    expect(again.body.entry?.map(({ resource }) => resource?.id)).toEqual(
      first.body.entry?.map(({ resource }) => resource?.id),
    );
    const reference = { reference: `Patient/${first.body.entry?.[0]?.resource?.id}` };
    const third = {
      resource: { ...made, identifier: [{ system: 'urn:client', value: '3' }] },
      request: { method: 'POST', url: 'Observation', ifNoneExist: 'identifier=urn:client|3' },
    };
    const later = await send<Bundle>('POST', '', transaction(entries[0], third));
    expect(later.body.entry?.[1]?.resource).toMatchObject({ subject: reference });
    expect([server.store.count('Patient'), server.store.count('Observation')]).toEqual([1, 2]);
  });

  it('fails whole where it matches several, or where two entries ask for the same', async () => {
    const { server, send } = serverOf();
    const twice = await send('POST', '', transaction(entries[0], { ...entries[0], fullUrl: 'urn:uuid:3' }));
    expect([twice.status, server.store.count()]).toEqual([400, 0]);
    for (const id of ['x', 'y']) server.store.put({ ...subject, id } as Patient);
    const several = await send('POST', '', transaction(...entries));
    expect([several.status, server.store.count()]).toEqual([412, 2]);
  });
});
