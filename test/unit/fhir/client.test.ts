import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFhirClient, type FhirClientOptions } from '../../../main/fhir/client.ts';

const TOKEN = 'token-of-the-clinician';

async function serve(listener: RequestListener) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { requests, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function clientOf(base: string, change: Partial<FhirClientOptions> = {}) {
  let count = 0;
  return createFhirClient({
    base,
    fetch: globalThis.fetch,
    accessToken: async () => ({ ok: true, value: TOKEN }),
    requestId: () => `request-${++count}`,
    ...change,
  });
}

const ok: RequestListener = (_request, response) => response.end('{}');

describe('the FHIR client', () => {
  it('asks with its token, a request id and the type that it wants, and for nothing else', async () => {
    const { requests, origin } = await serve(ok);
    const client = clientOf(`${origin}/fhir`);
    await client.get('Patient?_count=2');
    await client.get(`${origin}/fhir/Patient?page=2`);
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /fhir/Patient?_count=2',
      'GET /fhir/Patient?page=2',
    ]);
    expect(requests[0]?.headers).toMatchObject({
      'cache-control': 'no-cache',
      authorization: `Bearer ${TOKEN}`,
      accept: 'application/fhir+json',
      'x-request-id': 'request-1',
    });
    expect(requests[1]?.headers['x-request-id']).toBe('request-2');
    expect(requests[0]?.headers.cookie).toBeUndefined();
    expect(client.base).toBe(`${origin}/fhir/`);
  });

  it('gives the body as the server wrote it, with its clock and ETag', async () => {
    const body =
      '{"resourceType":"Observation", "valueQuantity":{"value":1.50},"big":12345678901234567890,"text":"é\\u00e9 日本"}\n';
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, {
        'content-type': 'application/fhir+json',
        date: 'Tue, 05 Mar 2024 06:07:08 GMT',
        etag: 'W/"3"',
      });
      response.end(body);
    });
    expect(await clientOf(origin).get('Observation/1')).toEqual({
      ok: true,
      value: { text: body, status: 200, serverTime: '2024-03-05T06:07:08.000Z', etag: 'W/"3"', location: null },
    });
  });

  it.each([null, 'not a date', ''])('has no server time where the Date header is %j', async (date) => {
    const { origin } = await serve((_request, response) => {
      response.sendDate = false;
      if (date !== null) response.setHeader('date', date);
      response.end('{}');
    });
    expect(await clientOf(origin).get('x')).toMatchObject({ ok: true, value: { serverTime: null, etag: null } });
  });

  it.each([
    [400, 'rejected'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not-found'],
    [405, 'rejected'],
    [406, 'rejected'],
    [409, 'conflict'],
    [410, 'gone'],
    [412, 'conflict'],
    [413, 'rejected'],
    [422, 'rejected'],
    [429, 'too-many-requests'],
    [500, 'server-error'],
    [502, 'server-error'],
    [503, 'server-error'],
    [504, 'server-error'],
  ])('answers status %d as %s', async (status, code) => {
    const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'processing' }] };
    const { origin } = await serve((_request, response) => {
      response.writeHead(status, { 'retry-after': '7', date: 'Tue, 05 Mar 2024 06:07:08 GMT' });
      response.end(JSON.stringify(outcome));
    });
    expect(await clientOf(origin).get('x')).toEqual({
      ok: false,
      error: {
        code,
        status,
        outcome,
        retryAfter: 7,
        serverTime: '2024-03-05T06:07:08.000Z',
      },
    });
  });

  it.each(['', '<html>', '{"resourceType":"Patient"}', 'null', '[]'])(
    'has no outcome where the body of a failure is %j',
    async (body) => {
      const { origin } = await serve((_request, response) => {
        response.writeHead(500);
        response.end(body);
      });
      expect(await clientOf(origin).get('x')).toMatchObject({
        ok: false,
        error: { code: 'server-error', outcome: null },
      });
    },
  );

  it.each([
    [undefined, null],
    ['0', 0],
    ['120', 120],
    ['soon', null],
    ['', null],
    ['-5', null],
  ])('reads Retry-After %j as %j', async (header, retryAfter) => {
    const { origin } = await serve((_request, response) => {
      response.writeHead(429, header === undefined ? {} : { 'retry-after': header });
      response.end();
    });
    expect(await clientOf(origin).get('x')).toMatchObject({ ok: false, error: { retryAfter } });
  });

  it('reads a Retry-After that is a date by the server’s clock, not the workstation’s', async () => {
    const { origin } = await serve((_request, response) => {
      response.writeHead(503, {
        date: 'Tue, 05 Mar 2024 06:07:08 GMT',
        'retry-after': 'Tue, 05 Mar 2024 06:08:08 GMT',
      });
      response.end();
    });
    expect(await clientOf(origin).get('x')).toMatchObject({ ok: false, error: { retryAfter: 60 } });
  });

  it.each([{ issue: [null] }, { issue: {} }, { issue: [{}] }, { issue: ['x'] }, { issue: 7 }])(
    'security: takes no issue of any shape for a time to wait: %j',
    async ({ issue }) => {
      const { origin } = await serve((_request, response) => {
        response.writeHead(429).end(JSON.stringify({ resourceType: 'OperationOutcome', issue }));
      });
      expect(await clientOf(origin).get('x')).toMatchObject({
        ok: false,
        error: { code: 'too-many-requests', retryAfter: null },
      });
    },
  );

  it('asks nothing of the server without a token', async () => {
    const { requests, origin } = await serve(ok);
    const client = clientOf(origin, { accessToken: async () => ({ ok: false, error: { code: 'sign-in-needed' } }) });
    expect(await client.get('x')).toMatchObject({ ok: false, error: { code: 'unauthorized' } });
    expect(requests).toEqual([]);
  });

  it.each(['offline', 'server-unreachable', 'server-certificate', 'server-pin', 'client-certificate', 'proxy-refused'])(
    'tells apart that there is no new token for the network: %s',
    async (code) => {
      const { origin } = await serve(ok);
      const client = clientOf(origin, { accessToken: async () => ({ ok: false, error: { code } }) });
      expect(await client.get('x')).toMatchObject({ ok: false, error: { code } });
    },
  );
});

describe('a request that does not get through', () => {
  it('is unreachable where nothing listens', async () => {
    // Nobody but root can listen on port 1, and nobody does.
    expect(await clientOf('http://127.0.0.1:1').get('x')).toMatchObject({
      ok: false,
      error: { code: 'server-unreachable' },
    });
  });

  it('is unreachable where the connection drops before or within the answer', async () => {
    const before = await serve((request) => request.socket.destroy());
    const within = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"half":', () => response.destroy());
    });
    for (const { origin } of [before, within]) {
      expect(await clientOf(origin).get('x')).toMatchObject({ ok: false, error: { code: 'server-unreachable' } });
    }
  });

  it('security: is a matter of the certificate where TLS fails', async () => {
    const { requests, origin } = await serve(ok);
    // A real TLS failure: the other side speaks plain HTTP.
    const tls = clientOf(origin.replace('http:', 'https:'));
    expect(await tls.get('x')).toMatchObject({ ok: false, error: { code: 'server-certificate' } });
    expect(requests).toEqual([]);
  });

  it.each([
    ['net::ERR_UNEXPECTED_PROXY_AUTH', undefined, 'proxy-refused'],
    ['net::ERR_SSL_CLIENT_AUTH_CERT_NEEDED', undefined, 'client-certificate'],
    ['net::ERR_BAD_SSL_CLIENT_AUTH_CERT', undefined, 'client-certificate'],
    ['net::ERR_SSL_PINNED_KEY_NOT_IN_CERT_CHAIN', undefined, 'server-pin'],
    ['net::ERR_CERT_DATE_INVALID', undefined, 'server-certificate'],
    ['net::ERR_CERT_AUTHORITY_INVALID', undefined, 'server-certificate'],
    ['net::ERR_SSL_PROTOCOL_ERROR', undefined, 'server-certificate'],
    ['net::ERR_INTERNET_DISCONNECTED', undefined, 'offline'],
    ['net::ERR_NETWORK_CHANGED', undefined, 'offline'],
    ['net::ERR_NAME_NOT_RESOLVED', undefined, 'server-unreachable'],
    ['net::ERR_CONNECTION_REFUSED', undefined, 'server-unreachable'],
    ['net::ERR_TUNNEL_CONNECTION_FAILED', undefined, 'server-unreachable'],
    ['fetch failed', 'SELF_SIGNED_CERT_IN_CHAIN', 'server-certificate'],
    ['fetch failed', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'server-certificate'],
    ['fetch failed', 'ERR_TLS_CERT_ALTNAME_INVALID', 'server-certificate'],
    ['fetch failed', 'CERT_HAS_EXPIRED', 'server-certificate'],
    ['fetch failed', 'ENETUNREACH', 'offline'],
    ['fetch failed', 'ECONNRESET', 'server-unreachable'],
  ])('%s %s is %s', async (message, nodeCode, code) => {
    const cause = nodeCode && Object.assign(new Error('cause'), { code: nodeCode });
    const fetch = () => Promise.reject(new TypeError(message, { cause }));
    expect(await clientOf('https://s.example', { fetch }).get('x')).toMatchObject({ ok: false, error: { code } });
  });

  it('is cancelled by its signal: before, while it waits for a token, for the server and for the body', async () => {
    const cancel = () => new AbortController();
    const early = cancel();
    early.abort();
    const { requests, origin } = await serve((request, response) => {
      if (request.url === '/body') response.write('{', () => during.abort());
      else waiting.abort();
    });
    const [during, waiting, asking] = [cancel(), cancel(), cancel()];
    const cancelled = { ok: false, error: { code: 'cancelled' } };
    expect(await clientOf(origin).get('early', early.signal)).toMatchObject(cancelled);
    const silent = clientOf(origin, {
      accessToken() {
        queueMicrotask(() => asking.abort());
        return new Promise(() => undefined);
      },
    });
    expect(await silent.get('token', asking.signal)).toMatchObject(cancelled);
    expect(requests).toEqual([]);
    expect(await clientOf(origin).get('wait', waiting.signal)).toMatchObject(cancelled);
    expect(await clientOf(origin).get('body', during.signal)).toMatchObject(cancelled);
  });
});

describe('security: where the token goes', () => {
  it('security: only to the server and base that were signed in to', async () => {
    const { requests, origin } = await serve(ok);
    const evil = await serve(ok);
    const client = clientOf(`${origin}/fhir`);
    const { port } = new URL(origin);
    for (const link of [
      `${evil.origin}/fhir/Patient?page=2`,
      `http://127.0.0.1.evil.example:${port}/fhir/Patient`,
      `http://127.0.0.1:${port}@evil.example/fhir/Patient`,
      `http://evil@127.0.0.1:${port}/fhir/Patient`,
      `http://localhost:${port}/fhir/Patient`,
      `https://127.0.0.1:${port}/fhir/Patient`,
      `//evil.example/fhir/Patient`,
      `${origin}/other/Patient`,
      `${origin}/fhirx/Patient`,
      `${origin}/fhir`,
      `${origin}/fhir/../admin`,
      `${origin}/fhir/%2e%2e/admin`,
      `${origin}/fhir/.%2E/admin`,
      '../admin',
      '/admin',
      '/../fhirx',
      '\\\\evil.example\\x',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'data:,x',
      'http://',
    ]) {
      const answer = await client.get(link);
      expect(answer, link).toMatchObject({ ok: false, error: { code: 'server-answer-invalid' } });
    }
    expect([...requests, ...evil.requests]).toEqual([]);
  });

  it('security: not along a redirect, to wherever it leads', async () => {
    const evil = await serve(ok);
    for (const status of [301, 302, 303, 307, 308]) {
      const { requests, origin } = await serve((_request, response) => {
        response.writeHead(status, { location: `${evil.origin}/fhir/Patient` });
        response.end();
      });
      const answer = await clientOf(`${origin}/fhir`).get('Patient');
      expect(answer.ok).toBe(false);
      expect(requests).toHaveLength(1);
    }
    expect(evil.requests).toEqual([]);
  });

  it('security: not into what a failed request answers', async () => {
    const fetch = () => Promise.reject(new Error(`boom ${TOKEN}`));
    expect(JSON.stringify(await clientOf('https://s.example', { fetch }).get('x'))).not.toContain(TOKEN);
  });
});

describe('a token that the server refuses although it looks valid', () => {
  /** A server that takes one token only, and a holder that has others first. */
  async function start(valid: string | null, renewed: Awaited<ReturnType<FhirClientOptions['accessToken']>>) {
    const bodies: string[] = [];
    const { requests, origin } = await serve(async (request, response) => {
      let body = '';
      for await (const part of request) body += String(part);
      bodies.push(`${request.method} ${body}`);
      response.writeHead(valid !== null && request.headers.authorization === `Bearer ${valid}` ? 200 : 401);
      response.end('{}');
    });
    const refused: (string | undefined)[] = [];
    const client = clientOf(origin, {
      async accessToken(token) {
        refused.push(token);
        return token === undefined ? { ok: true, value: 'old' } : renewed;
      },
    });
    return { client, requests, bodies, refused };
  }
  const put = { method: 'PUT', url: 'Patient/a', body: '{"id":"a"}', ifMatch: '1' } as const;

  it('is renewed, and what was asked for is asked again, a change too: a 401 has done nothing', async () => {
    const { client, requests, bodies, refused } = await start('new', { ok: true, value: 'new' });
    expect(await client.get('Patient/a')).toMatchObject({ ok: true });
    expect(await client.send(put)).toMatchObject({ ok: true });
    expect(bodies).toEqual(['GET ', 'GET ', 'PUT {"id":"a"}', 'PUT {"id":"a"}']);
    expect(refused).toEqual([undefined, 'old', undefined, 'old']);
    expect(requests[3]?.headers['if-match']).toBe('W/"1"');
    // Each is a request of its own in the server's audit.
    expect(new Set(requests.map(({ headers }) => headers['x-request-id'])).size).toBe(4);
  });

  it('is renewed once only: where the new one is refused too, a sign-in is needed', async () => {
    const { client, requests } = await start(null, { ok: true, value: 'new' });
    expect(await client.send(put)).toMatchObject({ ok: false, error: { code: 'unauthorized', status: 401 } });
    expect(requests).toHaveLength(2);
  });

  it.each([
    ['sign-in-needed', 'unauthorized'],
    ['server-unreachable', 'server-unreachable'],
  ])('that can’t be renewed (%s) is told as %s, and nothing is sent again', async (code, told) => {
    const { client, requests } = await start(null, { ok: false, error: { code } });
    expect(await client.send(put)).toMatchObject({ ok: false, error: { code: told } });
    expect(requests).toHaveLength(1);
  });

  it('is not sent again where there is no other', async () => {
    const { client, requests } = await start(null, { ok: true, value: 'old' });
    expect(await client.get('x')).toMatchObject({ ok: false, error: { code: 'unauthorized' } });
    expect(requests).toHaveLength(1);
  });
});
