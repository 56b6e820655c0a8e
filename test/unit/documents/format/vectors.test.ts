import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDecrypt } from '@aws-crypto/decrypt-node';
import { CommitmentPolicy } from '@aws-crypto/material-management-node';
import { describe, expect, test } from 'vitest';
import { parseHeader, proveHeader } from '../../../../main/documents/format/header.ts';
import { UnwrappedKeyring } from '../../../../main/documents/format/recipients.ts';
import { decryption, pump } from '../../../../main/documents/format/streams.ts';

/* "AWS Encryption SDK - Message Format V2 Test Vectors", of implementations in Java, C, Python and JavaScript. */

interface Vector {
  readonly ciphertext: string;
  readonly 'decrypted-dek': string;
  readonly 'encryption-context': Readonly<Record<string, string>>;
  readonly 'plaintext-frames': readonly string[] | null;
  readonly status: boolean;
  readonly comment: string;
}

const ALL = join(import.meta.dirname, '../../../../../shared/data/vectors/aws-encryption-sdk-message-v2.json');
const SOME = join(import.meta.dirname, 'vectors/message-v2.json');

function vectorsIn(path: string): Vector[] {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { tests: Vector[] }).tests : [];
}

async function* once(bytes: Uint8Array) {
  yield bytes;
}

async function decrypted(
  vector: Vector,
  differs: () => readonly string[] = () => [],
  parts: Buffer[] = [],
): Promise<Buffer> {
  const message = Buffer.from(vector.ciphertext, 'base64');
  const header = parseHeader(message);
  if (!header.ok) throw new Error(header.error.code);
  const stream = decryption(header.value, Buffer.from(vector['decrypted-dek'], 'base64'), differs);
  await pump(once(message), stream, (chunk) => {
    parts.push(chunk);
    return undefined;
  });
  return Buffer.concat(parts);
}

const unframed = ({ comment }: Vector) => /unframed/.test(comment);

for (const [name, path] of [
  ['those kept here', SOME],
  ['all 46', ALL],
] as const) {
  const vectors = vectorsIn(path);
  describe.skipIf(vectors.length === 0)(`message vectors, ${name}`, () => {
    test.each(vectors.filter((vector) => vector.status && !unframed(vector)))('$comment', async (vector) => {
      expect((await decrypted(vector)).toString()).toBe((vector['plaintext-frames'] ?? []).join(''));
      const header = parseHeader(Buffer.from(vector.ciphertext, 'base64'));
      if (!header.ok) throw new Error(header.error.code);
      expect(header.value.context).toMatchObject(vector['encryption-context']);
      expect(proveHeader(header.value, Buffer.from(vector['decrypted-dek'], 'base64'))).toBe('original');
    });

    test.each(vectors.filter(unframed))('$comment: refused, and only because it has no frames', async (vector) => {
      const message = Buffer.from(vector.ciphertext, 'base64');
      expect(parseHeader(message)).toEqual({ ok: false, error: { code: 'message-not-framed' } });
      const { decrypt } = buildDecrypt(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
      const { plaintext } = await decrypt(
        new UnwrappedKeyring(Buffer.from(vector['decrypted-dek'], 'base64')),
        message,
      );
      expect(plaintext.toString()).toBe((vector['plaintext-frames'] ?? []).join(''));
    });

    test.each(vectors.filter(({ status }) => !status))('$comment: refused', async (vector) => {
      const header = parseHeader(Buffer.from(vector.ciphertext, 'base64'));
      if (!header.ok) throw new Error(header.error.code);
      expect(proveHeader(header.value, Buffer.from(vector['decrypted-dek'], 'base64'))).toBe('commitment-mismatch');
      await expect(decrypted(vector)).rejects.toThrow('Commitment does not match');
    });
  });
}

test('security: not a byte comes out where the context that the SDK has verified is another one', async () => {
  const vector = vectorsIn(SOME).find((one) => one.status && !unframed(one));
  const parts: Buffer[] = [];
  await expect(decrypted(vector!, () => ['patient'], parts)).rejects.toMatchObject({
    code: 'context-mismatch',
    differs: ['patient'],
  });
  expect(parts).toEqual([]);
});
