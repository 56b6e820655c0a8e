import type { Bundle, Observation, Patient } from 'fhir/r4';
import { describe, expect, it } from 'vitest';
import { issueOf, withClient } from './client.ts';

const client = withClient();
const patient = (id: string, more: Partial<Patient> = {}): Patient => ({ resourceType: 'Patient', id, ...more });

describe('versions', () => {
  it('creates with 201, Location and ETag, and each PUT makes a version that can be read', async () => {
    const created = await client.send<Patient>('POST', '/Patient', { resourceType: 'Patient', gender: 'male' });
    const { id } = created.body;
    expect(created.status).toBe(201);
    expect(created.headers.get('etag')).toBe('W/"1"');
    expect(created.headers.get('location')).toBe(`${client.server.url}/Patient/${id}/_history/1`);
    const updated = await client.send<Patient>('PUT', `/Patient/${id}`, patient(id!, { gender: 'female' }));
    expect([updated.status, updated.body.meta?.versionId]).toEqual([200, '2']);
    expect((await client.get<Patient>(`/Patient/${id}/_history/1`)).body.gender).toBe('male');
    expect((await client.get<Patient>(`/Patient/${id}`)).body.gender).toBe('female');
    expect(Date.parse(updated.body.meta!.lastUpdated!)).toBeGreaterThan(Date.parse(created.body.meta!.lastUpdated!));
  });

  it('creates with the id that the client chose', async () => {
    expect((await client.send('PUT', '/Patient/chosen', patient('chosen'))).status).toBe(201);
  });

  it('answers 304 to a read of what the client has', async () => {
    const { headers } = await client.send('PUT', '/Patient/known', patient('known'));
    const conditional = (name: string, value: string) => client.get('/Patient/known', { [name]: value });
    expect((await conditional('if-none-match', 'W/"1"')).status).toBe(304);
    expect((await conditional('if-none-match', 'W/"7"')).status).toBe(200);
    expect((await conditional('if-modified-since', headers.get('last-modified')!)).status).toBe(304);
    expect((await conditional('if-modified-since', 'Thu, 01 Jan 2015 00:00:00 GMT')).status).toBe(200);
  });

  it('refuses PUT, PATCH and DELETE whose If-Match is not the current version, and changes nothing', async () => {
    await client.send('PUT', '/Patient/guarded', patient('guarded'));
    await client.send('PUT', '/Patient/guarded', patient('guarded', { gender: 'female' }));
    const stale = { 'if-match': 'W/"1"' };
    const patch = [{ op: 'add', path: '/gender', value: 'male' }];
    const asPatch = { 'content-type': 'application/json-patch+json' };
    const put = (headers: Record<string, string>) =>
      client.send('PUT', '/Patient/guarded', patient('guarded', { active: true }), headers);
    expect((await put(stale)).status).toBe(412);
    expect((await client.send('PATCH', '/Patient/guarded', patch, { ...asPatch, ...stale })).status).toBe(412);
    expect((await client.send('DELETE', '/Patient/guarded', undefined, stale)).status).toBe(412);
    expect(client.server.store.versions('Patient', 'guarded')).toHaveLength(2);
    expect((await put({ 'if-match': 'W/"2"' })).status).toBe(200);
    const patched = await client.send<Patient>('PATCH', '/Patient/guarded', patch, { ...asPatch, 'if-match': 'W/"3"' });
    expect([patched.status, patched.body.gender]).toEqual([200, 'male']);
    expect((await client.send('DELETE', '/Patient/guarded', undefined, { 'if-match': 'W/"4"' })).status).toBe(204);
  });

  it('refuses an If-Match on a resource that is not there', async () => {
    expect((await client.send('PUT', '/Patient/nobody', patient('nobody'), { 'if-match': 'W/"1"' })).status).toBe(412);
  });
});

describe('deletion', () => {
  it('leaves 410, a tombstone in all histories, and no trace in searches', async () => {
    await client.send('PUT', '/Patient/leaving', patient('leaving'));
    expect((await client.send('DELETE', '/Patient/leaving')).status).toBe(204);
    expect((await client.send('DELETE', '/Patient/leaving')).status).toBe(204);
    expect((await client.get('/Patient/leaving')).status).toBe(410);
    expect((await client.get('/Patient/leaving/_history/2')).status).toBe(410);
    expect((await client.get<Bundle>('/Patient?_id=leaving')).body.total).toBe(0);
    for (const path of ['/Patient/leaving/_history', '/Patient/_history', '/_history']) {
      const { body } = await client.get<Bundle>(path);
      const [newest] = body.entry!.filter((entry) => entry.fullUrl?.endsWith('/Patient/leaving'));
      expect([newest?.request?.method, newest?.resource, newest?.response?.etag]).toEqual([
        'DELETE',
        undefined,
        'W/"2"',
      ]);
    }
    const back = await client.send<Patient>('PUT', '/Patient/leaving', patient('leaving'));
    expect([back.status, back.body.meta?.versionId]).toEqual([201, '3']);
  });

  it('tells a type history since an instant, page by page, newest first', async () => {
    const { body: first } = await client.send<Patient>('POST', '/Patient', { resourceType: 'Patient' });
    for (let i = 0; i < 4; i += 1) await client.send('POST', '/Patient', { resourceType: 'Patient' });
    const pages = await client.pages(
      `/Patient/_history?_count=2&_since=${encodeURIComponent(first.meta!.lastUpdated!)}`,
    );
    const entries = pages.flatMap((page) => page.entry ?? []);
    expect(pages.map((page) => page.entry?.length)).toEqual([2, 2, 1]);
    expect(entries.at(-1)?.resource?.id).toBe(first.id);
    const times = entries.map((entry) => entry.response!.lastModified!);
    expect(times).toEqual([...times].sort().reverse());
  });
});

describe('number literals', () => {
  it('come back as they were written, from every way out', async () => {
    const text = `{"resourceType":"Observation","status":"final","code":{"text":"K"},"subject":{"reference":"Patient/exact"},
      "valueQuantity":{"value":1.50,"unit":"mmol/L"},"component":[{"code":{"text":"x"},"valueQuantity":{"value":1.0E2}},{"code":{"text":"y"},"valueQuantity":{"value":0.10000000000000000001}}]}`;
    const created = await client.send<Observation>('POST', '/Observation', text);
    const id = created.body.id!;
    const ways = [
      `/Observation/${id}`,
      `/Observation?_id=${id}`,
      `/Observation/${id}/_history`,
      `/Observation?_id=${id}&_elements=valueQuantity,component`,
    ];
    for (const path of ways) {
      const { text: answer } = await client.get(path);
      for (const literal of ['1.50', '1.0E2', '0.10000000000000000001'])
        expect(answer, path).toContain(`"value":${literal}`);
    }
    const patch = [
      { op: 'test', path: '/valueQuantity/value', value: 1.5 },
      { op: 'replace', path: '/status', value: 'amended' },
    ];
    const asPatch = { 'content-type': 'application/json-patch+json' };
    const patched = await client.send('PATCH', `/Observation/${id}`, patch, asPatch);
    expect(patched.text).toContain('"value":1.50');
    const literal = await client.send(
      'PATCH',
      `/Observation/${id}`,
      '[{"op":"replace","path":"/valueQuantity/value","value":7.00}]',
      asPatch,
    );
    expect(literal.text).toContain('"value":7.00');
  });
});

describe('conditional interactions', () => {
  const identified = (value: string): Patient => ({
    resourceType: 'Patient',
    identifier: [{ system: 'urn:s', value }],
  });
  const ifNone = (value: string) => ({ 'if-none-exist': `identifier=urn:s|${value}` });

  it('creates once under If-None-Exist, then finds, and refuses where many match', async () => {
    const both = await Promise.all(
      [1, 2].map(() => client.send<Patient>('POST', '/Patient', identified('a'), ifNone('a'))),
    );
    expect(both.map((answer) => answer.status).sort()).toEqual([200, 201]);
    expect(both[0]!.body.id).toBe(both[1]!.body.id);
    await client.send('POST', '/Patient', identified('a'));
    expect((await client.send('POST', '/Patient', identified('a'), ifNone('a'))).status).toBe(412);
  });

  it('never takes criteria it does not understand for "any"', async () => {
    const before = client.server.store.count('Patient');
    const answer = await client.send('POST', '/Patient', identified('b'), { 'if-none-exist': 'identifer=typo' });
    expect(answer.status).toBe(400);
    expect((await client.send('DELETE', '/Patient')).status).toBe(412);
    expect(client.server.store.count('Patient')).toBe(before);
  });

  it('updates and deletes by criteria', async () => {
    const made = await client.send<Patient>('PUT', '/Patient?identifier=urn:s|c', identified('c'));
    const again = await client.send<Patient>('PUT', '/Patient?identifier=urn:s|c', {
      ...identified('c'),
      active: true,
    });
    expect([made.status, again.status, again.body.id]).toEqual([201, 200, made.body.id]);
    expect((await client.send('DELETE', '/Patient?identifier=urn:s|c')).status).toBe(204);
    expect((await client.get(`/Patient/${made.body.id}`)).status).toBe(410);
  });
});

describe('errors', () => {
  it.each([
    ['POST', '/Patient', '{not json', 400],
    ['POST', '/Patient', { resourceType: 'Observation', status: 'final', code: { text: 'x' } }, 400],
    ['POST', '/Patient', { resourceType: 'Patient', gender: 'masculine' }, 400],
    ['POST', '/Patient', { resourceType: 'Patient', name: { family: 'not an array' } }, 400],
    ['POST', '/Patient', { resourceType: 'Patient', nmae: [] }, 400],
    ['POST', '/Patient', '{"resourceType":"Patient","active":true,"active":false}', 400],
    ['POST', '/Observation', { resourceType: 'Observation', code: { text: 'x' } }, 400],
    ['PUT', '/Patient/one', { resourceType: 'Patient', id: 'two' }, 400],
    ['PUT', '/Patient/one', { resourceType: 'Patient' }, 400],
    ['GET', '/Patient/never-was', undefined, 404],
    ['GET', '/Unicorn/1', undefined, 404],
    ['PATCH', '/Patient/never-was', [], 404],
    ['GET', '/Patient?birthdate=yesterday', undefined, 400],
  ] as const)('%s %s answers with an OperationOutcome', async (method, path, body, status) => {
    const answer = await client.send(method, path, body);
    expect(answer.status).toBe(status);
    expect(issueOf(answer)?.severity).toBe('error');
    expect(answer.headers.get('content-type')).toContain('application/fhir+json');
  });

  it('refuses 50 MB and more, other formats, and a failing patch test', async () => {
    const huge = `{"resourceType":"Patient","id":"x","name":[{"text":"${'x'.repeat(51 * 1024 * 1024)}"}]}`;
    expect((await client.send('POST', '/Patient', huge)).status).toBe(413);
    expect(
      (await client.send('POST', '/Patient', '<Patient/>', { 'content-type': 'application/fhir+xml' })).status,
    ).toBe(415);
    expect((await client.get('/Patient?_format=xml')).status).toBe(406);
    await client.send('PUT', '/Patient/tested', patient('tested', { gender: 'male' }));
    const test = [
      { op: 'test', path: '/gender', value: 'female' },
      { op: 'remove', path: '/gender' },
    ];
    expect(
      (await client.send('PATCH', '/Patient/tested', test, { 'content-type': 'application/json-patch+json' })).status,
    ).toBe(422);
    expect(client.server.store.versions('Patient', 'tested')).toHaveLength(1);
  });

  it('echoes the request id and keeps a log of what was asked', async () => {
    const answer = await client.get('/Patient?_count=1', { 'x-request-id': 'r-1' });
    expect(answer.headers.get('x-request-id')).toBe('r-1');
    const logged = client.server.requests.at(-1);
    expect(logged).toMatchObject({
      method: 'GET',
      path: '/fhir/Patient?_count=1',
      status: 200,
      headers: { 'x-request-id': 'r-1' },
    });
  });
});

describe('Binary', () => {
  it('takes and gives raw bytes, and JSON where asked', async () => {
    const bytes = new Uint8Array([0, 255, 10, 13, 128]);
    const response = await fetch(`${client.server.url}/Binary`, {
      method: 'POST',
      headers: { authorization: `Bearer ${client.token}`, 'content-type': 'image/x-test' },
      body: bytes,
    });
    const location = response.headers.get('location')!.replace(/\/_history.*/, '');
    const raw = await fetch(location, { headers: { authorization: `Bearer ${client.token}` } });
    expect(raw.headers.get('content-type')).toBe('image/x-test');
    expect(new Uint8Array(await raw.arrayBuffer())).toEqual(bytes);
    const json = await client.get(location, { accept: 'application/fhir+json' });
    expect(json.body).toMatchObject({ resourceType: 'Binary', data: Buffer.from(bytes).toString('base64') });
  });
});
