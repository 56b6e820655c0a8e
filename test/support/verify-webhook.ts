import { hash, verify as verifyBytes } from 'node:crypto';
import { httpbis } from 'http-message-signatures';
import { readVerifier } from '../../main/audit/log/note.ts';
import type { Received } from './webhook.ts';

/**
 * Whether a request tells of an alarm as the log of that public key says it: the signature by an implementation of RFC
 * 9421 that we did not write, then the digest of the body. What a receiver does.
 */
export async function isSigned({ method, url, headers, body }: Received, vkey: string): Promise<boolean> {
  const key = readVerifier(vkey)?.key;
  const fields = ['@method', '@target-uri', 'content-type', 'content-digest', 'idempotency-key'];
  const signed = await httpbis
    .verifyMessage(
      {
        keyLookup: async ({ keyid }) =>
          keyid === vkey && key
            ? { id: vkey, verify: async (data, signature) => verifyBytes(null, data, key, signature) }
            : null,
        requiredFields: fields,
        requiredParams: ['created', 'keyid', 'tag'],
        notAfter: Number.MAX_SAFE_INTEGER,
      },
      { method, url, headers: headers as Record<string, string> },
    )
    .catch(() => false);
  return signed === true && headers['content-digest'] === `sha-256=:${hash('sha256', body, 'base64')}:`;
}
