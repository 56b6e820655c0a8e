import * as oauth from 'oauth4webapi';
import type { Failure, Result } from '../../preload/contract/channel.ts';
import type { SignInError } from '../../preload/contract/session.ts';
import { discover } from './discovery.ts';
import { openLoopbackRedirect } from './loopback.ts';
import { type NetworkError, NetworkFailure, networkErrors, tellingFetch } from './network.ts';
import { claimedName } from './practitioner.ts';
import { ASKED_SCOPES } from './scopes.ts';

/** Registered with each server as a public native client; there is no secret to keep. */
const CLIENT: oauth.Client = { client_id: 'wardlight' };

export interface Tokens {
  accessToken: string;
  /** Milliseconds since 1970 by this computer's clock after which the access token is not used. */
  expiresAt: number;
  refreshToken: string | null;
  /** What was granted; null where a renewal says nothing of it, and so has changed nothing. */
  scope: string | null;
}

/** What the EHR had open when it launched Wardlight (SMART App Launch 2, launch context). */
export interface LaunchContext {
  readonly patientId: string | null;
}

export interface SignedIn {
  tokens: Tokens;
  /** `Practitioner/<id>`, from the `fhirUser` claim. */
  practitioner: string;
  /** The `name` claim where the server gives one. */
  name: string | null;
  context: LaunchContext;
  /** When the ID token was issued by the server's clock, and for how long this computer had been running then. */
  issued: { readonly serverTime: number; readonly uptime: number };
}

export interface Smart {
  /**
   * Sign-in with PKCE in the system browser: standalone, or for the `launch` that an EHR has handed over. Waits until the
   * person comes back, cancels or the time is up.
   */
  signIn(server: string, signal: AbortSignal, launch?: string): Promise<Result<SignedIn, SignInError>>;
  /** `denied`: the server no longer honours the refresh token; the clinician must sign in again. */
  refresh(server: string, refreshToken: string): Promise<Result<Tokens, 'denied' | NetworkError>>;
}

export interface SmartOptions {
  fetch: typeof globalThis.fetch;
  openExternal: (url: string) => Promise<void>;
  now: () => number;
  /** Milliseconds since the computer was started. */
  uptime: () => number;
  timeoutMs: number;
  /** What policy needs beside what everybody is asked for. */
  moreScopes?: readonly string[];
}

function failed(code: SignInError, detail?: string): { ok: false; error: Failure<SignInError> } {
  return { ok: false, error: detail === undefined ? { code } : { code, detail } };
}

/** Longest wait for a server's answer where no person is asked anything. */
const ANSWER_TIMEOUT_MS = 30_000;

export function createSmart(options: SmartOptions): Smart {
  const { fetch, openExternal, now, uptime, timeoutMs, moreScopes = [] } = options;
  /** Plain HTTP reaches here only for loopback in development: `parseServerAddress` refuses it elsewhere. */
  function httpOptions(server: string, signal: AbortSignal) {
    return {
      signal,
      [oauth.customFetch]: (url: string, options: oauth.CustomFetchOptions<string, unknown>) =>
        tellingFetch(fetch)(url, { ...options, redirect: 'error', credentials: 'omit' } as RequestInit),
      [oauth.allowInsecureRequests]: server.startsWith('http:'),
    };
  }

  function tokensOf(response: oauth.TokenEndpointResponse, previous: string | null): Tokens {
    return {
      accessToken: response.access_token,
      // Half a minute early, so that a token doesn't run out on its way.
      expiresAt: now() + ((response.expires_in ?? 300) - 30) * 1000,
      refreshToken: response.refresh_token ?? previous,
      scope: response.scope ?? null,
    };
  }

  async function exchange(
    server: string,
    authority: oauth.AuthorizationServer,
    request: { callback: URL; redirectUri: string; state: string; nonce: string; verifier: string; scope: string },
    signal: AbortSignal,
  ): Promise<Result<SignedIn, SignInError>> {
    const { callback, redirectUri, state, nonce, verifier, scope } = request;
    const options = httpOptions(server, signal);
    try {
      const answer = oauth.validateAuthResponse(authority, CLIENT, callback, state);
      const response = await oauth.authorizationCodeGrantRequest(
        authority,
        CLIENT,
        oauth.None(),
        answer,
        redirectUri,
        verifier,
        options,
      );
      const result = await oauth.processAuthorizationCodeResponse(authority, CLIENT, response, {
        expectedNonce: nonce,
        requireIdToken: true,
      });
      // Who the clinician is decides whose records are shown: it is believed for the server's signature, not for TLS alone.
      await oauth.validateApplicationLevelSignature(authority, response, options);
      const claims = oauth.getValidatedIdTokenClaims(result);
      const practitioner = practitionerOf(claims?.['fhirUser']);
      if (!practitioner) return failed('sign-in-no-practitioner');
      const name = claimedName(claims);
      const tokens = tokensOf(result, null);
      // An answer that says nothing of scopes grants what was asked for (RFC 6749, section 5.1).
      const granted = { ...tokens, scope: tokens.scope ?? scope };
      // Required of an ID token (OpenID Connect Core 1.0, section 2), and a bound: what comes later is later by any clock.
      const issued = { serverTime: (claims?.iat ?? 0) * 1000, uptime: uptime() };
      return { ok: true, value: { tokens: granted, practitioner, name, context: contextOf(result), issued } };
    } catch (error) {
      if (error instanceof oauth.AuthorizationResponseError) {
        return failed(error.error === 'access_denied' ? 'sign-in-denied' : 'sign-in-failed', error.error);
      }
      if (error instanceof NetworkFailure) return failed(error.code);
      return failed('sign-in-failed', error instanceof oauth.OperationProcessingError ? error.code : undefined);
    }
  }

  return {
    async signIn(server, signal, launch) {
      const ended = new AbortController();
      const waiting = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs), ended.signal]);
      const authority = await discover(fetch, server, waiting);
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
        const scope = [...ASKED_SCOPES, ...moreScopes, ...(launch === undefined ? [] : ['launch'])].join(' ');
        const parameters = {
          response_type: 'code',
          client_id: CLIENT.client_id,
          redirect_uri: redirectUri,
          scope,
          aud: server,
          state,
          nonce,
          code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          // OpenID Connect Core 1.0, section 11: a refresh token needs the person's consent.
          prompt: 'consent',
          ...(launch !== undefined && { launch }),
        };
        for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
        waiting.throwIfAborted();
        await openExternal(url.href);
        const callback = await loopback.callback;
        const request = { callback, redirectUri, state, nonce, verifier, scope };
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
      const authority = await discover(fetch, server, signal);
      if (!authority.ok) return { ok: false, error: { code: networkCode(authority.error.code) } };
      try {
        const options = httpOptions(server, signal);
        const none = oauth.None();
        const response = await oauth.refreshTokenGrantRequest(authority.value, CLIENT, none, refreshToken, options);
        const result = await oauth.processRefreshTokenResponse(authority.value, CLIENT, response);
        return { ok: true, value: tokensOf(result, refreshToken) };
      } catch (error) {
        const refused = error instanceof oauth.ResponseBodyError && error.error === 'invalid_grant';
        const code = error instanceof NetworkFailure ? error.code : 'server-unreachable';
        return { ok: false, error: { code: refused ? 'denied' : code } };
      }
    },
  };
}

/** A server that answers, but not as one that signs in, is not reached for a renewal either. */
function networkCode(code: SignInError): NetworkError {
  return networkErrors.find((one) => one === code) ?? 'server-unreachable';
}

/** The patient whose chart was open; what is no FHIR id says nothing. */
function contextOf(answer: oauth.TokenEndpointResponse): LaunchContext {
  const { patient } = answer;
  return { patientId: typeof patient === 'string' && /^[A-Za-z0-9\-.]{1,64}$/.test(patient) ? patient : null };
}

/** `Practitioner/<id>` of a `fhirUser` claim, absolute or relative (SMART App Launch 2, scopes for identity data). */
function practitionerOf(claim: unknown): string | null {
  if (typeof claim !== 'string') return null;
  return /(?:^|\/)(Practitioner\/[A-Za-z0-9\-.]{1,64})$/.exec(claim)?.[1] ?? null;
}
