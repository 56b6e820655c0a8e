import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  type JsonWebKeyInput,
  type KeyObject,
  privateDecrypt,
} from 'node:crypto';
import { no } from '../errors.ts';
import type { Answer, OpenError, Recipient, WrappedKey } from '../types.ts';
import { readEcdhPem } from './ecdh.ts';
import { commits, type Header } from './header.ts';
import { DATA_KEY_LENGTH, KEYS_MAX, PROVIDER } from './limits.ts';

const BITS_MIN = 3_072;
/** With the exponent 1, encrypting does nothing. */
const EXPONENT_MIN = 65_537n;

/** RFC 7638: SHA-256 over the members that RSA keys must have, in this order. */
export function thumbprintOf({ e, kty, n }: JsonWebKey): string {
  return createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url');
}

/** Whether this can be wrapped for: RSA, long enough, or on P-384, and the key that its name says. */
export function isRecipient(recipient: Recipient): boolean {
  if (recipient.kind === 'aws-kms') return recipient.arn.startsWith('arn:');
  if (recipient.kind === 'ecdh-p384') return readEcdhPem(recipient.publicKey)?.thumbprint === recipient.thumbprint;
  const jwk = jwkOf(recipient.publicKey);
  if (jwk === null || numberOf(jwk.e) < EXPONENT_MIN) return false;
  return bitsOf(jwk) >= BITS_MIN && thumbprintOf(jwk) === recipient.thumbprint;
}

function jwkOf(pem: string): JsonWebKey | null {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'rsa' ? key.export({ format: 'jwk' }) : null;
  } catch {
    return null;
  }
}

/** Of the modulus: Electron's BoringSSL has no `asymmetricKeyDetails`. */
function bitsOf({ n }: JsonWebKey): number {
  return numberOf(n).toString(2).length;
}

function numberOf(base64url = ''): bigint {
  return BigInt(`0x0${Buffer.from(base64url, 'base64url').toString('hex')}`);
}

/**
 * A message's data key, by this device's private keys: what was granted first, then what the header holds. Whoever
 * sends a message may have added a wrapped key of his own for us, so a key counts only if the message commits to it.
 */
export function unwrapDataKey(
  header: Header,
  granted: readonly WrappedKey[],
  keys: readonly JsonWebKey[],
): Answer<Buffer, Extract<OpenError, 'not-a-recipient' | 'commitment-mismatch'>> {
  const own = new Map(keys.map((jwk) => [thumbprintOf(jwk), jwk]));
  let unwrapped = false;
  for (const wrapped of [...granted.slice(0, KEYS_MAX), ...header.keys]) {
    const jwk = wrapped.provider === PROVIDER ? own.get(wrapped.info) : undefined;
    const dataKey = jwk && unwrap(privateKeyOf(jwk), wrapped);
    if (!dataKey) continue;
    if (commits(header, dataKey)) return { ok: true, value: dataKey };
    unwrapped = true;
  }
  return no(unwrapped ? 'commitment-mismatch' : 'not-a-recipient');
}

function privateKeyOf(jwk: JsonWebKey): KeyObject {
  return createPrivateKey({ key: jwk as JsonWebKeyInput['key'], format: 'jwk' });
}

function unwrap(key: KeyObject, { ciphertext }: WrappedKey): Buffer | null {
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const dataKey = privateDecrypt({ key, padding, oaepHash: 'sha256' }, Buffer.from(ciphertext, 'base64'));
    return dataKey.length === DATA_KEY_LENGTH ? dataKey : null;
  } catch {
    return null;
  }
}
