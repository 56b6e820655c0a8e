import { verify } from 'node:crypto';
import * as z from 'zod';
import type { SigningKey, SigningKeys } from './signing.ts';

/** Longest text that is looked at: a list of some ten thousand revoked keys. */
const TEXT_MAX = 2 * 1024 * 1024;

export interface Signed {
  readonly payload: unknown;
  readonly key: SigningKey;
  /** Place of that key among the organisation's: 0 is in force, and what a lower one has signed is newer. */
  readonly rank: number;
}

/**
 * What the organisation has signed: payload of a compact JWS (RFC 7515, section 7.1); null where it isn't signed by one of
 * those keys, or that one is compromised: what it has signed may be of anybody, at any time that it claims. The algorithm is never the text's choice. Not by jose, as Web Cryptography's Ed25519 is experimental in Electron,
 * which it says on the terminal.
 */
export function openSigned(text: string, keys: SigningKeys, typ: string): Signed | null {
  if (text.length > TEXT_MAX) return null;
  const [header, payload, signature, ...more] = text.split('.');
  if (!header || !payload || !signature || more.length > 0) return null;
  // Strict, so that nothing critical is overlooked (RFC 7515, section 4.1.11), and no key or address is taken from it.
  const expected = z.strictObject({ alg: z.literal('EdDSA'), typ: z.literal(typ), kid: z.string() });
  const read = expected.safeParse(jsonOf(header));
  const rank = keys.findIndex(({ kid }) => kid === read.data?.kid);
  const key = keys[rank];
  if (!key || key.isCompromised) return null;
  const bytes = Buffer.from(signature, 'base64url');
  // One text for one signature.
  if (bytes.toString('base64url') !== signature) return null;
  const isGenuine = verify(null, Buffer.from(`${header}.${payload}`), key.key, bytes);
  return isGenuine ? { payload: jsonOf(payload), key, rank } : null;
}

/** Place among the organisation's keys of the one that a text says it is signed by, compromised or not; null where it is none. */
export function claimedRank(text: string, keys: SigningKeys): number | null {
  const read = z.object({ kid: z.string() }).safeParse(jsonOf(text.split('.')[0] ?? ''));
  const rank = keys.findIndex(({ kid }) => kid === read.data?.kid);
  return rank < 0 ? null : rank;
}

function jsonOf(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
