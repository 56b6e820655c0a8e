import { createDecipheriv } from 'node:crypto';
import { PROVIDER } from '../format/limits.ts';
import type { WrappedKey } from '../types.ts';
import { RECIPIENTS_MAX, type SealedText } from './jwe.ts';

/* What the organisation's key service and tool do with a sealed field: they open its data key, and wrap that for others. */

/** Whom a field's data key is wrapped for, as a file's header has them. */
export function wrappedKeysOf({ jwe }: SealedText): WrappedKey[] {
  return jwe.recipients.map(({ header, encrypted_key: share = '' }) => ({
    provider: PROVIDER,
    info: String(header?.['kid']),
    ciphertext: Buffer.from(share, 'base64url').toString('base64'),
  }));
}

/**
 * Whether a field's context is the one that it was sealed in: the tag authenticates the protected header, but only
 * together with the ciphertext (NIST SP 800-38D, 7.2), so that this takes decrypting it. What was decrypted is gone at once.
 */
export function isGenuine({ jwe }: SealedText, dataKey: Uint8Array): boolean {
  const [iv, tag, ciphertext] = [jwe.iv, jwe.tag, jwe.ciphertext].map((part) => Buffer.from(part ?? '', 'base64url'));
  // RFC 7518, 5.3: no other lengths, as short tags are guessed.
  if (iv?.length !== 12 || tag?.length !== 16 || !ciphertext) return false;
  const decipher = createDecipheriv('aes-256-gcm', dataKey, iv, { authTagLength: 16 });
  decipher.setAuthTag(tag).setAAD(Buffer.from(jwe.protected ?? '', 'latin1'));
  decipher.update(ciphertext).fill(0);
  try {
    decipher.final();
    return true;
  } catch {
    return false;
  }
}

/** The JWE for other recipients; nothing else in it changes, as they are no part of what the tag covers. */
export function withRecipients({ jwe }: SealedText, keys: readonly WrappedKey[]): string {
  const recipients = keys.slice(0, RECIPIENTS_MAX).map(({ info, ciphertext }) => ({
    encrypted_key: Buffer.from(ciphertext, 'base64').toString('base64url'),
    header: { kid: info },
  }));
  return JSON.stringify({ ...jwe, recipients });
}
