import type * as oauth from 'oauth4webapi';
import * as z from 'zod';
import type { Failure, Result } from '../../preload/contract/channel.ts';
import type { SignInError } from '../../preload/contract/session.ts';
import { type NetworkFailure, tellingFetch } from './network.ts';

/** `.well-known/smart-configuration` (SMART App Launch 2, conformance), as far as it is used. */
const smartConfiguration = z.object({
  issuer: z.url().optional(),
  jwks_uri: z.url().optional(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  code_challenge_methods_supported: z.array(z.string()).default([]),
  /** RFC 9207: then an answer that doesn't say whose it is was mixed up. */
  authorization_response_iss_parameter_supported: z.boolean().optional(),
});

/** Signatures of ID tokens: by a key of which the server shows the public half only, never `none` and never a secret. */
const SIGNATURES = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];

function failed(code: SignInError, detail?: string): { ok: false; error: Failure<SignInError> } {
  return { ok: false, error: detail === undefined ? { code } : { code, detail } };
}

/** The server's endpoints for signing in, all of them as secure as the server itself. */
export async function discover(
  fetch: typeof globalThis.fetch,
  server: string,
  signal: AbortSignal,
): Promise<Result<oauth.AuthorizationServer, SignInError>> {
  let response: Response;
  try {
    response = await tellingFetch(fetch)(`${server}/.well-known/smart-configuration`, {
      headers: { Accept: 'application/json' },
      redirect: 'error',
      credentials: 'omit',
      signal,
    });
  } catch (error) {
    return failed((error as NetworkFailure).code);
  }
  const body: unknown = response.ok ? await response.json().catch(() => undefined) : undefined;
  const parsed = smartConfiguration.safeParse(body);
  if (!parsed.success) return failed('server-not-smart');
  const {
    issuer = server,
    jwks_uri,
    authorization_response_iss_parameter_supported: tellsIssuer,
    ...rest
  } = parsed.data;
  // Without its keys nothing that the server says of the clinician can be believed.
  if (jwks_uri === undefined) return failed('server-not-smart', 'no jwks_uri');
  // One of them is handed to the operating system to open: nothing but a web page may be.
  const secure = server.startsWith('http:') ? /^https?:/ : /^https:/;
  const endpoints = [rest.authorization_endpoint, rest.token_endpoint, jwks_uri];
  if (endpoints.some((endpoint) => !secure.test(endpoint))) return failed('server-not-secure');
  if (!rest.code_challenge_methods_supported.includes('S256')) return failed('server-not-smart', 'no PKCE S256');
  return {
    ok: true,
    value: {
      ...rest,
      issuer,
      jwks_uri,
      id_token_signing_alg_values_supported: SIGNATURES,
      ...(tellsIssuer !== undefined && { authorization_response_iss_parameter_supported: tellsIssuer }),
    },
  };
}
