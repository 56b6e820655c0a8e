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

/**
 * Sends all of a source through a stream into a sink; none of them runs ahead of the others. Where one fails, the stream
 * is led to its end: one of the SDK that is taken down while it encrypts takes the process with it.
 */
export async function pump(
  source: AsyncIterable<Uint8Array>,
  through: Duplex,
  sink: (chunk: Buffer) => Promise<void> | undefined,
): Promise<void> {
  const failures: unknown[] = [];
  const over = new AbortController();
  function fail(error: unknown): void {
    failures.push(error);
    over.abort();
  }
  // It may fail more than once.
  through.on('error', () => undefined);
  const fed = feed(source, through, over.signal).catch(fail);
  try {
    for await (const chunk of through) {
      if (failures.length === 0) await settled(() => sink(chunk), fail);
    }
  } catch (error) {
    fail(error);
  }
  over.abort();
  await fed;
  if (failures.length > 0) throw failures[0];
}

async function settled(work: () => Promise<void> | undefined, fail: (error: unknown) => void): Promise<void> {
  try {
    await work();
  } catch (error) {
    fail(error);
  }
}

async function feed(source: AsyncIterable<Uint8Array>, through: Duplex, over: AbortSignal): Promise<void> {
  try {
    for await (const chunk of source) {
      if (over.aborted) return;
      if (!through.write(chunk)) await once(through, 'drain', { signal: over });
    }
  } finally {
    through.end();
  }
}
