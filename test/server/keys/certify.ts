import { randomBytes, timingSafeEqual } from 'node:crypto';
import { CompactEncrypt, importJWK } from 'jose';
import type { OrganisationKeys } from '../../../build/keys/organisation.ts';
import { CERTIFICATE_TYP } from '../../../main/documents/keys/certificates.ts';
import {
  CHALLENGE_TYP,
  CONTEXT_KEY_TYP,
  proofOf,
  SIGNED_CONTEXT_KEY_TYP,
} from '../../../main/documents/keys/device.ts';
import { type RsaJwk, readJwk } from '../../../main/documents/keys/public-keys.ts';

/** How long a certificate is good for. */
const DAYS = 400;
const CHALLENGE_MS = 5 * 60_000;
const CHALLENGES_MAX = 1_000;

export interface Applicant {
  readonly practitioner: string;
  readonly jwk: RsaJwk;
  readonly device: string;
}

type Told<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly code: string };

/** Certifies devices: who is signed in, with a key that is shown to be there. */
export function createCertifier(keys: OrganisationKeys, now: () => number) {
  const open = new Map<string, { readonly secret: Buffer; readonly until: number }>();
  const nameOf = ({ practitioner, jwk, device }: Applicant) => JSON.stringify([practitioner, jwk.n, jwk.e, device]);

  return {
    async challenge(applicant: Applicant): Promise<Told<{ challenge: string }>> {
      if (!readJwk(applicant.jwk)) return { ok: false, code: 'key-invalid' };
      if (open.size >= CHALLENGES_MAX) open.clear();
      const secret = randomBytes(32);
      open.set(nameOf(applicant), { secret, until: now() + CHALLENGE_MS });
      return { ok: true, value: { challenge: await encryptFor(applicant.jwk, secret, CHALLENGE_TYP) } };
    },
    async certify(applicant: Applicant, proof: string): Promise<Told<{ certificate: string; contextKey: string }>> {
      const { practitioner, jwk, device } = applicant;
      const asked = open.get(nameOf(applicant));
      open.delete(nameOf(applicant));
      const key = readJwk(jwk);
      if (!key) return { ok: false, code: 'key-invalid' };
      if (!asked || asked.until < now() || !isSame(proof, proofOf(asked.secret, { jwk, device }))) {
        return { ok: false, code: 'proof-wrong' };
      }
      const jti = key.thumbprint;
      if (keys.revoked().some((one) => one.jti === jti)) return { ok: false, code: 'key-revoked' };
      const iat = Math.floor(now() / 1000);
      const named = { iss: keys.issuer, sub: practitioner, jti, iat };
      const exp = iat + DAYS * 24 * 60 * 60;
      const certificate = keys.signed(CERTIFICATE_TYP, { ...named, device, use: 'device', jwk, exp });
      const signed = keys.signed(SIGNED_CONTEXT_KEY_TYP, { ...named, k: keys.contextKey().toString('base64url') });
      return {
        ok: true,
        value: { certificate, contextKey: await encryptFor(jwk, Buffer.from(signed), CONTEXT_KEY_TYP) },
      };
    },
  };
}

async function encryptFor(jwk: RsaJwk, plaintext: Uint8Array, typ: string): Promise<string> {
  return new CompactEncrypt(plaintext)
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', typ })
    .encrypt(await importJWK({ ...jwk }, 'RSA-OAEP-256'));
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
