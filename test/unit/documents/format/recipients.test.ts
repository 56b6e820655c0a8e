import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseHeader } from '../../../../main/documents/format/header.ts';
import { type KmsClient, recipientsKeyring } from '../../../../main/documents/format/recipients.ts';
import { encryption } from '../../../../main/documents/format/streams.ts';
import { isRecipient, thumbprintOf } from '../../../../main/documents/format/wrapping.ts';
import type { Recipient } from '../../../../main/documents/types.ts';
import { context, testKey } from '../../../integration/documents/format/support.ts';

const key = testKey();
const ARN = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

describe('recipients', () => {
  test('thumbprints are those of RFC 7638', () => {
    // The example of its section 3.1.
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3okn' +
      'jhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6q' +
      'MQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJ' +
      'zKnqDKgw';
    expect(thumbprintOf({ kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' } as JsonWebKey)).toBe(
      'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
    );
  });

  test.each<[string, () => Recipient]>([
    ['an RSA key of 2,048 bits', () => testKey(2_048).recipient],
    ['an RSA key of 3,071 bits', () => testKey(3_071).recipient],
    ['another name than the key has', () => ({ ...key.recipient, thumbprint: 'x'.repeat(43) })],
    ['a key on a curve', () => curve()],
    ['no key', () => ({ ...key.recipient, publicKey: 'none' })],
    ['an exponent that encrypts nothing', () => exponentOne()],
  ])('security: %s is refused', async (_name, recipient) => {
    const answer = await recipientsKeyring([key.recipient, recipient()]);
    expect(answer).toEqual({ ok: false, error: { code: 'recipient-invalid' } });
  });

  test('an RSA key of 3,072 bits is taken, and no recipients are not', async () => {
    expect(isRecipient(key.recipient)).toBe(true);
    expect(await recipientsKeyring([])).toEqual({ ok: false, error: { code: 'recipients-missing' } });
  });
});

describe('a key in AWS KMS', () => {
  async function headerWith(client: Partial<KmsClient>) {
    const unused = async () => Promise.reject(new Error('not called'));
    const clients = () => ({ encrypt: unused, decrypt: unused, generateDataKey: unused, ...client });
    const keyring = await recipientsKeyring([key.recipient, { kind: 'aws-kms', arn: ARN }], clients);
    if (!keyring.ok) throw new Error(keyring.error.code);
    const stream = encryption(keyring.value, context, false);
    stream.end(randomBytes(10));
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part);
    const header = parseHeader(Buffer.concat(parts));
    if (!header.ok) throw new Error(header.error.code);
    return header.value;
  }

  test('wraps the same data key, in the same context', async () => {
    const asked: object[] = [];
    const { keys } = await headerWith({
      async encrypt(request) {
        asked.push(request);
        return { CiphertextBlob: Buffer.from('wrapped in the cloud'), KeyId: ARN };
      },
    });
    expect(keys.map(({ provider, info }) => [provider, info])).toEqual([
      ['wardlight', key.recipient.thumbprint],
      ['aws-kms', ARN],
    ]);
    expect(Buffer.from(keys[1]!.ciphertext, 'base64').toString()).toBe('wrapped in the cloud');
    expect(asked).toMatchObject([{ KeyId: ARN, EncryptionContext: context }]);
  });

  test('that is out of reach ends the encryption', async () => {
    const encrypt = () => Promise.reject(new Error('no network'));
    await expect(headerWith({ encrypt })).rejects.toThrow('could not be wrapped');
  });
});

function curve(): Recipient {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  return { ...key.recipient, publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

function exponentOne(): Recipient {
  const jwk = { ...createPublicKey(key.recipient.publicKey).export({ format: 'jwk' }), e: 'AQ' };
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();
  return { kind: 'rsa', thumbprint: thumbprintOf(jwk), publicKey };
}
