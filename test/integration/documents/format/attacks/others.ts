import { constants, publicEncrypt, randomBytes } from 'node:crypto';
import { buildEncrypt } from '@aws-crypto/encrypt-node';
import { CommitmentPolicy } from '@aws-crypto/material-management-node';
import { RawRsaKeyringNode } from '@aws-crypto/raw-rsa-keyring-node';
import { headerBytes, parseHeader, withKeys } from '../../../../../main/documents/format/header.ts';
import { unwrapDataKey } from '../../../../../main/documents/format/wrapping.ts';
import type { WrappedKey } from '../../../../../main/documents/types.ts';
import { context, type TestKey, type Written } from '../support.ts';
import { type Attack, type Attacked, change, flipped, KEY_ENTRY, offsets, type Scene } from './tools.ts';

/** The format with which the same SDK writes what commits to no key. */
async function withoutCommitment({ device }: Scene): Promise<Attacked> {
  const { recipient } = device;
  const keyring = new RawRsaKeyringNode({
    keyName: recipient.thumbprint,
    keyNamespace: 'wardlight',
    rsaKey: { publicKey: recipient.publicKey },
    oaepHash: 'sha256',
  });
  const { encrypt } = buildEncrypt(CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT);
  const { result } = await encrypt(keyring, 'text', { suiteId: 0x0178, encryptionContext: { ...context } });
  return { bytes: result, envelope: { headerLength: 700 } };
}

/** What somebody makes who knows the recipients' public keys, and no data key. */
function guess({ recipient }: TestKey): WrappedKey {
  const dataKey = publicEncrypt(
    { key: recipient.publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
    Buffer.alloc(32, 7),
  );
  return { provider: 'wardlight', info: recipient.thumbprint, ciphertext: dataKey.toString('base64') };
}

function headerOf({ bytes }: Written) {
  const header = parseHeader(bytes);
  if (!header.ok) throw new Error(header.error.code);
  return header.value;
}

/** A newest header for these keys, by somebody who doesn't have the message's data key. */
function forgedHeader(written: Written, keys: readonly WrappedKey[]): string {
  return headerBytes(withKeys(headerOf(written), keys, Buffer.alloc(32, 7))).toString('base64');
}

/** An own header with so many entries that are no keys. */
function withEmptyKeys(bytes: Buffer, keysAt: number, count: number): Buffer {
  const number = Buffer.alloc(2);
  number.writeUInt16BE(count);
  return Buffer.concat([bytes.subarray(0, keysAt), number, Buffer.alloc(6 * count), bytes.subarray(keysAt + 2)]);
}

const entry = (bytes: Buffer, keysAt: number, number: number) =>
  bytes.subarray(keysAt + 2 + number * KEY_ENTRY, keysAt + 2 + (number + 1) * KEY_ENTRY);

function withCount(bytes: Buffer, keysAt: number, count: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt16BE(count, keysAt);
  return changed;
}

export const ofTheRecipients: readonly Attack[] = [
  {
    name: 'a recipient added',
    code: 'message-header-invalid',
    attack: ({ message: { bytes, spooled }, message }) => {
      const { keys } = offsets(message);
      const more = withCount(bytes, keys, 3);
      const at = keys + 2 + 2 * KEY_ENTRY;
      return {
        bytes: Buffer.concat([more.subarray(0, at), entry(bytes, keys, 0), more.subarray(at)]),
        envelope: { headerLength: spooled.headerLength + KEY_ENTRY },
      };
    },
  },
  {
    name: 'another recipient removed',
    code: 'message-header-invalid',
    attack: ({ message: { bytes, spooled }, message }) => {
      const { keys } = offsets(message);
      const fewer = withCount(bytes, keys, 1);
      return {
        bytes: Buffer.concat([fewer.subarray(0, keys + 2), fewer.subarray(keys + 2 + KEY_ENTRY)]),
        envelope: { headerLength: spooled.headerLength - KEY_ENTRY },
      };
    },
  },
  {
    name: 'we were removed',
    code: 'not-a-recipient',
    attack: ({ message: { bytes, spooled }, message }) => {
      const { keys } = offsets(message);
      const fewer = withCount(bytes, keys, 1);
      return {
        bytes: Buffer.concat([fewer.subarray(0, keys + 2 + KEY_ENTRY), fewer.subarray(keys + 2 + 2 * KEY_ENTRY)]),
        envelope: { headerLength: spooled.headerLength - KEY_ENTRY },
      };
    },
  },
  {
    name: 'we never were a recipient',
    code: 'not-a-recipient',
    attack: ({ message, stranger }) => ({ bytes: message.bytes, request: { keys: [stranger.jwk] } }),
  },
  {
    name: 'a newest header with a data key of the server',
    code: 'commitment-mismatch',
    attack: ({ message, device }) => ({
      bytes: message.bytes,
      envelope: { header: forgedHeader(message, [guess(device)]) },
    }),
  },
  {
    name: 'a newest header with our key and one recipient more, by somebody without the data key',
    code: 'message-header-invalid',
    attack: ({ message, stranger }) => ({
      bytes: message.bytes,
      envelope: { header: forgedHeader(message, [...headerOf(message).keys, guess(stranger)]) },
    }),
  },
  {
    name: "another message's header as the newest",
    code: 'message-header-invalid',
    attack: ({ message, other }) => ({ bytes: message.bytes, envelope: { header: other.spooled.header } }),
  },
  {
    name: 'a newest header that another recipient made in another context',
    code: 'message-header-invalid',
    attack: ({ message, device }) => {
      const header = headerOf(message);
      const raw = flipped(header.raw, header.raw.indexOf('TREAT'));
      const dataKey = unwrapDataKey(header, [], [device.jwk]);
      if (!dataKey.ok) throw new Error(dataKey.error.code);
      const forged = headerBytes(withKeys({ ...header, raw }, header.keys, dataKey.value));
      return { bytes: message.bytes, envelope: { header: forged.toString('base64') } };
    },
  },
  {
    name: 'a granted key of another message',
    code: 'commitment-mismatch',
    attack: ({ message, device, stranger }) => ({
      bytes: message.bytes,
      request: {
        keys: [stranger.jwk],
        granted: [guess(stranger), guess(device)],
      },
    }),
  },
];

export const ofTheFormat: readonly Attack[] = [
  change('version 1 of the format', 'message-suite-refused', (bytes) => flipped(flipped(bytes, 0, 0), 0, 1)),
  change('a suite without key commitment', 'message-suite-refused', (bytes) => {
    bytes.writeUInt16BE(0x0178, 1);
    return bytes;
  }),
  { name: 'a whole message without key commitment', code: 'message-suite-refused', attack: withoutCommitment },
  {
    name: '65,535 wrapped keys',
    code: 'message-too-many-keys',
    attack: ({ message }) => ({
      bytes: withEmptyKeys(message.bytes, offsets(message).keys, 65_535),
      envelope: { headerLength: message.spooled.headerLength + 6 * 65_535 },
    }),
  },
  {
    name: '65,535 wrapped keys in the newest header',
    code: 'message-too-many-keys',
    attack: ({ message }) => ({
      bytes: message.bytes,
      envelope: {
        header: withEmptyKeys(headerBytes(headerOf(message)), offsets(message).keys, 65_535).toString('base64'),
      },
    }),
  },
  {
    name: 'a header of 2 MiB',
    code: 'message-header-invalid',
    attack: ({ message }) => ({
      bytes: Buffer.concat([message.bytes, randomBytes(2 * 1024 * 1024)]),
      envelope: { headerLength: 2 * 1024 * 1024 },
    }),
  },
  {
    name: 'a newest header of 2 MiB',
    code: 'message-header-invalid',
    attack: ({ message }) => ({
      bytes: message.bytes,
      envelope: { header: Buffer.concat([headerOf(message).raw, randomBytes(2 * 1024 * 1024)]).toString('base64') },
    }),
  },
  {
    name: 'a header length that is none',
    code: 'message-header-invalid',
    attack: ({ message }) => ({ bytes: message.bytes, envelope: { headerLength: -1 } }),
  },
  {
    name: 'more than may be opened',
    code: 'message-too-large',
    attack: ({ message }) => ({ bytes: message.bytes, request: { limits: { maxBytes: 199_999, maxPixels: 1 } } }),
  },
];
