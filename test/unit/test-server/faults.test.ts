import type { Patient } from 'fhir/r4';
import { afterEach, describe, expect, it } from 'vitest';
import { withClient } from './client.ts';

const client = withClient();
const make = (id: string) => client.send<Patient>('PUT', `/Patient/${id}`, { resourceType: 'Patient', id });

afterEach(() => client.server.faults.clear());

describe('faults', () => {
  it('answer with a status and Retry-After, as often as told, only where they match', async () => {
    client.server.faults.add({
      kind: 'status',
      status: 429,
      retryAfter: 7,
      times: 2,
      match: ({ path }) => path.startsWith('/fhir/Patient'),
    });
    expect((await client.get('/Practitioner')).status).toBe(200);
    const struck = await client.get('/Patient');
    expect([struck.status, struck.headers.get('retry-after')]).toEqual([429, '7']);
    expect((await client.get('/Patient')).status).toBe(429);
    expect((await client.get('/Patient')).status).toBe(200);
  });

  it('drop the connection before the effect', async () => {
    client.server.faults.add({ kind: 'dropBefore', times: 1 });
    await expect(make('before')).rejects.toThrow();
    expect(client.server.store.read('Patient', 'before')).toBeUndefined();
  });

  it('drop the connection after the effect', async () => {
    client.server.faults.add({ kind: 'dropAfter', times: 1 });
    await expect(make('after')).rejects.toThrow();
    expect(client.server.store.read('Patient', 'after')).toBeDefined();
  });

  it('cut a body short', async () => {
    client.server.faults.add({ kind: 'truncate', times: 1 });
    await expect(client.get('/Practitioner')).rejects.toThrow();
    expect((await client.get('/Practitioner')).status).toBe(200);
  });

  it('slow down, and stop when removed', async () => {
    const remove = client.server.faults.add({ kind: 'latency', ms: 250 });
    const timed = async () => {
      const start = performance.now();
      await client.get('/Patient?_summary=count');
      return performance.now() - start;
    };
    expect(await timed()).toBeGreaterThan(240);
    remove();
    expect(await timed()).toBeLessThan(240);
  });

  it('can be set and cleared over HTTP, where the request log is too', async () => {
    const dev = new URL('/_dev/', client.server.url).href;
    const rule = { kind: 'status', status: 503, pathPattern: 'Patient\\?name', method: 'GET' };
    expect((await fetch(`${dev}faults`, { method: 'POST', body: JSON.stringify(rule) })).status).toBe(204);
    expect((await client.get('/Patient?name=x')).status).toBe(503);
    expect((await client.get('/Patient?family=x')).status).toBe(200);
    expect((await fetch(`${dev}faults`, { method: 'DELETE' })).status).toBe(204);
    expect((await client.get('/Patient?name=x')).status).toBe(200);
    expect((await fetch(`${dev}faults`, { method: 'POST', body: '{"kind":"magic"}' })).status).toBe(400);
    const log = (await (await fetch(`${dev}requests`)).json()) as { path: string }[];
    expect(log.at(-1)?.path).toBe('/fhir/Patient?name=x');
  });

  it('stop() ends open connections at once', async () => {
    const { startServer } = await import('../../server/index.ts');
    const other = await startServer({ patients: 0 });
    other.faults.add({ kind: 'latency', ms: 60_000 });
    const pending = fetch(`${other.url}/metadata`).then(
      () => 'answered',
      () => 'cut',
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    const start = performance.now();
    await other.stop();
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(await pending).toBe('cut');
  });
});
