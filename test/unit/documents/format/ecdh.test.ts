import { createECDH, createHash, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { readEcdhPem, readEcdhPoint, unwrapByEcdh, wrapByEcdh } from '../../../../main/documents/format/ecdh.ts';
import { parseHeader } from '../../../../main/documents/format/header.ts';
import { recipientsKeyring, rewrap } from '../../../../main/documents/format/recipients.ts';
import { encryption } from '../../../../main/documents/format/streams.ts';
import { unwrapDataKey } from '../../../../main/documents/format/wrapping.ts';
import type { Recipient } from '../../../../main/documents/types.ts';
import { decryptPlainly, context as fileContext, testKey } from '../../../integration/documents/format/support.ts';

/* The keys of this file are synthetic: fixed, so that what is made with them is fixed too. */

const CURVE = 'secp384r1';
const recipientPair = pairOf('11'.repeat(48));
const key = readEcdhPoint(recipientPair.getPublicKey())!;
const recipient: Recipient = { kind: 'ecdh-p384', thumbprint: key.thumbprint, publicKey: key.publicKey };
const dataKey = Buffer.alloc(32, 0x33);
const context = { patient: 'pseudonym of a patient', v: '1', document: 'pseudonym of a document' };
const agree = (point: Buffer) => recipientPair.computeSecret(point);

function pairOf(privateKey: string) {
  const pair = createECDH(CURVE);
  pair.setPrivateKey(privateKey, 'hex');
  return pair;
}

/** A key on another curve under its own right name. */
function onCurve(namedCurve: string): Recipient {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve });
  const { crv, kty, x, y } = publicKey.export({ format: 'jwk' });
  const thumbprint = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  return { kind: 'ecdh-p384', thumbprint, publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

/** Computed by another implementation of what decision 50 describes (Python's `cryptography`). */
const KNOWN = {
  thumbprint: 's7rKcEOFLUrjXO9JCxB8GEWpnDjfORxlJo6aMshAV8g',
  wrapped:
    'AQRPK9p/0hBfhGfiH0UiOtWIY/+kwISDLZ9sZP/Ef91RlyerU8tx+cQN4ktkrN5h8C/H3OEwthL6XbyslFc6I1T9AF2OnK79xf3kgwRHRwi7' +
    '2C934f0sYwvqI29vjczBZ45ERERERERERERERESIhRA+Yvw5FO+DOfWLtpQssnZB8ReMGrkZ0GLnY3wpThOj0agmfgoQMvplm05Poy4=',
};

test('the format is what it was: a known key, context and randomness make known bytes, which open', () => {
  const random = { ephemeral: pairOf('22'.repeat(48)), nonce: Buffer.alloc(12, 0x44) };
  expect(key.thumbprint).toBe(KNOWN.thumbprint);
  expect(wrapByEcdh(key, dataKey, context, random).toString('base64')).toBe(KNOWN.wrapped);
  const opened = unwrapByEcdh(Buffer.from(KNOWN.wrapped, 'base64'), key.thumbprint, context, agree);
  expect(opened?.equals(dataKey)).toBe(true);
});

test('two wrapped keys have neither ephemeral key nor nonce in common', () => {
  const [one, other] = [wrapByEcdh(key, dataKey, context), wrapByEcdh(key, dataKey, context)];
  expect(one.subarray(1, 98).equals(other.subarray(1, 98))).toBe(false);
  expect(one.subarray(98, 110).equals(other.subarray(98, 110))).toBe(false);
});

test('security: a wrapped key with any byte changed, or of another length, doesn’t open', () => {
  const wrapped = wrapByEcdh(key, dataKey, context);
  expect(unwrapByEcdh(wrapped, key.thumbprint, context, agree)?.equals(dataKey)).toBe(true);
  for (let at = 0; at < wrapped.length; at += 1) {
    const changed = Buffer.from(wrapped);
    changed[at]! ^= 1 << (at % 8);
    expect(unwrapByEcdh(changed, key.thumbprint, context, agree), `byte ${at}`).toBeNull();
  }
  for (const one of [wrapped.subarray(1), wrapped.subarray(0, -1), Buffer.concat([wrapped, Buffer.alloc(1)])]) {
    expect(unwrapByEcdh(one, key.thumbprint, context, agree)).toBeNull();
  }
});

test('security: a wrapped key opens in no other context, and under no other recipient’s name', () => {
  const wrapped = wrapByEcdh(key, dataKey, context);
  const { v, ...fewer } = context;
  const more = { ...context, purpose: 'TREAT' };
  const moved = { ...context, patient: `${context.patient}v`, v };
  for (const other of [{ ...context, patient: 'another' }, fewer, more, moved, {}]) {
    expect(unwrapByEcdh(wrapped, key.thumbprint, other, agree)).toBeNull();
  }
  expect(unwrapByEcdh(wrapped, 'A'.repeat(43), context, agree)).toBeNull();
});

test('security: the private key isn’t asked about a point that is not on the curve', () => {
  const wrapped = wrapByEcdh(key, dataKey, context);
  const asked: Buffer[] = [];
  const listening = (point: Buffer) => {
    asked.push(point);
    return agree(point);
  };
  const withPoint = (point: Buffer) => Buffer.concat([wrapped.subarray(0, 1), point, wrapped.subarray(98)]);
  const off = Buffer.from(wrapped.subarray(1, 98));
  off[96]! ^= 1;
  const hybrid = Buffer.from(wrapped.subarray(1, 98));
  hybrid[0] = 6 + (hybrid[96]! & 1);
  for (const point of [off, hybrid, Buffer.alloc(97), Buffer.alloc(97, 0xff)]) {
    expect(unwrapByEcdh(withPoint(point), key.thumbprint, context, listening)).toBeNull();
    expect(readEcdhPoint(point)).toBeNull();
  }
  expect(asked).toEqual([]);
});

test.each<[string, () => Recipient]>([
  ['a key on P-256', () => onCurve('P-256')],
  ['a key on P-521', () => onCurve('P-521')],
  ['another name than the key has', () => ({ ...recipient, thumbprint: 'x'.repeat(43) })],
  ['no key', () => ({ ...recipient, publicKey: 'none' })],
  ['an RSA key', () => ({ ...rsa.recipient, kind: 'ecdh-p384' })],
  ['a P-384 key that is said to be RSA', () => ({ ...recipient, kind: 'rsa' })],
])('security: %s is refused as a recipient', async (_name, other) => {
  const answer = await recipientsKeyring([recipient, other()]);
  expect(answer).toEqual({ ok: false, error: { code: 'recipient-invalid' } });
});

test('security: a private key isn’t taken for its public half', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  expect(readEcdhPem(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())).toBeNull();
});

const rsa = testKey();

async function messageFor(recipients: readonly Recipient[], signed: boolean): Promise<Buffer> {
  const keyring = await recipientsKeyring(recipients);
  if (!keyring.ok) throw new Error(keyring.error.code);
  const stream = encryption(keyring.value, fileContext, signed);
  stream.end('a synthetic wound');
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

function headerOf(message: Buffer) {
  const header = parseHeader(message);
  if (!header.ok) throw new Error(header.error.code);
  return header.value;
}

/** The data key by the P-384 key. */
function byEcdh({ keys, context: of }: Pick<ReturnType<typeof headerOf>, 'keys' | 'context'>): Buffer | null {
  const wrapped = keys.find(({ provider, info }) => provider === 'wardlight-ecdh-p384' && info === key.thumbprint);
  return wrapped ? unwrapByEcdh(Buffer.from(wrapped.ciphertext, 'base64'), wrapped.info, of, agree) : null;
}

test.each([false, true])(
  'a message for both kinds yields one data key, and the plain SDK opens it by RSA (signed: %s)',
  async (signed) => {
    const message = await messageFor([recipient, rsa.recipient], signed);
    const header = headerOf(message);
    const byRsa = unwrapDataKey(header, [], [rsa.jwk]);
    expect(byRsa.ok && byEcdh(header)?.equals(byRsa.value)).toBe(true);
    expect((await decryptPlainly(message, rsa)).plaintext.toString()).toBe('a synthetic wound');
  },
);

test('a message is wrapped anew for a P-384 key, and by one', async () => {
  const header = headerOf(await messageFor([rsa.recipient], false));
  const byRsa = unwrapDataKey(header, [], [rsa.jwk]);
  if (!byRsa.ok) throw new Error(byRsa.error.code);
  const added = await rewrap(header, byRsa.value, [rsa.recipient, recipient]);
  if (!added.ok) throw new Error(added.error.code);
  const opened = byEcdh(added.value);
  expect(opened?.equals(byRsa.value)).toBe(true);
  const alone = await rewrap(added.value, opened!, [recipient]);
  expect(alone.ok && byEcdh(alone.value)?.equals(byRsa.value)).toBe(true);
});
