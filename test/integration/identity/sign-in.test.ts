import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFhirClient } from '../../../main/fhir/client.ts';
import { createSmart, type SmartOptions } from '../../../main/identity/smart.ts';
import { createTokenHolder } from '../../../main/identity/tokens.ts';
import { followSignIn } from '../../server/browser.ts';
import { type DevServer, startServer } from '../../server/index.ts';

let server: DevServer;
beforeAll(async () => {
  server = await startServer({ patients: 1, seed: 1 });
});
afterEach(() => server.faults.clear());
afterAll(() => server.stop());

const NOW = 1_700_000_000_000;
const user = () => server.users[0]!;
const never = new AbortController().signal;
const follow = (url: string) => followSignIn(url, user());

/** What a started sign-in sends the browser to, and everything that was fetched. */
function start(change: Partial<SmartOptions> = {}) {
  const opened: URL[] = [];
  const fetched: { url: string; body: string; init: RequestInit | undefined }[] = [];
  const { openExternal = follow, fetch = globalThis.fetch, ...rest } = change;
  const smart = createSmart({
    now: () => NOW,
    uptime: () => 7,
    timeoutMs: 30_000,
    openExternal(url) {
      opened.push(new URL(url));
      return openExternal(url);
    },
    fetch(url, init) {
      fetched.push({ url: String(url), body: String(init?.body ?? ''), init });
      return fetch(url, init);
    },
    ...rest,
  });
  return { smart, opened, fetched, signIn: (signal: AbortSignal = never) => smart.signIn(server.url, signal) };
}

/** Comes back to the app as the server would, with the given parameters. */
async function comeBack(url: string, parameters: Record<string, string>): Promise<void> {
  const asked = new URL(url).searchParams;
  const back = new URL(asked.get('redirect_uri') ?? '');
  const all = { state: asked.get('state') ?? '', iss: server.issuer, ...parameters };
  for (const [name, value] of Object.entries(all)) {
    if (name !== 'iss' || value !== '') back.searchParams.set(name, value);
  }
  await fetch(back);
}

/** A fetch that changes what `.well-known/smart-configuration` says. */
const withConfiguration = (change: Record<string, unknown>): typeof globalThis.fetch => {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (!String(url).endsWith('/smart-configuration')) return response;
    return Response.json({ ...((await response.json()) as object), ...change });
  };
};

/** A fetch that changes the answer of the token endpoint. */
const withTokens = (change: (body: Record<string, unknown>) => void): typeof globalThis.fetch => {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (!String(url).endsWith('/token')) return response;
    const body = (await response.json()) as Record<string, unknown>;
    change(body);
    return Response.json(body, { status: response.status });
  };
};

interface Forgery {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  /** With whose key it is signed: the server's own, which the test then is; or one that the server doesn't show. */
  by?: 'server' | 'stranger' | 'nobody';
}

const serverKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
const strangerKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwks = { keys: [{ ...serverKey.publicKey.export({ format: 'jwk' }), kid: 'test', use: 'sig' }] };
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The same ID token with other claims, signed anew. */
function forged(token: unknown, { claims = {}, header = {}, by = 'server' }: Forgery): string {
  const [, old = ''] = String(token).split('.');
  const body = { ...(JSON.parse(Buffer.from(old, 'base64url').toString()) as object), ...claims };
  const text = `${encoded({ alg: 'RS256', kid: 'test', ...header })}.${encoded(body)}`;
  if (by === 'nobody') return `${text}.`;
  const { privateKey } = by === 'server' ? serverKey : strangerKey;
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
}

/** A server whose ID tokens are these, and whose keys are the test's. */
const withIdToken = (forgery: Forgery): typeof globalThis.fetch => {
  const answered = withTokens((body) => {
    body['id_token'] = forged(body['id_token'], forgery);
  });
  return async (url, init) => (String(url).endsWith('/jwks') ? Response.json(jwks) : answered(url, init));
};

const portOf = (url: URL | undefined) => new URL(url?.searchParams.get('redirect_uri') ?? '').port;
const isClosed = (port: string) =>
  fetch(`http://127.0.0.1:${port}/callback`).then(
    () => false,
    () => true,
  );

describe('signing in', () => {
  it('ends with tokens that the server accepts, and who the clinician is', async () => {
    const { signIn } = start();
    const result = await signIn();
    if (!result.ok) throw new Error(result.error.code);
    const { tokens, practitioner, name } = result.value;
    expect(practitioner).toBe(`Practitioner/${user().practitionerId}`);
    expect(name === null || name === user().display).toBe(true);
    expect(tokens.refreshToken).toBeTruthy();
    // Half a minute before the server's hour is over.
    expect(tokens.expiresAt).toBe(NOW + 3_570_000);
    const answer = await fetch(`${server.url}/Patient`, { headers: { Authorization: `Bearer ${tokens.accessToken}` } });
    expect(answer.status).toBe(200);
  });

  it('says what the server’s clock said, and not the workstation’s', async () => {
    const { signIn } = start({ fetch: withIdToken({ claims: { iat: 1_600_000_000 } }) });
    expect(await signIn()).toMatchObject({ ok: true, value: { issued: { serverTime: 1_600_000_000_000, uptime: 7 } } });
  });

  it('renews its tokens; a refresh token that was used or withdrawn is refused', async () => {
    const { smart, signIn } = start();
    const result = await signIn();
    if (!result.ok) throw new Error(result.error.code);
    const first = result.value.tokens.refreshToken ?? '';
    const renewed = await smart.refresh(server.url, first);
    if (!renewed.ok) throw new Error(renewed.error.code);
    expect(renewed.value.refreshToken).not.toBe(first);
    expect(renewed.value.accessToken).not.toBe(result.value.tokens.accessToken);
    expect(await smart.refresh(server.url, first)).toEqual({ ok: false, error: { code: 'denied' } });
    expect(await smart.refresh(server.url, 'made up')).toEqual({ ok: false, error: { code: 'denied' } });
  });

  it('is told of a server that fails during a renewal, which is no refusal', async () => {
    const { smart } = start();
    for (const kind of ['dropBefore', 'status'] as const) {
      server.faults.add({
        kind,
        ...(kind === 'status' && { status: 503 }),
        match: ({ path }) => path.endsWith('/token'),
      });
      expect(await smart.refresh(server.url, 'any')).toEqual({ ok: false, error: { code: 'server-unreachable' } });
      server.faults.clear();
    }
    server.faults.add({ kind: 'dropBefore' });
    expect(await smart.refresh(server.url, 'any')).toEqual({ ok: false, error: { code: 'server-unreachable' } });
  });

  it('goes on where a token ran out early, and needs a sign-in once everything was withdrawn', async () => {
    const { smart, signIn, fetched } = start();
    const result = await signIn();
    if (!result.ok) throw new Error(result.error.code);
    let stored = result.value.tokens.refreshToken;
    const holder = createTokenHolder({
      smart,
      server: server.url,
      now: () => NOW,
      store: {
        get: async () => ({ ok: true, value: stored }),
        async set(token) {
          stored = token;
          return { ok: true, value: undefined };
        },
        delete: async () => ({ ok: true, value: undefined }),
      },
      grant: { take: async () => undefined },
      confirm: async () => ({ ok: true, value: undefined }),
    });
    await holder.replace(result.value.tokens);
    const fhir = createFhirClient({
      base: server.url,
      // The first token has run out early.
      fetch: async (url, init) =>
        new Request(url, init).headers.get('authorization') === `Bearer ${result.value.tokens.accessToken}`
          ? new Response('{}', { status: 401 })
          : fetch(url, init),
      accessToken: (refused) => holder.access(refused),
      requestId: () => 'r',
    });
    const withdraw = (token: string) =>
      fetch(`${server.issuer}/token/revocation`, {
        method: 'POST',
        body: new URLSearchParams({ token, client_id: 'wardlight' }),
      });
    const renewals = () => fetched.filter(({ body }) => body.includes('grant_type=refresh_token')).length;
    const answers = await Promise.all([fhir.get('Patient'), fhir.get('Practitioner'), fhir.get('CareTeam')]);
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(renewals()).toBe(1);
    const held = await holder.access();
    for (const token of [stored ?? '', held.ok ? held.value : '']) expect((await withdraw(token)).status).toBe(200);
    expect(await fhir.get('Patient')).toMatchObject({ ok: false, error: { code: 'unauthorized' } });
    expect(renewals()).toBe(2);
  });

  it('renews once for all who ask, over real HTTP, and the rotated token is the stored one', async () => {
    const { smart, signIn, fetched } = start();
    const result = await signIn();
    if (!result.ok) throw new Error(result.error.code);
    let stored = result.value.tokens.refreshToken;
    const holder = createTokenHolder({
      smart,
      server: server.url,
      now: () => NOW,
      store: {
        get: async () => ({ ok: true, value: stored }),
        async set(token) {
          stored = token;
          return { ok: true, value: undefined };
        },
        delete: async () => ({ ok: true, value: undefined }),
      },
      grant: { take: async () => undefined },
      confirm: async () => ({ ok: true, value: undefined }),
    });
    fetched.length = 0;
    const answers = await Promise.all([holder.access(), holder.access()]);
    expect(answers[0]).toEqual(answers[1]);
    expect(fetched.filter(({ url }) => url.endsWith('/token'))).toHaveLength(1);
    expect((await smart.refresh(server.url, stored ?? '')).ok).toBe(true);
  });
});

describe('what the server grants', () => {
  it('is what it says, also where that is less than was asked for', async () => {
    const narrow = 'openid fhirUser user/Patient.rs user/CareTeam.rs';
    const granted = start({ fetch: withTokens((body) => Object.assign(body, { scope: narrow })) });
    expect(await granted.signIn()).toMatchObject({ ok: true, value: { tokens: { scope: narrow } } });
    const silent = start({ fetch: withTokens((body) => delete body['scope']) });
    const result = await silent.signIn();
    expect(result.ok && result.value.tokens.scope?.split(' ')).toContain('user/*.rs');
  });

  it('names her also where her Practitioner may not be read', async () => {
    const narrow = 'openid fhirUser profile user/Patient.rs';
    const { signIn } = start({ fetch: withTokens((body) => Object.assign(body, { scope: narrow })) });
    expect(await signIn()).toMatchObject({ ok: true, value: { name: server.users[0]?.display } });
  });

  it('is no lasting sign-in where it gives no refresh token', async () => {
    const { signIn } = start({ fetch: withTokens((body) => delete body['refresh_token']) });
    expect(await signIn()).toMatchObject({ ok: true, value: { tokens: { refreshToken: null } } });
  });
});

describe('a launch by an EHR', () => {
  it('hands its launch to the server, asks for its context, and learns which patient was open', async () => {
    const { smart, opened } = start({ fetch: withTokens((body) => Object.assign(body, { patient: 'p-1' })) });
    const result = await smart.signIn(server.url, never, 'launch-1');
    expect(result).toMatchObject({ ok: true, value: { context: { patientId: 'p-1' } } });
    const asked = opened[0]!.searchParams;
    expect([asked.get('launch'), asked.get('aud')]).toEqual(['launch-1', server.url]);
    expect(asked.get('scope')?.split(' ')).toContain('launch');
  });

  it.each(['../x', 'p 1', '', 7, null, 'x'.repeat(65)])('security: takes %j for no patient', async (patient) => {
    const { smart } = start({ fetch: withTokens((body) => Object.assign(body, { patient })) });
    expect(await smart.signIn(server.url, never, 'l')).toMatchObject({
      ok: true,
      value: { context: { patientId: null } },
    });
  });
});

describe('security: the authorization request', () => {
  it('security: uses PKCE S256 with a verifier that only the token request carries', async () => {
    const { signIn, opened, fetched } = start();
    expect((await signIn()).ok).toBe(true);
    const asked = opened[0]!.searchParams;
    const verifier =
      new URLSearchParams(fetched.find(({ url }) => url.endsWith('/token'))?.body).get('code_verifier') ?? '';
    expect(asked.get('code_challenge_method')).toBe('S256');
    expect(verifier.length).toBeGreaterThanOrEqual(43);
    expect(asked.get('code_challenge')).toBe(createHash('sha256').update(verifier).digest('base64url'));
    expect(opened[0]!.href).not.toContain(verifier);
    expect(Object.fromEntries(asked)).toMatchObject({ response_type: 'code', client_id: 'wardlight', aud: server.url });
    expect(asked.get('scope')?.split(' ').sort()).toEqual([
      'fhirUser',
      'offline_access',
      'openid',
      'profile',
      'user/*.rs',
      'user/AllergyIntolerance.cu',
      'user/Appointment.u',
      'user/Condition.cu',
      'user/Device.cu',
      'user/DocumentReference.cu',
      'user/Encounter.cu',
      'user/Immunization.cu',
      'user/MedicationStatement.cu',
      'user/Observation.cu',
      'user/Provenance.c',
      'user/QuestionnaireResponse.cu',
      'user/Specimen.cu',
      'user/Task.cu',
    ]);
    expect(asked.get('redirect_uri')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
  });

  it('security: state, nonce and challenge are new each time, and long', async () => {
    const openExternal = (url: string) => comeBack(url, { error: 'access_denied' });
    const { signIn, opened } = start({ openExternal });
    await signIn();
    await signIn();
    for (const name of ['state', 'nonce', 'code_challenge']) {
      const [first = '', second = ''] = opened.map((url) => url.searchParams.get(name) ?? '');
      expect(first.length).toBeGreaterThanOrEqual(32);
      expect(first).not.toBe(second);
    }
  });

  it('security: follows no redirect and sends no cookies when it fetches', async () => {
    const { signIn, fetched } = start();
    await signIn();
    expect(fetched.length).toBeGreaterThan(1);
    for (const { init } of fetched) expect(init).toMatchObject({ redirect: 'error', credentials: 'omit' });
  });
});

describe('security: an answer that is not for this sign-in', () => {
  it.each([
    ['a tampered state', { code: 'abc', state: 'another' }],
    ['an empty state', { code: 'abc', state: '' }],
    ['another issuer', { code: 'abc', iss: 'https://evil.example' }],
    ['no code', {}],
  ])('security: with %s fails before a token is asked for', async (_what, parameters) => {
    const { signIn, fetched } = start({ openExternal: (url) => comeBack(url, parameters) });
    expect(await signIn()).toMatchObject({ ok: false, error: { code: 'sign-in-failed' } });
    expect(fetched.some(({ url }) => url.endsWith('/token'))).toBe(false);
  });

  it('security: with a code that the server did not give fails', async () => {
    const { signIn } = start({ openExternal: (url) => comeBack(url, { code: 'made up' }) });
    expect(await signIn()).toMatchObject({ ok: false, error: { code: 'sign-in-failed' } });
  });

  it.each([
    ['nonce', 'another'],
    ['aud', 'another-client'],
    ['aud', ['another-client']],
    ['iss', 'https://evil.example'],
    ['exp', 1],
    ['iat', undefined],
    ['sub', undefined],
  ])('security: with an ID token whose %s is not right fails (%j)', async (claim, value) => {
    const { signIn } = start({ fetch: withIdToken({ claims: { [claim]: value } }) });
    expect(await signIn()).toMatchObject({ ok: false, error: { code: 'sign-in-failed' } });
  });

  it('is one whose ID token the server has signed with a key that it shows', async () => {
    const { signIn, fetched } = start({ fetch: withIdToken({}) });
    expect((await signIn()).ok).toBe(true);
    expect(fetched.some(({ url }) => url === `${server.issuer}/jwks`)).toBe(true);
  });

  it.each<[string, Forgery]>([
    ['signed with another key', { by: 'stranger' }],
    ['signed with another key under its own name', { by: 'stranger', header: { kid: 'other' } }],
    ['not signed, and saying so', { by: 'nobody', header: { alg: 'none' } }],
    ['not signed', { by: 'nobody' }],
    ['signed with a secret', { header: { alg: 'HS256' } }],
    ['signed by an algorithm that nobody knows', { header: { alg: 'XX256' } }],
  ])('security: with an ID token that is %s fails', async (_what, forgery) => {
    const { signIn } = start({ fetch: withIdToken(forgery) });
    expect(await signIn()).toMatchObject({ ok: false, error: { code: 'sign-in-failed' } });
  });

  it('security: with claims that were changed under the server’s own signature fails', async () => {
    const { signIn } = start({
      fetch: withTokens((body) => {
        const [head, claims = '', signature] = String(body['id_token']).split('.');
        const other = {
          ...JSON.parse(Buffer.from(claims, 'base64url').toString()),
          fhirUser: 'Practitioner/dev-locum',
        };
        body['id_token'] = [head, encoded(other), signature].join('.');
      }),
    });
    expect(await signIn()).toMatchObject({ ok: false, error: { code: 'sign-in-failed' } });
  });

  it('security: from a server that says whose its answers are fails without that (mix-up, RFC 9207)', async () => {
    const silent = (url: string) => comeBack(url, { code: 'abc', iss: '' });
    const { signIn, fetched } = start({ openExternal: silent });
    expect(await signIn()).toMatchObject({ ok: false, error: { code: 'sign-in-failed' } });
    expect(fetched.some(({ url }) => url.endsWith('/token'))).toBe(false);
  });

  it('security: with a code that was used before, or for another sign-in, fails', async () => {
    let code = '';
    const first = start({
      async openExternal(url) {
        const asked = new URL(url).searchParams;
        const catcher = createServer((request, response) => {
          code = new URL(request.url ?? '', 'http://x').searchParams.get('code') ?? '';
          response.end();
        });
        await new Promise<void>((resolve) => catcher.listen(0, '127.0.0.1', resolve));
        const caught = new URL(url);
        const redirect = `http://127.0.0.1:${(catcher.address() as AddressInfo).port}/callback`;
        caught.searchParams.set('redirect_uri', redirect);
        await follow(caught.href);
        catcher.close();
        // The code was given for another redirect URI and challenge than this sign-in's.
        await comeBack(url, { code, state: asked.get('state') ?? '' });
      },
    });
    expect(await first.signIn()).toMatchObject({ ok: false, error: { code: 'sign-in-failed' } });
    const again = start({ openExternal: (url) => comeBack(url, { code }) });
    expect(code).not.toBe('');
    expect(await again.signIn()).toMatchObject({ ok: false, error: { code: 'sign-in-failed' } });
  });

  it('security: takes the first that comes back, and no second', async () => {
    const statuses: number[] = [];
    const { signIn } = start({
      async openExternal(url) {
        const back = new URL(new URL(url).searchParams.get('redirect_uri') ?? '');
        const [one, two] = await Promise.all([fetch(`${back}?state=a&code=b`), fetch(`${back}?state=a&code=b`)]);
        statuses.push(one.status, two.status);
      },
    });
    expect(await signIn()).toMatchObject({ ok: false, error: { code: 'sign-in-failed' } });
    expect(statuses.sort()).toEqual([200, 404]);
  });

  it('security: without an ID token fails', async () => {
    const { signIn } = start({ fetch: withTokens((body) => delete body['id_token']) });
    expect(await signIn()).toMatchObject({ ok: false, error: { code: 'sign-in-failed' } });
  });

  it.each([
    undefined,
    'Patient/p1',
    'https://s/Person/1',
    '',
    7,
    'Practitioner/',
    'Practitioner/a/b',
    'Practitioner/<script>',
  ])('security: as a user who is no practitioner (%j) is refused', async (fhirUser) => {
    const { signIn } = start({ fetch: withIdToken({ claims: { fhirUser } }) });
    expect(await signIn()).toEqual({ ok: false, error: { code: 'sign-in-no-practitioner' } });
  });
});

describe('a sign-in that does not come to an end', () => {
  it('is denied where the person or the server denies it', async () => {
    const { signIn } = start({ openExternal: (url) => comeBack(url, { error: 'access_denied' }) });
    expect(await signIn()).toMatchObject({ ok: false, error: { code: 'sign-in-denied' } });
    const other = start({ openExternal: (url) => comeBack(url, { error: 'invalid_scope' }) });
    expect(await other.signIn()).toMatchObject({ ok: false, error: { code: 'sign-in-failed' } });
  });

  it('is cancelled by the person, and its port is closed', async () => {
    const cancel = new AbortController();
    const { signIn, opened } = start({
      openExternal: async () => queueMicrotask(() => cancel.abort()),
    });
    expect(await signIn(cancel.signal)).toEqual({ ok: false, error: { code: 'sign-in-cancelled' } });
    expect(await isClosed(portOf(opened[0]))).toBe(true);
  });

  it('is cancelled while the server has not answered yet, and opens neither browser nor port', async () => {
    const cancel = new AbortController();
    const hanging: typeof globalThis.fetch = (_url, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
        queueMicrotask(() => cancel.abort());
      });
    const before = openServers();
    const { signIn, opened } = start({ fetch: hanging });
    expect(await signIn(cancel.signal)).toEqual({ ok: false, error: { code: 'sign-in-cancelled' } });
    expect(opened).toEqual([]);
    expect(openServers()).toBe(before);
  });

  it('is cancelled between the server’s answer and the browser, and leaves no port open', async () => {
    const cancel = new AbortController();
    const late: typeof globalThis.fetch = async (url, init) => {
      const response = await fetch(url, init);
      const body = await response.text();
      cancel.abort();
      return new Response(body, response);
    };
    const before = openServers();
    const { signIn, opened } = start({ fetch: late });
    expect(await signIn(cancel.signal)).toEqual({ ok: false, error: { code: 'sign-in-cancelled' } });
    expect(opened).toEqual([]);
    expect(openServers()).toBe(before);
  });

  it('is cancelled while its code is exchanged, and gives no tokens', async () => {
    const cancel = new AbortController();
    const { signIn } = start({
      fetch: async (url, init) => {
        if (String(url).endsWith('/token')) cancel.abort();
        return fetch(url, init);
      },
    });
    expect(await signIn(cancel.signal)).toEqual({ ok: false, error: { code: 'sign-in-cancelled' } });
  });

  it('is over when nobody came back in time, and its port is closed', async () => {
    const { signIn, opened } = start({ openExternal: async () => undefined, timeoutMs: 300 });
    expect(await signIn()).toEqual({ ok: false, error: { code: 'sign-in-timeout' } });
    expect(await isClosed(portOf(opened[0]))).toBe(true);
  });

  it('has failed where no browser can be opened', async () => {
    const { signIn, opened } = start({ openExternal: () => Promise.reject(new Error('no browser')) });
    expect(await signIn()).toEqual({ ok: false, error: { code: 'sign-in-failed' } });
    expect(await isClosed(portOf(opened[0]))).toBe(true);
  });
});

describe('a server that one cannot sign in to', () => {
  it('is unreachable where nothing listens', async () => {
    const port = await freePort();
    expect(await start().smart.signIn(`http://127.0.0.1:${port}/fhir`, never)).toEqual({
      ok: false,
      error: { code: 'server-unreachable' },
    });
  });

  it.each([
    ['net::ERR_SSL_CLIENT_AUTH_CERT_NEEDED', 'client-certificate'],
    ['net::ERR_UNEXPECTED_PROXY_AUTH', 'proxy-refused'],
    ['net::ERR_SSL_PINNED_KEY_NOT_IN_CERT_CHAIN', 'server-pin'],
    ['net::ERR_CERT_AUTHORITY_INVALID', 'server-certificate'],
    ['net::ERR_CONNECTION_REFUSED', 'server-unreachable'],
    [407, 'proxy-refused'],
  ] as const)('says what of the network failed at its token endpoint alone: %s', async (failure, code) => {
    const { smart, signIn } = start({
      async fetch(url, init) {
        if (!String(url).endsWith('/token')) return fetch(url, init);
        if (typeof failure === 'number') return new Response('', { status: failure });
        throw new TypeError(failure);
      },
    });
    expect(await signIn()).toEqual({ ok: false, error: { code } });
    expect(await smart.refresh(server.url, 'any')).toEqual({ ok: false, error: { code } });
  });

  it.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'],
    ['CERT_HAS_EXPIRED', 'certificate has expired'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', "Hostname/IP does not match certificate's altnames"],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the first certificate'],
  ])('security: is not trusted with %s', async (code, message) => {
    const fetch = () =>
      Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) }));
    expect(await start({ fetch }).signIn()).toEqual({ ok: false, error: { code: 'server-certificate' } });
  });

  it('security: is not trusted where Chromium does not trust it', async () => {
    const fetch = () => Promise.reject(new Error('net::ERR_CERT_AUTHORITY_INVALID'));
    expect(await start({ fetch }).signIn()).toEqual({ ok: false, error: { code: 'server-certificate' } });
  });

  it.each([
    ['not JSON', () => new Response('<html>')],
    ['a captive portal', () => new Response('<html>', { status: 511 })],
    ['no such page', () => Response.json({}, { status: 404 })],
    ['an empty object', () => Response.json({})],
    ['null', () => Response.json(null)],
    ['a list', () => Response.json([])],
  ])('is no SMART server where it answers %s', async (_what, answer) => {
    expect(await start({ fetch: async () => answer() }).signIn()).toEqual({
      ok: false,
      error: { code: 'server-not-smart' },
    });
  });

  it('security: is refused where it shows no keys, so that nobody can tell what it has signed', async () => {
    const { signIn, opened } = start({ fetch: withConfiguration({ jwks_uri: undefined }) });
    expect(await signIn()).toMatchObject({ ok: false, error: { code: 'server-not-smart' } });
    expect(opened).toEqual([]);
  });

  it('security: is refused where it does not know PKCE S256', async () => {
    for (const methods of [[], ['plain'], undefined]) {
      const { signIn, opened } = start({ fetch: withConfiguration({ code_challenge_methods_supported: methods }) });
      expect(await signIn()).toMatchObject({ ok: false, error: { code: 'server-not-smart' } });
      expect(opened).toEqual([]);
    }
  });

  it.each([
    ['authorization_endpoint', 'http://evil.example/auth'],
    ['token_endpoint', 'http://evil.example/token'],
    ['jwks_uri', 'http://evil.example/jwks'],
    ['authorization_endpoint', 'file:///etc/passwd'],
  ])('security: is refused where a TLS server names an endpoint without TLS (%s %s)', async (name, endpoint) => {
    const base = await (await fetch(`${server.url}/.well-known/smart-configuration`)).json();
    const secure = {
      authorization_endpoint: 'https://s.example/auth',
      token_endpoint: 'https://s.example/token',
      jwks_uri: 'https://s.example/jwks',
    };
    const fake = async () => Response.json({ ...(base as object), ...secure, [name]: endpoint });
    const { smart, opened } = start({ fetch: fake });
    expect(await smart.signIn('https://s.example', never)).toEqual({ ok: false, error: { code: 'server-not-secure' } });
    expect(opened).toEqual([]);
  });

  it.each(['file:///etc/passwd', 'javascript:alert(1)', 'ms-msdt:/id', 'vscode://x'])(
    'security: cannot have anything opened but a web page (%s), not even a development server',
    async (endpoint) => {
      const { signIn, opened } = start({ fetch: withConfiguration({ authorization_endpoint: endpoint }) });
      expect((await signIn()).ok).toBe(false);
      expect(opened).toEqual([]);
    },
  );
});

/** Listening servers of this process. */
const openServers = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length;

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
