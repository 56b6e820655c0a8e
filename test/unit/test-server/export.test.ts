import type { Bundle, Resource } from 'fhir/r4';
import { beforeAll, describe, expect, it } from 'vitest';
import { withClient } from './client.ts';

interface Manifest {
  transactionTime: string;
  output: { type: string; url: string; count: number }[];
  deleted: { type: string; url: string }[];
  error: unknown[];
}

const client = withClient();
const asynchronous = { prefer: 'respond-async' };

beforeAll(() => {
  const { store } = client.server;
  for (const id of ['in', 'out']) {
    store.put({ resourceType: 'Patient', id });
    store.put(
      `{"resourceType":"Observation","id":"obs-${id}","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/${id}"},"performer":[{"reference":"Practitioner/dr"}],"valueQuantity":{"value":5.10}}`,
    );
  }
  store.put({ resourceType: 'Practitioner', id: 'dr' });
  store.put({ resourceType: 'Practitioner', id: 'unrelated' });
  store.put({
    resourceType: 'Group',
    id: 'g',
    type: 'person',
    actual: true,
    member: [{ entity: { reference: 'Patient/in' } }],
  });
});

async function run(path: string): Promise<{ manifest: Manifest; lines: Resource[]; text: string; status: string }> {
  const started = await client.get(path, asynchronous);
  expect(started.status).toBe(202);
  const status = started.headers.get('content-location')!;
  const waiting = await client.get(status);
  expect([waiting.status, waiting.headers.get('x-progress')]).toEqual([202, 'in progress']);
  const done = await client.get<Manifest>(status);
  expect(done.status).toBe(200);
  const files = await Promise.all([...done.body.output, ...done.body.deleted].map((file) => client.get(file.url)));
  const text = files.map((file) => file.text).join('');
  const lines = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Resource);
  return { manifest: done.body, lines, text, status };
}

const keys = (lines: Resource[]) => lines.map((r) => `${r.resourceType}/${r.id}`).sort();

describe('$export', () => {
  it('gives a group’s compartments and what they refer to, byte for byte', async () => {
    const { manifest, lines, text } = await run('/Group/g/$export');
    expect(keys(lines)).toEqual(['Group/g', 'Observation/obs-in', 'Patient/in', 'Practitioner/dr']);
    expect(text).toContain('"value":5.10');
    expect(manifest.output.find((file) => file.type === 'Observation')?.count).toBe(1);
  });

  it('gives all patients, of the types asked for', async () => {
    const { lines } = await run('/Patient/$export?_type=Patient,Observation');
    expect(keys(lines)).toEqual(['Observation/obs-in', 'Observation/obs-out', 'Patient/in', 'Patient/out']);
  });

  it('since the last one, gives what changed and what was deleted', async () => {
    const first = await run('/Group/g/$export');
    const since = encodeURIComponent(first.manifest.transactionTime);
    client.server.store.put({ resourceType: 'Condition', id: 'new', subject: { reference: 'Patient/in' } });
    client.server.store.remove('Observation', 'obs-in');
    client.server.store.remove('Observation', 'obs-out');
    const { manifest, lines } = await run(`/Group/g/$export?_since=${since}`);
    expect(keys(lines.filter((r) => r.resourceType !== 'Bundle'))).toEqual(['Condition/new']);
    expect(manifest.deleted).toHaveLength(1);
    const deletions = lines.filter((r) => r.resourceType === 'Bundle') as Bundle[];
    expect(deletions.map((b) => b.entry?.[0]?.request)).toEqual([{ method: 'DELETE', url: 'Observation/obs-in' }]);
  });

  it('gives the patients that are named of a group, in the query or in a Parameters resource', async () => {
    const { store } = client.server;
    const member = ['in', 'out'].map((id) => ({ entity: { reference: `Patient/${id}` } }));
    store.put({ resourceType: 'Group', id: 'both', type: 'person', actual: true, member });
    const { lines } = await run('/Group/both/$export?patient=Patient/out&_type=Patient');
    expect(keys(lines)).toEqual(['Patient/out']);
    const parameters = {
      resourceType: 'Parameters',
      parameter: [
        { name: 'patient', valueReference: { reference: 'Patient/in' } },
        { name: '_since', valueInstant: new Date(0).toISOString() },
        { name: '_type', valueString: 'Patient' },
      ],
    };
    const posted = await client.send('POST', '/Group/both/$export', parameters, asynchronous);
    expect(posted.status).toBe(202);
    await client.get(posted.headers.get('content-location')!);
    const { body } = await client.get<Manifest>(posted.headers.get('content-location')!);
    expect(keys([JSON.parse((await client.get(body.output[0]!.url)).text) as Resource])).toEqual(['Patient/in']);
    expect((await client.get('/Group/g/$export?patient=Patient/out', asynchronous)).status).toBe(400);
    store.remove('Group', 'both');
  });

  it('can be cancelled, and needs Prefer: respond-async', async () => {
    const { status } = await run('/Group/g/$export');
    expect((await client.send('DELETE', status)).status).toBe(202);
    expect((await client.get(status)).status).toBe(404);
    expect((await client.get('/Group/g/$export')).status).toBe(400);
    expect((await client.get('/Group/none/$export', asynchronous)).status).toBe(404);
  });
});

describe('$everything', () => {
  it('gives a compartment and its companions, page by page', async () => {
    const pages = await client.pages('/Patient/in/$everything?_count=2');
    const all = pages
      .flatMap((page) => page.entry ?? [])
      .map((entry) => `${entry.resource?.resourceType}/${entry.resource?.id}`);
    expect(all.sort()).toEqual(['Condition/new', 'Group/g', 'Patient/in']);
    expect(pages).toHaveLength(2);
    expect((await client.get('/Patient/none/$everything')).status).toBe(404);
  });
});
