import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { buildDecrypt } from '@aws-crypto/decrypt-node';
import {
  CommitmentPolicy,
  EncryptedDataKey,
  KeyringNode,
  type NodeDecryptionMaterial,
  type NodeEncryptionMaterial,
} from '@aws-crypto/material-management-node';
import { RawRsaKeyringNode } from '@aws-crypto/raw-rsa-keyring-node';
import { afterAll, describe, expect, test } from 'vitest';
import { type Header, headerBytes, parseHeader, proveHeader } from '../../../../main/documents/format/header.ts';
import { rewrap } from '../../../../main/documents/format/recipients.ts';
import { unwrapDataKey } from '../../../../main/documents/format/wrapping.ts';
import type { Recipient } from '../../../../main/documents/types.ts';
import {
  bench,
  contentOf,
  context,
  decryptPlainly,
  envelopeOf,
  openRequest,
  type TestKey,
  testKey,
  type Written,
} from './support.ts';

const organisation = testKey();
const device = testKey();
const newcomer = testKey();
const on = bench([organisation.recipient, device.recipient]);
afterAll(() => on.remove());
const content = randomBytes(150_000);

function headerOf(bytes: Uint8Array): Header {
  const header = parseHeader(bytes);
  if (!header.ok) throw new Error(header.error.code);
  return header.value;
}

function dataKeyOf(header: Header, key: TestKey): Buffer {
  const dataKey = unwrapDataKey(header, [], [key.jwk]);
  if (!dataKey.ok) throw new Error(dataKey.error.code);
  return dataKey.value;
}

async function rewrapped(header: Header, recipients: readonly Recipient[]): Promise<Header> {
  const answer = await rewrap(header, dataKeyOf(header, organisation), recipients);
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.value;
}

/** How its document describes it once the key was wrapped for others. */
async function rewrittenFor(written: Written, recipients: readonly Recipient[]) {
  const newest = await rewrapped(headerOf(written.bytes), recipients);
  return { ...envelopeOf(written.spooled), header: headerBytes(newest).toString('base64') };
}

describe('a message whose key was wrapped for others', () => {
  test.each([false, true])(
    'opens for the newcomer, and no longer for who was left out (signed: %s)',
    async (signed) => {
      const written = await on.encrypt(content, { signed });
      const envelope = await rewrittenFor(written, [organisation.recipient, newcomer.recipient]);
      const opened = await on.service.open({ ...openRequest(on.folder, written, newcomer), envelope });
      if (!opened.ok) throw new Error(opened.error.code);
      expect((await contentOf(on.service, opened.value.handle, content.length)).equals(content)).toBe(true);
      await on.service.close({ handle: opened.value.handle });
      expect(await on.service.open({ ...openRequest(on.folder, written, device), envelope })).toEqual({
        ok: false,
        error: { code: 'not-a-recipient' },
      });
    },
  );

  test('is stored as it was: the plain SDK opens it for the organisation as before', async () => {
    const written = await on.encrypt(content);
    await rewrittenFor(written, [organisation.recipient, newcomer.recipient]);
    expect(readFileSync(written.spool).equals(written.bytes)).toBe(true);
    expect((await decryptPlainly(written.bytes, organisation)).plaintext.equals(content)).toBe(true);
  });

  test('opens with the plain SDK for the newcomer too, once it is told of the key that was wrapped for him', async () => {
    const written = await on.encrypt(content);
    const envelope = await rewrittenFor(written, [newcomer.recipient]);
    const { keys } = headerOf(Buffer.from(envelope.header, 'base64'));
    const rsa = new RawRsaKeyringNode({
      keyName: newcomer.recipient.thumbprint,
      keyNamespace: 'wardlight',
      rsaKey: { privateKey: newcomer.privatePem },
      oaepHash: 'sha256',
    });
    const wrapped = keys.map(
      ({ provider, info, ciphertext }) =>
        new EncryptedDataKey({
          providerId: provider,
          providerInfo: info,
          encryptedDataKey: Buffer.from(ciphertext, 'base64'),
        }),
    );
    class Told extends KeyringNode {
      override _onEncrypt = async (material: NodeEncryptionMaterial) => material;
      override _onDecrypt = (material: NodeDecryptionMaterial) => rsa.onDecrypt(material, wrapped);
    }
    const { decrypt } = buildDecrypt(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
    const { plaintext, messageHeader } = await decrypt(new Told(), written.bytes);
    expect(plaintext.equals(content)).toBe(true);
    expect(messageHeader.encryptionContext).toEqual(context);
  });

  test('keeps message, suite, commitment and context, and can be wrapped again', async () => {
    const header = headerOf((await on.encrypt(content)).bytes);
    const once = await rewrapped(header, [organisation.recipient]);
    const twice = await rewrapped(once, [organisation.recipient, newcomer.recipient]);
    for (const next of [once, twice]) {
      expect(headerOf(headerBytes(next))).toEqual(next);
      expect(proveHeader(next, dataKeyOf(header, organisation))).toBe('rewrapped');
      const { suite, messageId, commitment, context: same, frameLength } = next;
      expect({ suite, messageId, commitment, context: same, frameLength }).toEqual({
        suite: header.suite,
        messageId: header.messageId,
        commitment: header.commitment,
        context: header.context,
        frameLength: header.frameLength,
      });
    }
    expect(twice.keys.map(({ info }) => info)).toEqual([
      organisation.recipient.thumbprint,
      newcomer.recipient.thumbprint,
    ]);
  });

  test('opens with a key that was granted, without being a recipient', async () => {
    const written = await on.encrypt(content);
    const { keys: granted } = await rewrapped(headerOf(written.bytes), [newcomer.recipient]);
    const opened = await on.service.open({ ...openRequest(on.folder, written, newcomer), granted });
    expect(opened).toMatchObject({ ok: true, value: { size: content.length } });
    if (opened.ok) await on.service.close({ handle: opened.value.handle });
  });

  test('is refused for weak and for no recipients', async () => {
    const header = headerOf((await on.encrypt('text')).bytes);
    const dataKey = dataKeyOf(header, organisation);
    expect(await rewrap(header, dataKey, [])).toEqual({ ok: false, error: { code: 'recipients-missing' } });
    expect(await rewrap(header, dataKey, [testKey(2_048).recipient])).toEqual({
      ok: false,
      error: { code: 'recipient-invalid' },
    });
  });
});

describe('security: the key of the frames authenticates one header only', () => {
  /*
   * GCM under one key and nonce over two texts gives away its authentication key: from then on frames and contexts can be
   * forged by whoever has both headers, as the server has.
   */
  test('a re-wrapped header has no tag under it', async () => {
    const { bytes } = await on.encrypt('text');
    const header = headerOf(bytes);
    const dataKey = dataKeyOf(header, organisation);
    const newest = await rewrapped(header, [organisation.recipient, newcomer.recipient]);
    const info = Buffer.concat([Buffer.from([0x04, 0x78]), Buffer.from('DERIVEKEY')]);
    const key = Buffer.from(hkdfSync('sha512', dataKey, header.messageId, info, 32));
    const tagOf = ({ raw }: Header) => {
      const cipher = createCipheriv('aes-256-gcm', key, Buffer.alloc(12)).setAAD(raw);
      cipher.final();
      return cipher.getAuthTag();
    };
    expect(header.authentication.equals(tagOf(header))).toBe(true);
    expect(newest.authentication.equals(tagOf(newest))).toBe(false);
    const opening = createDecipheriv('aes-256-gcm', key, Buffer.alloc(12)).setAAD(newest.raw);
    opening.setAuthTag(newest.authentication);
    expect(() => opening.final()).toThrow();
  });

  test('so it takes the place of the stored header nowhere', async () => {
    const written = await on.encrypt(content);
    const newest = headerBytes(await rewrapped(headerOf(written.bytes), [organisation.recipient, device.recipient]));
    const spliced = Buffer.concat([newest, written.bytes.subarray(written.spooled.headerLength)]);
    writeFileSync(written.spool, spliced);
    const request = openRequest(on.folder, written, device);
    const envelope = { ...request.envelope, header: newest.toString('base64'), headerLength: newest.length };
    const sha256 = createHash('sha256').update(spliced).digest('base64');
    expect(await on.service.open({ ...request, envelope: { ...envelope, size: spliced.length, sha256 } })).toEqual({
      ok: false,
      error: { code: 'message-header-invalid' },
    });
    expect(on.leftovers()).toEqual([]);
  });
});
