import { createCipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { EncryptedDataKey, NodeAlgorithmSuite } from '@aws-crypto/material-management-node';
import { deserializeFactory, serializeFactory } from '@aws-crypto/serialize';
import { no } from '../errors.ts';
import type { Answer, OpenError, WrappedKey } from '../types.ts';
import { FRAME_LENGTH_MAX, HEADER_LENGTH_MAX, KEYS_MAX, SUITE, SUITE_SIGNED } from './limits.ts';

/*
 * The first part of a message: for whom it is, in which context it was made, and what proves both (AWS Encryption SDK
 * Developer Guide, "Message format", header version 2). Pure functions: the key service uses them too.
 */

export interface Header {
  readonly suite: typeof SUITE | typeof SUITE_SIGNED;
  readonly messageId: Buffer;
  readonly context: Readonly<Record<string, string>>;
  readonly keys: readonly WrappedKey[];
  readonly frameLength: number;
  /** Follows from the data key: no second one opens the message. */
  readonly commitment: Buffer;
  /** All but the authentication. */
  readonly raw: Buffer;
  readonly authentication: Buffer;
  /** Of `raw` and the authentication. */
  readonly length: number;
}

export type HeaderError = Extract<
  OpenError,
  | 'message-header-invalid'
  | 'message-suite-refused'
  | 'message-not-framed'
  | 'message-too-many-keys'
  | 'message-too-large'
  | 'message-truncated'
>;

const deserialize = deserializeFactory((bytes) => Buffer.from(bytes).toString('utf8'), NodeAlgorithmSuite);
const { serializeEncryptedDataKeys } = serializeFactory((text) => Buffer.from(text, 'utf8'), { utf8Sorting: true });

const VERSION_1 = 1;
const VERSION_2 = 2;
/** Version, suite, message id, length of the context. */
const FIXED_LENGTH = 1 + 2 + 32 + 2;
/** Content type, frame length, commitment. */
const TAIL_LENGTH = 1 + 4 + 32;
const FRAMED = 2;
const AUTHENTICATION_LENGTH = 16;

/** The header that `bytes` begin with; `message-truncated` where they end within it. */
export function parseHeader(bytes: Uint8Array): Answer<Header, HeaderError> {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, HEADER_LENGTH_MAX));
  const refused = refusalOf(head);
  if (refused !== null) return no(refused);
  const parsed = deserialized(head);
  if (parsed === 'malformed') return no('message-header-invalid');
  if (!parsed) return no(bytes.byteLength > HEADER_LENGTH_MAX ? 'message-header-invalid' : 'message-truncated');
  const { messageHeader, rawHeader, headerAuth } = parsed;
  if (messageHeader.contentType !== FRAMED) return no('message-not-framed');
  if (messageHeader.frameLength < 1) return no('message-header-invalid');
  if (messageHeader.frameLength > FRAME_LENGTH_MAX) return no('message-too-large');
  const raw = Buffer.from(rawHeader);
  return {
    ok: true,
    value: {
      suite: messageHeader.suiteId as Header['suite'],
      messageId: Buffer.from(messageHeader.messageId),
      context: { ...messageHeader.encryptionContext },
      keys: messageHeader.encryptedDataKeys.map(wrappedKeyOf),
      frameLength: messageHeader.frameLength,
      commitment: raw.subarray(-32),
      raw,
      authentication: Buffer.from(headerAuth.headerAuthTag),
      length: raw.length + AUTHENTICATION_LENGTH,
    },
  };
}

/** What is plain to see before anything is taken apart. */
function refusalOf(head: Buffer): HeaderError | null {
  if (head.length < FIXED_LENGTH) return 'message-truncated';
  // Suites of version 1 commit to no key: one ciphertext may open to two texts.
  if (head[0] === VERSION_1) return 'message-suite-refused';
  if (head[0] !== VERSION_2) return 'message-header-invalid';
  const suite = head.readUInt16BE(1);
  if (suite !== SUITE && suite !== SUITE_SIGNED) return 'message-suite-refused';
  const keysAt = keysOffset(head);
  return head.length >= keysAt + 2 && head.readUInt16BE(keysAt) > KEYS_MAX ? 'message-too-many-keys' : null;
}

function keysOffset(head: Buffer): number {
  return FIXED_LENGTH + head.readUInt16BE(FIXED_LENGTH - 2);
}

function deserialized(head: Buffer) {
  try {
    const parsed = deserialize.deserializeMessageHeader(head, { maxEncryptedDataKeys: KEYS_MAX });
    if (!parsed) return null;
    const { messageHeader } = parsed;
    // Version 1 was refused: it has no commitment.
    return 'suiteData' in messageHeader ? { ...parsed, messageHeader } : ('malformed' as const);
  } catch {
    return 'malformed' as const;
  }
}

function wrappedKeyOf({ providerId, providerInfo, encryptedDataKey }: EncryptedDataKey): WrappedKey {
  return { provider: providerId, info: providerInfo, ciphertext: Buffer.from(encryptedDataKey).toString('base64') };
}

/** Whether two headers are of one message, made in one context: they differ in their recipients alone. */
export function sameMessage(one: Header, other: Header): boolean {
  const [before, after] = aroundKeys(one);
  const [otherBefore, otherAfter] = aroundKeys(other);
  return before.equals(otherBefore) && after.equals(otherAfter);
}

function aroundKeys({ raw }: Header): readonly [Buffer, Buffer] {
  return [raw.subarray(0, keysOffset(raw)), raw.subarray(-TAIL_LENGTH)];
}

/** The header as bytes. */
export function headerBytes({ raw, authentication }: Header): Buffer {
  return Buffer.concat([raw, authentication]);
}

export type HeaderProof =
  /** Authenticated by whoever encrypted the message. */
  | 'original'
  /** Authenticated by somebody who had the data key, and has wrapped it anew. */
  | 'rewrapped'
  /** It isn't this message's data key. */
  | 'commitment-mismatch'
  /** The header isn't what it was: recipients, context or message. */
  | 'message-header-invalid';

/** Whether a header is what somebody with this data key has written; the context in it may be believed only then. */
export function proveHeader(header: Header, dataKey: Uint8Array): HeaderProof {
  if (!commits(header, dataKey)) return 'commitment-mismatch';
  if (timingSafeEqual(header.authentication, originalTag(header, dataKey))) return 'original';
  return timingSafeEqual(header.authentication, rewrappedTag(header, dataKey)) ? 'rewrapped' : 'message-header-invalid';
}

/** Whether this is the one data key that the header commits to. */
export function commits({ commitment, messageId }: Header, dataKey: Uint8Array): boolean {
  return timingSafeEqual(derived(dataKey, messageId, Buffer.from('COMMITKEY')), commitment);
}

function derived(dataKey: Uint8Array, messageId: Uint8Array, info: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha512', dataKey, messageId, info, 32));
}

function originalTag({ raw, messageId, suite }: Header, dataKey: Uint8Array): Buffer {
  const info = Buffer.concat([Buffer.from([suite >> 8, suite & 0xff]), Buffer.from('DERIVEKEY')]);
  const cipher = createCipheriv('aes-256-gcm', derived(dataKey, messageId, info), Buffer.alloc(12));
  cipher.setAAD(raw).final();
  return cipher.getAuthTag();
}

/**
 * Not the format's own tag: that is AES-GCM under the frames' key with a nonce that is always zero. Made twice over
 * different recipients, it gives away GCM's authentication key, and with it every frame and the context can be forged.
 */
function rewrappedTag({ raw, messageId }: Header, dataKey: Uint8Array): Buffer {
  const key = derived(dataKey, messageId, Buffer.from('wardlight re-wrapped header 1'));
  return createHmac('sha256', key).update(raw).digest().subarray(0, AUTHENTICATION_LENGTH);
}

/** A header of the same message and context for other recipients, authenticated under its data key. */
export function withKeys(header: Header, keys: readonly WrappedKey[], dataKey: Uint8Array): Header {
  const [before, after] = aroundKeys(header);
  const entries = keys.map(({ provider, info, ciphertext }) => {
    const encryptedDataKey = Buffer.from(ciphertext, 'base64');
    return new EncryptedDataKey({ providerId: provider, providerInfo: info, encryptedDataKey });
  });
  const raw = Buffer.concat([before, serializeEncryptedDataKeys(entries), after]);
  const unproved = { ...header, keys, raw, commitment: raw.subarray(-32), length: raw.length + AUTHENTICATION_LENGTH };
  return { ...unproved, authentication: rewrappedTag(unproved, dataKey) };
}
