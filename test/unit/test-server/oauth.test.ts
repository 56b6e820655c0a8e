import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CapabilityStatement } from 'fhir/r4';
import * as oauth from 'oauth4webapi';
import { describe, expect, it } from 'vitest';
import { followSignIn } from '../../server/browser.ts';
import { withClient } from './client.ts';

const client = withClient({ accessTokenSeconds: 2 });
const app: oauth.Client = { client_id: 'wardlight' };
const options = { [oauth.allowInsecureRequests]: true };
const SCOPE = 'openid fhirUser offline_access user/*.rs';

async function discover(): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(client.server.issuer);
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
}

/** The whole of a standalone launch, as the app does it. */
async function signIn(scope = SCOPE, password = client.server.users[0]!.password) {
  const server = await discover();
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  let called: (url: URL) => void = () => {};
  const callback = new Promise<URL>((resolve) => {
    called = resolve;
  });
  const listener = createServer((request, response) => {
    response.end('done');
    called(new URL(request.url ?? '/', 'http://127.0.0.1'));
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const redirect = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/callback`;
  try {
    const url = new URL(server.authorization_endpoint!);
    const challenge = await oauth.calculatePKCECodeChallenge(verifier);
    url.search = new URLSearchParams({
      client_id: app.client_id,
      response_type: 'code',
      redirect_uri: redirect,
      scope,
      state,
      nonce,
      aud: client.server.url,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    }).toString();
    await followSignIn(url.href, { username: client.server.users[0]!.username, password });
    const params = oauth.validateAuthResponse(server, app, await callback, state);
    const redeem = (usedVerifier: string) =>
      oauth.authorizationCodeGrantRequest(server, app, oauth.None(), params, redirect, usedVerifier, options);
    return { server, nonce, verifier, redeem };
  } finally {
    listener.close();
  }
}

async function tokens() {
  const { server, nonce, verifier, redeem } = await signIn();
  const result = await oauth.processAuthorizationCodeResponse(server, app, await redeem(verifier), {
    expectedNonce: nonce,
  });
  return { server, result };
}

const read = (token: string) =>
  fetch(`${client.server.url}/Practitioner`, { headers: { authorization: `Bearer ${token}` } });

describe('sign-in', () => {
  it('with PKCE through the browser gives tokens for the clinician', async () => {
    const { result } = await tokens();
    const claims = oauth.getValidatedIdTokenClaims(result)!;
    expect(claims['fhirUser']).toBe(`${client.server.url}/Practitioner/dev-osei`);
    expect(claims.sub).toBe('osei');
    expect(result.scope?.split(' ')).toContain('user/*.rs');
    expect((await read(result.access_token)).status).toBe(200);
  });

  it('refuses a wrong password, a wrong verifier, and a request without PKCE', async () => {
    await expect(signIn(SCOPE, 'wrong')).rejects.toThrow('refused');
    const { server, redeem } = await signIn();
    const wrong = await redeem(oauth.generateRandomCodeVerifier());
    await expect(oauth.processAuthorizationCodeResponse(server, app, wrong)).rejects.toThrow();
    const url = `${server.authorization_endpoint}?client_id=wardlight&response_type=code&scope=openid&redirect_uri=http://127.0.0.1:9/callback`;
    const answer = await fetch(url, { redirect: 'manual' });
    expect(answer.headers.get('location')).toContain('error=invalid_request');
  });

  it('rotates refresh tokens and takes each once', async () => {
    const { server, result } = await tokens();
    const refresh = (token: string) => oauth.refreshTokenGrantRequest(server, app, oauth.None(), token, options);
    const renewed = await oauth.processRefreshTokenResponse(server, app, await refresh(result.refresh_token!));
    expect(renewed.refresh_token).not.toBe(result.refresh_token);
    expect((await read(renewed.access_token)).status).toBe(200);
    await expect(
      oauth.processRefreshTokenResponse(server, app, await refresh(result.refresh_token!)),
    ).rejects.toThrow();
  });

  it('revokes', async () => {
    const { server, result } = await tokens();
    await oauth.processRevocationResponse(
      await oauth.revocationRequest(server, app, oauth.None(), result.access_token, options),
    );
    expect((await read(result.access_token)).status).toBe(401);
  });

  it('shows a page that says what it is and loads nothing from elsewhere', async () => {
    const server = await discover();
    const url = `${server.authorization_endpoint}?client_id=wardlight&response_type=code&scope=openid&redirect_uri=http://127.0.0.1:9/callback&code_challenge=${'x'.repeat(43)}&code_challenge_method=S256`;
    const first = await fetch(url, { redirect: 'manual' });
    const page = await fetch(new URL(first.headers.get('location')!, url), {
      headers: {
        cookie: first.headers
          .getSetCookie()
          .map((line) => line.split(';')[0])
          .join('; '),
      },
    });
    const html = await page.text();
    expect(html).toContain('<title>Wardlight development server</title>');
    expect(html).toContain('Synthetic data only');
    expect(html).not.toMatch(/https?:\/\//);
  });
});

describe('access', () => {
  it('needs a living token, except for metadata and discovery', async () => {
    const naked = await fetch(`${client.server.url}/Patient`);
    expect(naked.status).toBe(401);
    expect(naked.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(await naked.json()).toMatchObject({ resourceType: 'OperationOutcome' });
    const { body } = { body: (await (await fetch(`${client.server.url}/metadata`)).json()) as CapabilityStatement };
    expect(body.rest?.[0]?.security?.extension?.[0]?.extension?.[0]?.valueUri).toBe(`${client.server.issuer}/auth`);
    const smart = (await (await fetch(`${client.server.url}/.well-known/smart-configuration`)).json()) as Record<
      string,
      unknown
    >;
    const server = await discover();
    for (const name of [
      'issuer',
      'authorization_endpoint',
      'token_endpoint',
      'revocation_endpoint',
      'jwks_uri',
    ] as const) {
      expect(smart[name]).toBe(server[name]);
    }
    const token = await client.server.issueToken('osei');
    expect((await read(token)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const expired = await read(token);
    expect([expired.status, expired.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('invalid_token'),
    ]);
  });

  it('is limited to the granted types and permissions', async () => {
    const token = await client.server.issueToken('osei', 'openid user/Patient.rs user/Observation.cu');
    const send = async (method: string, path: string, body?: object) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
      return (await fetch(client.server.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) }))
        .status;
    };
    const observation = { resourceType: 'Observation', id: 'scoped', status: 'final', code: { text: 'x' } };
    expect(await send('GET', '/Patient')).toBe(200);
    expect(await send('GET', '/Practitioner/dev-osei')).toBe(403);
    expect(await send('POST', '/Patient', { resourceType: 'Patient' })).toBe(403);
    expect(await send('PUT', '/Observation/scoped', observation)).toBe(201);
    expect(await send('GET', '/Observation/scoped')).toBe(403);
    expect(await send('DELETE', '/Observation/scoped')).toBe(403);
    const entry = [{ resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient' } }];
    expect(await send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })).toBe(403);
  });
});
