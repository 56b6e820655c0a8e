import { expect, test } from 'vitest';
import { createKeyService } from '../../../../main/documents/keys/service.ts';

const BASE = 'https://keys.example/service/';

/** A service that answers so; `seen` are the requests. */
function serviceOf(respond: (request: Request) => Response | Promise<Response>, tokens = ['one', 'two']) {
  const seen: Request[] = [];
  let at = 0;
  const service = createKeyService({
    base: BASE,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      seen.push(request);
      return respond(request);
    },
    accessToken: async (refused) => {
      if (refused !== undefined) at += 1;
      return { ok: true, value: tokens[at] ?? '' };
    },
  });
  return { service, seen };
}

const request = { header: 'AAAA', certificate: 'c', emergency: false };
const wrapped = { provider: 'wardlight', info: 't', ciphertext: 'AAAA' };
const codeOf = async (respond: (request: Request) => Response | Promise<Response>) => {
  const answer = await serviceOf(respond).service.rewrap(request);
  return answer.ok ? 'ok' : answer.error.code;
};

test('asks below the address of policy, with the clinician’s token', async () => {
  const { service, seen } = serviceOf(() => Response.json({ wrapped }));
  expect(await service.rewrap(request)).toEqual({ ok: true, value: { wrapped } });
  expect(seen[0]?.url).toBe(`${BASE}rewrap`);
  expect(seen[0]?.headers.get('authorization')).toBe('Bearer one');
  expect(seen[0]?.redirect).toBe('error');
});

test('asks once more with a new token where one was refused, and no third time', async () => {
  const { service, seen } = serviceOf(() => new Response('{}', { status: 401 }));
  expect(await service.rewrap(request)).toEqual({ ok: false, error: { code: 'key-service-refused' } });
  expect(seen.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer one', 'Bearer two']);
});

test('tells no, not now, no answer and nonsense apart', async () => {
  expect(await codeOf(() => Response.json({ code: 'not-on-care-team' }, { status: 403 }))).toBe('key-service-refused');
  expect(await codeOf(() => Response.json({ code: 'key-revoked' }, { status: 403 }))).toBe('key-revoked');
  expect(await codeOf(() => new Response('', { status: 503 }))).toBe('key-service-unreachable');
  expect(await codeOf(() => new Response('', { status: 429 }))).toBe('key-service-unreachable');
  expect(await codeOf(() => Promise.reject(new TypeError('fetch failed')))).toBe('key-service-unreachable');
  expect(await codeOf(() => new Response('<html>'))).toBe('key-service-answer-invalid');
  expect(await codeOf(() => Response.json({ wrapped: { ...wrapped, provider: 'other' } }))).toBe(
    'key-service-answer-invalid',
  );
  expect(await codeOf(() => Response.json({ wrapped: { ...wrapped, ciphertext: '?' } }))).toBe(
    'key-service-answer-invalid',
  );
});

test('an answer that doesn’t end is cut off', async () => {
  let sent = 0;
  const body = new ReadableStream({
    pull(controller) {
      sent += 1;
      controller.enqueue(new Uint8Array(1024 * 1024).fill(32));
    },
  });
  expect(await codeOf(() => new Response(body))).toBe('key-service-unreachable');
  expect(sent).toBeLessThan(16);
});

test('who cancels is told so', async () => {
  const abort = new AbortController();
  const { service } = serviceOf(async () => {
    abort.abort();
    throw new TypeError('aborted');
  });
  expect(await service.revocations(abort.signal)).toEqual({ ok: false, error: { code: 'cancelled' } });
});

test('without a token nothing is asked', async () => {
  const service = createKeyService({
    base: BASE,
    fetch: () => Promise.reject(new Error('asked')),
    accessToken: async () => ({ ok: false, error: { code: 'sign-in-needed' } }),
  });
  expect(await service.revocations()).toEqual({ ok: false, error: { code: 'key-service-unreachable' } });
});
