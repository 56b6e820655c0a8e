import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFhirClient } from '../../../main/fhir/client.ts';
import type { Retry } from '../../../main/fhir/retry.ts';

type Answer = { status: number; headers?: Record<string, string>; body?: string } | 'dropped';

/** A server that gives these answers, the last one again and again, and a client of it that waits without waiting. */
async function start(...answers: [Answer, ...Answer[]]) {
  const requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  const waits: number[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) as Answer;
    if (answer === 'dropped') request.socket.destroy();
    else response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const retry: Retry = { wait: async (ms) => void waits.push(ms), random: () => 0.5 };
  let count = 0;
  const client = createFhirClient({
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`,
    fetch: globalThis.fetch,
    accessToken: async () => ({ ok: true, value: 'token' }),
    requestId: () => `request-${++count}`,
    retry,
  });
  return { client, requests, waits };
}

describe('what is sent', () => {
  it('security: has the request id under which it was recorded, and otherwise one of its own', async () => {
    const { client, requests } = await start({ status: 200 });
    await client.send({ method: 'DELETE', url: 'Observation/1', ifMatch: '3', requestId: 'recorded' });
    await client.send({ method: 'DELETE', url: 'Observation/1', ifMatch: '3' });
    expect(requests.map(({ headers }) => headers['x-request-id'])).toEqual(['recorded', 'request-2']);
  });

  it('carries its condition, its type and its text to the digit', async () => {
    const { client, requests } = await start({
      status: 200,
      headers: { etag: 'W/"4"', location: 'Observation/1/_history/4' },
    });
    const body = '{"resourceType":"Observation","valueQuantity":{"value":1.50},"n":12345678901234567890,"text":"é"}';
    const answer = await client.send({
      method: 'PUT',
      url: 'Observation/1',
      body,
      ifMatch: '3',
      prefer: 'return=representation',
    });
    await client.send({ method: 'POST', url: 'Observation', body, ifNoneExist: 'identifier=a|b' });
    await client.send({ method: 'DELETE', url: 'Observation/1', ifMatch: '3' });
    await client.send({ method: 'POST', url: '', body });
    expect(answer).toMatchObject({ ok: true, value: { etag: 'W/"4"', location: 'Observation/1/_history/4' } });
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'PUT /fhir/Observation/1',
      'POST /fhir/Observation',
      'DELETE /fhir/Observation/1',
      'POST /fhir',
    ]);
    expect(requests[0]).toMatchObject({
      body,
      headers: {
        'if-match': 'W/"3"',
        'content-type': 'application/fhir+json',
        prefer: 'return=representation',
        'x-request-id': 'request-1',
      },
    });
    expect(requests[1]?.headers).toMatchObject({ 'if-none-exist': 'identifier=a|b' });
    expect(requests[2]).toMatchObject({ body: '', headers: { 'if-match': 'W/"3"' } });
  });

  it.each<Answer>(['dropped', { status: 500 }, { status: 503 }, { status: 429, headers: { 'retry-after': '1' } }])(
    'is never repeated by itself, whatever the server answers (%j)',
    async (answer) => {
      const { client, requests } = await start(answer);
      for (const method of ['POST', 'PUT', 'DELETE'] as const) {
        expect((await client.send({ method, url: 'Observation', body: '{}' })).ok).toBe(false);
      }
      expect(requests.map(({ method }) => method)).toEqual(['POST', 'PUT', 'DELETE']);
    },
  );

  it('security: goes to no other server', async () => {
    const { client, requests } = await start({ status: 200 });
    for (const url of ['https://evil.example/fhir', '/admin', '../admin', '//evil.example/']) {
      expect(await client.send({ method: 'POST', url, body: '{}' })).toMatchObject({ ok: false });
    }
    expect(requests).toEqual([]);
  });
});

describe('a read that failed in passing', () => {
  it.each<Answer>(['dropped', { status: 500 }, { status: 502 }, { status: 503 }, { status: 408 }])(
    'is made again, up to three times, with longer waits (%j)',
    async (answer) => {
      const { client, requests, waits } = await start(answer);
      expect((await client.get('Patient')).ok).toBe(false);
      expect(waits).toEqual([500, 1000]);
      expect(new Set(requests.map(({ headers }) => headers['x-request-id'])).size).toBe(3);
    },
  );

  it('is told as it came in the end', async () => {
    const { client } = await start('dropped', { status: 500 }, { status: 200, body: '{}' });
    expect(await client.get('Patient')).toMatchObject({ ok: true, value: { text: '{}' } });
  });

  it('waits as long as the server asks for, and leaves long waits to whoever asked', async () => {
    const short = await start({ status: 429, headers: { 'retry-after': '3' } }, { status: 200, body: '{}' });
    expect((await short.client.get('Patient')).ok).toBe(true);
    expect(short.waits).toEqual([3000]);
    const long = await start({ status: 503, headers: { 'retry-after': '60' } });
    expect(await long.client.get('Patient')).toMatchObject({ ok: false, error: { retryAfter: 60 } });
    expect(long.waits).toEqual([]);
    const medplum = await start({
      status: 429,
      body: '{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"throttled","diagnostics":"{\\"_msBeforeNext\\":2100}"}]}',
    });
    await medplum.client.get('Patient');
    expect(medplum.waits).toEqual([3000, 3000]);
  });

  it.each([400, 401, 403, 404, 409, 410, 412, 422])(
    'is not made again where the answer is final (%d)',
    async (status) => {
      const { client, requests } = await start({ status });
      await client.get('Patient');
      expect(requests).toHaveLength(1);
    },
  );

  it('is not made again for who has cancelled', async () => {
    const { client, requests } = await start('dropped');
    const abort = new AbortController();
    const asked = client.get('Patient', abort.signal);
    abort.abort();
    expect(await asked).toMatchObject({ ok: false });
    expect(requests.length).toBeLessThanOrEqual(1);
  });
});
