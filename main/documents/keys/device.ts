import { createHmac, createPrivateKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { compactDecrypt } from 'jose';
import * as z from 'zod';
import type { Answer } from '../types.ts';
import { practitioner, thumbprint } from './certificates.ts';
import { type RsaJwk, readJwk } from './public-keys.ts';
import type { KeyService, ServiceError } from './service.ts';
import { openSigned } from './signed.ts';
import type { SigningKeys } from './signing.ts';

const BITS = 3_072;

/** What the key service encrypts for a device says what it is, so that nothing else is ever opened in its place. */
export const CHALLENGE_TYP = 'wardlight-challenge+jwe';
export const CONTEXT_KEY_TYP = 'wardlight-context-key+jwe';
/** Within the encryption: anybody can encrypt for a device. */
export const SIGNED_CONTEXT_KEY_TYP = 'wardlight-context-key+jwt';

const contextKeySchema = z.strictObject({
  iss: z.string().min(1).max(2_000),
  sub: practitioner,
  jti: thumbprint,
  k: thumbprint,
  iat: z.int().min(0),
});

const generate = promisify(generateKeyPair);

/** A new pair as a private JWK; made by another thread, as it takes a good part of a second. */
export async function newKeyPair(): Promise<JsonWebKey> {
  const { privateKey } = await generate('rsa', { modulusLength: BITS, publicExponent: 65_537 });
  return privateKey.export({ format: 'jwk' });
}

/** The public half. */
export function publicHalf({ n = '', e = '' }: JsonWebKey): RsaJwk {
  return { kty: 'RSA', n, e };
}

interface Device {
  /** The public half. */
  readonly jwk: RsaJwk;
  /** Opens a JWE of one type that is for the private one; null where it is another. */
  readonly open: (jwe: string, typ: string) => Promise<Uint8Array | null>;
  /** The workstation's identifier. */
  readonly device: string;
  readonly practitioner: string;
}

export interface Certified {
  readonly certificate: string;
  readonly contextKey: Buffer;
}

/**
 * Has a pair certified. That the private key is here is shown by opening what was encrypted for it: the key decrypts and
 * does nothing else (NIST SP 800-57 part 1, 5.2: one purpose for each key), as keys in many HSMs can't do otherwise.
 */
export async function certify(
  service: Pick<KeyService, 'challenge' | 'certify'>,
  { jwk, open, device, practitioner: sub }: Device,
  signingKeys: SigningKeys,
  signal?: AbortSignal,
): Promise<Answer<Certified, ServiceError>> {
  const request = { jwk, device };
  const asked = await service.challenge(request, signal);
  if (!asked.ok) return asked;
  const secret = await open(asked.value.challenge, CHALLENGE_TYP);
  if (secret?.length !== 32) return invalid;
  const answer = await service.certify({ ...request, proof: proofOf(secret, request) }, signal);
  if (!answer.ok) return answer;
  const signed = await open(answer.value.contextKey, CONTEXT_KEY_TYP);
  const said = contextKeySchema.safeParse(
    signed && openSigned(Buffer.from(signed).toString('utf8'), signingKeys, SIGNED_CONTEXT_KEY_TYP)?.payload,
  );
  const own = readJwk(request.jwk);
  if (!said.success || said.data.sub !== sub || said.data.jti !== own?.thumbprint) return invalid;
  const contextKey = Buffer.from(said.data.k, 'base64url');
  return { ok: true, value: { certificate: answer.value.certificate, contextKey } };
}

const invalid = { ok: false, error: { code: 'key-service-answer-invalid' } } as const;

/** Not the secret itself: whoever asks learns nothing that only the key could have told. */
export function proofOf(secret: Uint8Array, { jwk, device }: { jwk: RsaJwk; device: string }): string {
  return createHmac('sha256', secret)
    .update(JSON.stringify(['wardlight possession 1', jwk.n, jwk.e, device]))
    .digest('base64url');
}

/** Opens a JWE of one kind; null where it is another kind, or not for this key. */
export async function openFor(jwk: JsonWebKey, jwe: string, typ: string): Promise<Uint8Array | null> {
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(
      jwe,
      createPrivateKey({ key: { ...jwk }, format: 'jwk' }),
      {
        keyManagementAlgorithms: ['RSA-OAEP-256'],
        contentEncryptionAlgorithms: ['A256GCM'],
      },
    );
    return protectedHeader.typ === typ ? plaintext : null;
  } catch {
    return null;
  }
}
