import * as oauth from 'oauth4webapi';
import * as z from 'zod';
import type { Failure, Result } from '../../preload/contract/channel.ts';
import type { SignInError } from '../../preload/contract/session.ts';
import { openLoopbackRedirect } from './loopback.ts';

/** Registered with each server as a public native client; there is no secret to keep. */
const CLIENT: oauth.Client = { client_id: 'wardlight' };
const SCOPES = [
  'openid',
  'fhirUser',
  'offline_access',
  'user/*.rs',
  // What can be written here, and no more (SMART App Launch 2, scopes for clinical data).
  'user/DocumentReference.cu',
  'user/Observation.cu',
];

/** `.well-known/smart-configuration` (SMART App Launch 2, conformance), as far as it is used. */
const smartConfiguration = z.object({
  issuer: z.url().optional(),
  jwks_uri: z.url().optional(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  code_challenge_methods_supported: z.array(z.string()).default([]),
});

export interface Tokens {
  accessToken: string;
  /** Milliseconds since 1970 by this computer's clock after which the access token is not used. */
  expiresAt: number;
  refreshToken: string | null;
}

export interface SignedIn {
  tokens: Tokens;
  /** `Practitioner/<id>`, from the `fhirUser` claim. */
  practitioner: string;
  /** The `name` claim where the server gives one. */
  name: string | null;
}

export interface Smart {
  /** Standalone launch with PKCE in the system browser; waits until the person comes back, cancels or the time is up. */
  signIn(server: string, signal: AbortSignal): Promise<Result<SignedIn, SignInError>>;
  /** `denied`: the server no longer honours the refresh token; the clinician must sign in again. */
  refresh(server: string, refreshToken: string): Promise<Result<Tokens, 'denied' | 'unreachable'>>;
}

export interface SmartOptions {
  fetch: typeof globalThis.fetch;
  openExternal: (url: string) => Promise<void>;
  now: () => number;
  timeoutMs: number;
}

function failed(code: SignInError, detail?: string): { ok: false; error: Failure<SignInError> } {
  return { ok: false, error: detail === undefined ? { code } : { code, detail } };
}

/** Longest wait for a server's answer where no person is asked anything. */
const ANSWER_TIMEOUT_MS = 30_000;

export function createSmart({ fetch, openExternal, now, timeoutMs }: SmartOptions): Smart {
  /** Plain HTTP reaches here only for loopback in development: `parseServerAddress` refuses it elsewhere. */
  function httpOptions(server: string, signal: AbortSignal) {
    return {
      signal,
      [oauth.customFetch]: (url: string, options: oauth.CustomFetchOptions<string, unknown>) =>
        fetch(url, { ...options, redirect: 'error', credentials: 'omit' } as RequestInit),
      [oauth.allowInsecureRequests]: server.startsWith('http:'),
    };
  }

  async function discover(
    server: string,
    signal: AbortSignal,
  ): Promise<Result<oauth.AuthorizationServer, SignInError>> {
    let response: Response;
    try {
      response = await fetch(`${server}/.well-known/smart-configuration`, {
        headers: { Accept: 'application/json' },
        redirect: 'error',
        credentials: 'omit',
        signal,
      });
    } catch (error) {
      // Chromium names its errors in the message, Node in the `code` of the cause.
      const { message = '', cause } = error as { message?: string; cause?: { code?: unknown } };
      const words = `${message} ${String(cause?.code)}`;
      return failed(/CERT|SSL|TLS|UNABLE_TO_VERIFY/.test(words) ? 'server-certificate' : 'server-unreachable');
    }
    const body: unknown = response.ok ? await response.json().catch(() => undefined) : undefined;
    const parsed = smartConfiguration.safeParse(body);
    if (!parsed.success) return failed('server-not-smart');
    const found = parsed.data;
    // One of them is handed to the operating system to open: nothing but a web page may be.
    const secure = server.startsWith('http:') ? /^https?:/ : /^https:/;
    const insecure = [found.authorization_endpoint, found.token_endpoint].some((endpoint) => !secure.test(endpoint));
    if (insecure) return failed('server-not-secure');
    if (!found.code_challenge_methods_supported.includes('S256')) return failed('server-not-smart', 'no PKCE S256');
    const { issuer = server, jwks_uri, ...endpoints } = found;
    return { ok: true, value: { ...endpoints, issuer, ...(jwks_uri !== undefined && { jwks_uri }) } };
  }

  function tokensOf(response: oauth.TokenEndpointResponse, previous: string | null): Tokens {
    return {
      accessToken: response.access_token,
      // Half a minute early, so that a token doesn't run out on its way.
      expiresAt: now() + ((response.expires_in ?? 300) - 30) * 1000,
      refreshToken: response.refresh_token ?? previous,
    };
  }

  async function exchange(
    server: string,
    authority: oauth.AuthorizationServer,
    request: { callback: URL; redirectUri: string; state: string; nonce: string; verifier: string },
    signal: AbortSignal,
  ): Promise<Result<SignedIn, SignInError>> {
    const { callback, redirectUri, state, nonce, verifier } = request;
    try {
      const answer = oauth.validateAuthResponse(authority, CLIENT, callback, state);
      const response = await oauth.authorizationCodeGrantRequest(
        authority,
        CLIENT,
        oauth.None(),
        answer,
        redirectUri,
        verifier,
        httpOptions(server, signal),
      );
      const result = await oauth.processAuthorizationCodeResponse(authority, CLIENT, response, {
        expectedNonce: nonce,
        requireIdToken: true,
      });
      const claims = oauth.getValidatedIdTokenClaims(result);
      const practitioner = practitionerOf(claims?.['fhirUser']);
      if (!practitioner) return failed('sign-in-no-practitioner');
      const name = typeof claims?.['name'] === 'string' ? claims['name'] : null;
      return { ok: true, value: { tokens: tokensOf(result, null), practitioner, name } };
    } catch (error) {
      if (error instanceof oauth.AuthorizationResponseError) {
        return failed(error.error === 'access_denied' ? 'sign-in-denied' : 'sign-in-failed', error.error);
      }
      return failed('sign-in-failed', error instanceof oauth.OperationProcessingError ? error.code : undefined);
    }
  }

  return {
    async signIn(server, signal) {
      const ended = new AbortController();
      const waiting = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs), ended.signal]);
      const authority = await discover(server, waiting);
      if (signal.aborted) return failed('sign-in-cancelled');
      if (!authority.ok) return waiting.aborted ? failed('sign-in-timeout') : authority;
      const [state, nonce, verifier] = [
        oauth.generateRandomState(),
        oauth.generateRandomNonce(),
        oauth.generateRandomCodeVerifier(),
      ];
      const loopback = await openLoopbackRedirect();
      waiting.addEventListener('abort', () => loopback.close(), { once: true });
      try {
        const { redirectUri } = loopback;
        const url = new URL(authority.value.authorization_endpoint ?? '');
        const parameters = {
          response_type: 'code',
          client_id: CLIENT.client_id,
          redirect_uri: redirectUri,
          scope: SCOPES.join(' '),
          aud: server,
          state,
          nonce,
          code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          // OpenID Connect Core 1.0, section 11: a refresh token needs the person's consent.
          prompt: 'consent',
        };
        for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
        waiting.throwIfAborted();
        await openExternal(url.href);
        const callback = await loopback.callback;
        const request = { callback, redirectUri, state, nonce, verifier };
        const signedIn = await exchange(server, authority.value, request, waiting);
        waiting.throwIfAborted();
        return signedIn;
      } catch {
        if (signal.aborted) return failed('sign-in-cancelled');
        return failed(waiting.aborted ? 'sign-in-timeout' : 'sign-in-failed');
      } finally {
        ended.abort();
        loopback.close();
      }
    },

    async refresh(server, refreshToken) {
      const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
      const authority = await discover(server, signal);
      if (!authority.ok) return { ok: false, error: { code: 'unreachable' } };
      try {
        const options = httpOptions(server, signal);
        const none = oauth.None();
        const response = await oauth.refreshTokenGrantRequest(authority.value, CLIENT, none, refreshToken, options);
        const result = await oauth.processRefreshTokenResponse(authority.value, CLIENT, response);
        return { ok: true, value: tokensOf(result, refreshToken) };
      } catch (error) {
        const refused = error instanceof oauth.ResponseBodyError && error.error === 'invalid_grant';
        return { ok: false, error: { code: refused ? 'denied' : 'unreachable' } };
      }
    },
  };
}

/** `Practitioner/<id>` of a `fhirUser` claim, absolute or relative (SMART App Launch 2, scopes for identity data). */
function practitionerOf(claim: unknown): string | null {
  if (typeof claim !== 'string') return null;
  return /(?:^|\/)(Practitioner\/[A-Za-z0-9\-.]{1,64})$/.exec(claim)?.[1] ?? null;
}
