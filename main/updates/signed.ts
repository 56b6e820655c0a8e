import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import * as z from 'zod';
import type { Result } from '../../preload/contract/channel.ts';
import { updateKey } from '../../preload/contract/updates.ts';
import { canonical } from '../audit/log/canonical.ts';
import { refused } from './refused.ts';

/** A key whose signatures count, and the name by which they refer to it (RFC 7638, RFC 8037 appendix A.3). */
export interface TrustedKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** Before the 32 bytes of an Ed25519 key in its SPKI (RFC 8410, section 4). */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** @throws where the text is no `updateKey`. */
export function readKey(x: string): TrustedKey {
  const bytes = Buffer.from(updateKey.parse(x), 'base64url');
  const key = createPublicKey({ key: Buffer.concat([SPKI_HEAD, bytes]), format: 'der', type: 'spki' });
  return { id: keyId(x), key };
}

export function keyId(x: string): string {
  return createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
}

const SIGNATURES_MAX = 10;
const envelope = z.strictObject({
  signed: z.record(z.string().max(100), z.unknown()),
  signatures: z
    .array(z.strictObject({ keyid: z.string().max(64), sig: z.string().regex(/^[A-Za-z0-9_-]{86}$/) }))
    .max(SIGNATURES_MAX),
});

export type SignatureError = 'feed-invalid' | 'signature-missing' | 'signature-unknown' | 'signature-wrong';

/** A document whose signature is good, and the SHA-256 of what was signed. */
export interface Opened<Value> {
  readonly value: Value;
  readonly digest: string;
}

/** What is signed: the one text of a document (RFC 8785). Its `type` is part of it, so that one is never taken for another. */
export const signedBytes = (document: object): Buffer => Buffer.from(canonical(document));

/**
 * Reads a signed document: one good signature of a key that is trusted is enough, whatever stands beside it. What it says is
 * only looked at after that.
 */
export function open<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  keys: readonly TrustedKey[],
): Result<Opened<z.output<Schema>>, SignatureError> {
  const read = parsed(text);
  if (!read) return refused('feed-invalid');
  const { signed, signatures, bytes } = read;
  if (signatures.length === 0) return refused('signature-missing');
  const known = signatures.flatMap(({ keyid, sig }) => {
    const trusted = keys.find(({ id }) => id === keyid);
    return trusted ? [{ trusted, sig }] : [];
  });
  if (known.length === 0) return refused('signature-unknown');
  const isGood = known.some(({ trusted, sig }) => verify(null, bytes, trusted.key, Buffer.from(sig, 'base64url')));
  if (!isGood) return refused('signature-wrong');
  const document = schema.safeParse(signed);
  return document.success
    ? { ok: true, value: { value: document.data, digest: sha256(bytes) } }
    : refused('feed-invalid');
}

export const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');

function parsed(text: string): (z.infer<typeof envelope> & { readonly bytes: Buffer }) | null {
  try {
    const read = envelope.safeParse(JSON.parse(text));
    return read.success ? { ...read.data, bytes: signedBytes(read.data.signed) } : null;
  } catch {
    return null;
  }
}
