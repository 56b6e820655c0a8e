import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { buildDecrypt } from '@aws-crypto/decrypt-node';
import { buildEncrypt } from '@aws-crypto/encrypt-node';
import { CommitmentPolicy, type KeyringNode } from '@aws-crypto/material-management-node';
import type { EncryptionContext, OpenError } from '../types.ts';
import type { Header } from './header.ts';
import { FRAME_LENGTH, FRAME_LENGTH_MAX, KEYS_MAX, SUITE, SUITE_SIGNED } from './limits.ts';
import { UnwrappedKeyring } from './recipients.ts';

const commitmentPolicy = CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT;
const { encryptStream } = buildEncrypt({ commitmentPolicy, maxEncryptedDataKeys: KEYS_MAX });
const { decryptStream, decryptUnsignedMessageStream } = buildDecrypt({
  commitmentPolicy,
  maxEncryptedDataKeys: KEYS_MAX,
});

/** Why a message doesn't open. */
export class MessageError extends Error {
  readonly code: OpenError;
  readonly differs: readonly string[] | undefined;
  constructor(code: OpenError, differs?: readonly string[]) {
    super(code);
    this.name = 'MessageError';
    this.code = code;
    this.differs = differs;
  }
}

/** Turns plaintext into a message. */
export function encryption(keyring: KeyringNode, context: EncryptionContext, signed: boolean): Duplex {
  return encryptStream(keyring, {
    suiteId: signed ? SUITE_SIGNED : SUITE,
    frameLength: FRAME_LENGTH,
    encryptionContext: { ...context },
  });
}

/**
 * Turns a message into its plaintext, by its data key. A frame comes out only after it was verified, and the first only
 * after the context was; that the message is whole is known at its end. `differs` names what is wrong in the context.
 */
export function decryption(
  header: Header,
  dataKey: Uint8Array,
  differs: (context: Readonly<Record<string, string>>) => readonly string[],
): Duplex {
  const keyring = new UnwrappedKeyring(dataKey);
  const decrypt = header.suite === SUITE_SIGNED ? decryptStream : decryptUnsignedMessageStream;
  const stream = decrypt(keyring, { maxBodySize: FRAME_LENGTH_MAX });
  // What counts is the header that the SDK has authenticated.
  stream.once('MessageHeader', ({ encryptionContext }: { encryptionContext: Record<string, string> }) => {
    const wrong = differs(encryptionContext);
    if (wrong.length > 0) stream.destroy(new MessageError('context-mismatch', wrong));
  });
  return stream;
}

/** The SDK has no codes: what its messages mean. */
export function openErrorOf(error: unknown): OpenError {
  if (error instanceof MessageError) return error.code;
  const message = error instanceof Error ? error.message : '';
  if (message.startsWith('Incomplete')) return 'message-truncated';
  if (message === 'Invalid Signature') return 'signature-invalid';
  return message === 'maxBodySize exceeded.' ? 'message-too-large' : 'message-damaged';
}

/** Sends all of a source through a stream into a sink; none of them runs ahead of the others. */
export async function pump(
  source: AsyncIterable<Uint8Array>,
  through: Duplex,
  sink: (chunk: Buffer) => Promise<void> | void,
): Promise<void> {
  const over = new AbortController();
  // It may fail again while it is taken down.
  through.on('error', () => undefined);
  const fed = feed(source, through, over.signal);
  fed.catch((error) => through.destroy(error));
  try {
    for await (const chunk of through) {
      const sunk = sink(chunk);
      if (sunk) await sunk;
    }
    await fed;
  } finally {
    over.abort();
    through.destroy();
    await fed.catch(() => undefined);
  }
}

async function feed(source: AsyncIterable<Uint8Array>, through: Duplex, over: AbortSignal): Promise<void> {
  for await (const chunk of source) {
    if (over.aborted || through.destroyed) return;
    if (!through.write(chunk)) await once(through, 'drain', { signal: over });
  }
  through.end();
}
