import * as z from 'zod';
import type { Answer } from '../types.ts';
import { type PublicKey, readJwk, rsaJwk } from './public-keys.ts';
import { openSigned } from './signed.ts';
import type { SigningKeys } from './signing.ts';

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
  /** When it runs out, or the key that has signed it does. */
  readonly expiresAt: number;
  /** Place of the key that has signed it among the organisation's: 0 is in force. */
  readonly rank: number;
}

export type CertificateError = 'certificate-invalid' | 'certificate-expired' | 'certificate-not-yet-valid';

/** Reads a certificate that the organisation has signed, at a time in milliseconds. */
export function readCertificate(text: string, keys: SigningKeys, now: number): Answer<Certificate, CertificateError> {
  const signed = openSigned(text, keys, CERTIFICATE_TYP);
  const payload = certificateSchema.safeParse(signed?.payload);
  const publicKey = payload.success ? readJwk(payload.data.jwk) : null;
  if (!signed || !payload.success || !publicKey) return failed('certificate-invalid');
  const { sub, device, jti, iat, exp } = payload.data;
  // The name under which a key is revoked is the key's own.
  if (jti !== publicKey.thumbprint || exp <= iat) return failed('certificate-invalid');
  const expiresAt = Math.min(exp * 1000, signed.key.until);
  if (expiresAt <= now) return failed('certificate-expired');
  if ((iat - SKEW_S) * 1000 > now) return failed('certificate-not-yet-valid');
  return {
    ok: true,
    value: { ...publicKey, practitioner: sub, device, issuedAt: iat * 1000, expiresAt, rank: signed.rank },
  };
}

/** The newest certificate of each workstation of each person, whatever order they come in. */
export function newestOfDevices<One extends Certificate>(certificates: readonly One[]): One[] {
  const devices = new Map<string, One>();
  for (const one of certificates) {
    const device = JSON.stringify([one.practitioner, one.device]);
    const known = devices.get(device);
    if (!known || isNewer(one, known)) devices.set(device, one);
  }
  return [...devices.values()];
}

/** One that was signed anew says the same, its time included. */
function isNewer(one: Certificate, known: Certificate): boolean {
  return one.issuedAt === known.issuedAt ? one.rank < known.rank : one.issuedAt > known.issuedAt;
}

/** The organisation's list of keys that are not to be used any more. */
export interface Revocations {
  /** Seconds; of those that one key has signed, the list with the highest is the newest. */
  readonly iat: number;
  /** Place of that key among the organisation's: a list of a newer key is newer, whatever time an older one says. */
  readonly rank: number;
  /** Milliseconds. */
  readonly expiresAt: number;
  readonly revoked: ReadonlyMap<string, { readonly at: string; readonly reason: string }>;
}

/**
 * Reads a list that the organisation has signed; null where it isn't one. One that has run out is still one: what it
 * revokes stays revoked. A list of the future would shut out every later one, so it isn't taken.
 */
export function readRevocations(text: string, keys: SigningKeys, now: number): Revocations | null {
  const signed = openSigned(text, keys, REVOCATIONS_TYP);
  const payload = revocationsSchema.safeParse(signed?.payload);
  if (!signed || !payload.success) return null;
  const { iat, exp, revoked } = payload.data;
  if ((iat - SKEW_S) * 1000 > now) return null;
  const expiresAt = Math.min(exp * 1000, signed.key.until);
  return { iat, rank: signed.rank, expiresAt, revoked: new Map(revoked.map(({ jti, ...rest }) => [jti, rest])) };
}

function failed(code: CertificateError): { ok: false; error: { code: CertificateError } } {
  return { ok: false, error: { code } };
}
