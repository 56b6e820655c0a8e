import { type KeyObject, verify } from 'node:crypto';
import * as z from 'zod';

/** Longest text that is looked at: a list of some ten thousand revoked keys. */
const TEXT_MAX = 2 * 1024 * 1024;

/**
 * What the organisation has signed: payload of a compact JWS (RFC 7515, section 7.1); null where it isn't signed by that
 * key. The algorithm is never the text's choice. Not by jose, as Web Cryptography's Ed25519 is experimental in Electron,
 * which it says on the terminal.
 */
export function openSigned(text: string, { key, kid }: { key: KeyObject; kid: string }, typ: string): unknown {
  if (text.length > TEXT_MAX) return null;
  const [header, payload, signature, ...more] = text.split('.');
  if (!header || !payload || !signature || more.length > 0) return null;
  // Strict, so that nothing critical is overlooked (RFC 7515, section 4.1.11), and no key or address is taken from it.
  const expected = z.strictObject({ alg: z.literal('EdDSA'), typ: z.literal(typ), kid: z.literal(kid) });
  if (!expected.safeParse(jsonOf(header)).success) return null;
  const bytes = Buffer.from(signature, 'base64url');
  // One text for one signature.
  if (bytes.toString('base64url') !== signature) return null;
  return verify(null, Buffer.from(`${header}.${payload}`), key, bytes) ? jsonOf(payload) : null;
}

function jsonOf(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
