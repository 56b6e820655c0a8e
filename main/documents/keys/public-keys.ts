import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import * as z from 'zod';

/** NIST SP 800-57 part 1, table 2: 3072 bits for what stays secret beyond 2030. */
const BITS_MIN = 3_072;
/** Longer ones only take time; nobody's HSM makes them. */
const BITS_MAX = 8_192;

const number = z
  .string()
  .max(1_400)
  .regex(/^[A-Za-z0-9_-]+$/);

/** An RSA public key and nothing else: a private one has no business where this is read. */
export const rsaJwk = z.strictObject({ kty: z.literal('RSA'), n: number, e: number });
export type RsaJwk = z.infer<typeof rsaJwk>;

/** A public key that may be a recipient. */
export interface PublicKey {
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string;
  /** SPKI, PEM. */
  readonly publicKey: string;
  readonly jwk: RsaJwk;
}

/** Reads an RSA key of at least 3072 bits from its JWK; null where it is none, or written in another form than its own. */
export function readJwk(value: unknown): PublicKey | null {
  const jwk = rsaJwk.safeParse(value);
  if (!jwk.success) return null;
  const key = publicKeyOf({ key: { ...jwk.data }, format: 'jwk' });
  const read = key && publicKeyFrom(key);
  // A modulus with a leading zero is the same key under another thumbprint, which no revocation would name.
  return read && read.jwk.n === jwk.data.n && read.jwk.e === jwk.data.e ? read : null;
}

/** The same of a PEM text (SPKI). */
export function readPem(pem: string): PublicKey | null {
  // Else a private key would be taken for its public half.
  if (/PRIVATE/.test(pem)) return null;
  const key = publicKeyOf(pem);
  return key && publicKeyFrom(key);
}

/** The Ed25519 key by which the organisation signs, and its thumbprint (RFC 8037, appendix A.3); null where it is none. */
export function readSigningKey(pem: string): { readonly key: KeyObject; readonly kid: string } | null {
  if (/PRIVATE/.test(pem)) return null;
  const key = publicKeyOf(pem);
  if (key?.asymmetricKeyType !== 'ed25519') return null;
  const { crv, x } = key.export({ format: 'jwk' });
  return { key, kid: digest(JSON.stringify({ crv, kty: 'OKP', x })) };
}

/** Names an RSA key: its required members in their order, without spaces (RFC 7638, section 3). */
export function thumbprintOf({ n, e }: Pick<RsaJwk, 'n' | 'e'>): string {
  return digest(JSON.stringify({ e, kty: 'RSA', n }));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function publicKeyOf(source: Parameters<typeof createPublicKey>[0]): KeyObject | null {
  try {
    return createPublicKey(source);
  } catch {
    return null;
  }
}

function publicKeyFrom(key: KeyObject): PublicKey | null {
  if (key.asymmetricKeyType !== 'rsa') return null;
  const { n = '', e = '' } = key.export({ format: 'jwk' });
  const bits = bitsOf(n);
  if (bits < BITS_MIN || bits > BITS_MAX || !isSound(e)) return null;
  const publicKey = key.export({ type: 'spki', format: 'pem' }).toString();
  return { thumbprint: thumbprintOf({ n, e }), publicKey, jwk: { kty: 'RSA', n, e } };
}

/** Electron's BoringSSL has no `asymmetricKeyDetails`; the modulus tells (RFC 7518, section 6.3.1). */
function bitsOf(n: string): number {
  const hex = Buffer.from(n, 'base64url').toString('hex').replace(/^0+/, '');
  return hex === '' ? 0 : (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0] ?? '0', 16)));
}

/** FIPS 186-5, section 5.1: an odd exponent of at least 65537. */
function isSound(e: string): boolean {
  const exponent = BigInt(`0x${Buffer.from(e, 'base64url').toString('hex') || '0'}`);
  return exponent >= 65_537n && exponent % 2n === 1n;
}
