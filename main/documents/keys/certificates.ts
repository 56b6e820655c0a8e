import * as z from 'zod';
import type { Answer } from '../types.ts';
import { type PublicKey, readJwk, rsaJwk } from './public-keys.ts';
import { openSigned } from './signed.ts';

type SigningKey = Parameters<typeof openSigned>[1];

export const CERTIFICATE_TYP = 'wardlight-key+jwt';
export const REVOCATIONS_TYP = 'wardlight-revocations+jwt';

/** Clocks of workstations and of the service differ. */
const SKEW_S = 5 * 60;

const seconds = z.int().min(0).max(99_999_999_999);
export const thumbprint = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
export const practitioner = z.string().regex(/^Practitioner\/[A-Za-z0-9\-.]{1,64}$/);
export const deviceId = z.string().min(1).max(200);

const certificateSchema = z.strictObject({
  iss: z.string().min(1).max(2_000),
  sub: practitioner,
  device: deviceId,
  use: z.literal('device'),
  jwk: rsaJwk,
  jti: thumbprint,
  iat: seconds,
  exp: seconds,
});

const revocationsSchema = z.strictObject({
  iss: z.string().min(1).max(2_000),
  iat: seconds,
  exp: seconds,
  revoked: z.array(z.strictObject({ jti: thumbprint, at: z.iso.datetime(), reason: z.string().max(64) })).max(10_000),
});

/** A device's public key, for whom the organisation has signed it. */
export interface Certificate extends PublicKey {
  /** `Practitioner/<id>`. */
  readonly practitioner: string;
  /** The workstation's identifier. */
  readonly device: string;
  /** Milliseconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export type CertificateError = 'certificate-invalid' | 'certificate-expired' | 'certificate-not-yet-valid';

/** Reads a certificate that the organisation has signed, at a time in milliseconds. */
export function readCertificate(text: string, key: SigningKey, now: number): Answer<Certificate, CertificateError> {
  const payload = certificateSchema.safeParse(openSigned(text, key, CERTIFICATE_TYP));
  const publicKey = payload.success ? readJwk(payload.data.jwk) : null;
  if (!payload.success || !publicKey) return failed('certificate-invalid');
  const { sub, device, jti, iat, exp } = payload.data;
  // The name under which a key is revoked is the key's own.
  if (jti !== publicKey.thumbprint || exp <= iat) return failed('certificate-invalid');
  if (exp * 1000 <= now) return failed('certificate-expired');
  if ((iat - SKEW_S) * 1000 > now) return failed('certificate-not-yet-valid');
  return {
    ok: true,
    value: { ...publicKey, practitioner: sub, device, issuedAt: iat * 1000, expiresAt: exp * 1000 },
  };
}

/** The organisation's list of keys that are not to be used any more. */
export interface Revocations {
  /** Seconds; the list with the highest is the newest. */
  readonly iat: number;
  /** Milliseconds. */
  readonly expiresAt: number;
  readonly revoked: ReadonlyMap<string, { readonly at: string; readonly reason: string }>;
}

/**
 * Reads a list that the organisation has signed; null where it isn't one. One that has run out is still one: what it
 * revokes stays revoked. A list of the future would shut out every later one, so it isn't taken.
 */
export function readRevocations(text: string, key: SigningKey, now: number): Revocations | null {
  const payload = revocationsSchema.safeParse(openSigned(text, key, REVOCATIONS_TYP));
  if (!payload.success) return null;
  const { iat, exp, revoked } = payload.data;
  if ((iat - SKEW_S) * 1000 > now) return null;
  return { iat, expiresAt: exp * 1000, revoked: new Map(revoked.map(({ jti, ...rest }) => [jti, rest])) };
}

function failed(code: CertificateError): { ok: false; error: { code: CertificateError } } {
  return { ok: false, error: { code } };
}
