import { createHash } from 'node:crypto';
import { Readable, type Transform } from 'node:stream';
import { diskErrorOf, no } from '../errors.ts';
import { createPendingFile, type OpenFile } from '../pending-file.ts';
import { type FileState, openPlain, type Plain } from '../plain.ts';
import type { Answer, EncryptError, EncryptionContext, IntakeError, Recipient, Spooled } from '../types.ts';
import { headerBytes, parseHeader } from './header.ts';
import { FRAME_LENGTH } from './limits.ts';
import { type KmsClients, recipientsKeyring, UnreachableError } from './recipients.ts';
import { encryption, pump } from './streams.ts';

export interface SpoolRequest {
  /** A path, or bytes in memory. */
  readonly source: string | Buffer;
  readonly spool: string;
  readonly recipients: readonly Recipient[];
  readonly context: EncryptionContext;
  readonly signed: boolean;
  readonly maxBytes: number;
  /** The file as it was when it was looked into: it must be the same one that is encrypted. */
  readonly seen: FileState;
  /** What is taken out of the file on its way. */
  readonly strip: Transform | null;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
  readonly kmsClients?: KmsClients | undefined;
  readonly openFile?: OpenFile | undefined;
}

type SpoolError = EncryptError | Extract<IntakeError, 'file-unreadable' | 'file-too-large' | 'file-empty'>;

/** Ends a run whose outcome is known. */
class Ended extends Error {
  readonly code: SpoolError;
  constructor(code: SpoolError) {
    super(code);
    this.code = code;
  }
}

/** Encrypts a file to the spool, which is there whole and durable, or not at all. */
export async function spool(request: SpoolRequest): Promise<Answer<Spooled, SpoolError>> {
  const keyring = await recipientsKeyring(request.recipients, request.kmsClients);
  if (!keyring.ok) return keyring;
  const file = await openPlain(request.source);
  if (!file) return no('file-unreadable');
  try {
    const { context, signed } = request;
    return { ok: true, value: await write(request, file, encryption(keyring.value, context, signed)) };
  } catch (error) {
    return no(codeOf(error, request.signal));
  } finally {
    await file.close();
  }
}

function codeOf(error: unknown, signal: AbortSignal): SpoolError {
  if (signal.aborted) return 'cancelled';
  if (error instanceof Ended) return error.code;
  if (error instanceof UnreachableError) return 'recipient-unreachable';
  const disk = diskErrorOf(error);
  if (disk === null) throw error;
  return disk;
}

async function write(request: SpoolRequest, file: Plain, through: ReturnType<typeof encryption>) {
  const [sha256, sha1] = [createHash('sha256'), createHash('sha1')];
  let header: ReturnType<typeof parseHeader> | undefined;
  const pending = await createPendingFile(
    request.spool,
    (block) => {
      sha256.update(block);
      sha1.update(block);
      // A block has room for the longest header.
      header ??= parseHeader(block);
    },
    request.openFile,
  );
  const counted = { plainSize: 0 };
  try {
    await pump(plaintext(request, file, counted), through, (chunk) => pending.write(chunk));
    if (request.signal.aborted) throw new Ended('cancelled');
    await pending.commit(true);
  } catch (error) {
    await pending.discard();
    throw error;
  }
  if (!header?.ok) throw new Error(`Our own header is not in order: ${header?.error.code}`);
  return {
    size: pending.size(),
    plainSize: counted.plainSize,
    sha256: sha256.digest('base64'),
    sha1: sha1.digest('base64'),
    header: headerBytes(header.value).toString('base64'),
    headerLength: header.value.length,
  };
}

/** What is encrypted, a frame at a time: the SDK is fastest when a chunk is a frame. */
async function* plaintext(request: SpoolRequest, file: Plain, counted: { plainSize: number }) {
  const source = fileChunks(request, file);
  for await (const chunk of inFrames(request.strip ? Readable.from(source).compose(request.strip) : source)) {
    counted.plainSize += chunk.length;
    if (counted.plainSize > request.maxBytes) throw new Ended('file-too-large');
    yield chunk;
  }
  if (counted.plainSize === 0) throw new Ended('file-empty');
}

const READ_LENGTH = 16 * FRAME_LENGTH;

async function* fileChunks({ signal, onProgress, maxBytes, seen }: SpoolRequest, file: Plain) {
  let done = 0;
  onProgress(done, seen.size);
  for await (const chunk of readable(file.chunks(READ_LENGTH))) {
    done += chunk.length;
    if (signal.aborted) throw new Ended('cancelled');
    if (done > maxBytes) throw new Ended('file-too-large');
    yield chunk;
    onProgress(done, seen.size);
  }
  if (!(await file.isStill(seen))) throw new Ended('file-unreadable');
}

async function* readable(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  } catch {
    throw new Ended('file-unreadable');
  }
}

/** The same bytes in pieces of a frame's length. */
async function* inFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    let bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    for (; bytes.length >= FRAME_LENGTH; bytes = bytes.subarray(FRAME_LENGTH)) yield bytes.subarray(0, FRAME_LENGTH);
    rest = bytes;
  }
  if (rest.length > 0) yield rest;
}
