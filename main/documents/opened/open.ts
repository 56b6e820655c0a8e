import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { diskErrorOf, no } from '../errors.ts';
import { openToRead, readAt, readFrom } from '../files.ts';
import { contextDiffers } from '../format/context.ts';
import { type Header, parseHeader, proveHeader, sameMessage } from '../format/header.ts';
import { FRAME_OVERHEAD, HEADER_LENGTH_MAX, SUITE_SIGNED } from '../format/limits.ts';
import { decryption, MessageError, openErrorOf, pump } from '../format/streams.ts';
import { unwrapDataKey } from '../format/wrapping.ts';
import type { OpenFile } from '../pending-file.ts';
import type { Answer, DocumentsProcess, Excess, Inspected, Intake, OpenError } from '../types.ts';
import { createSealedFile, type SealedFile, type SealedWriter } from './sealed-file.ts';

export interface OpenRequest extends Omit<Parameters<DocumentsProcess['open']>[0], 'task' | 'keys'> {
  /** JWK. */
  readonly keys: readonly JsonWebKey[];
}

export interface OpenOptions {
  readonly intake: Pick<Intake, 'kindOf' | 'excessOf'>;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
  readonly openFile?: OpenFile | undefined;
}

export interface OpenedFile {
  readonly file: SealedFile;
  readonly inspected: Inspected;
}

/** Decrypts a message to a sealed file, which is there when all of the message was verified, or not at all. */
export async function openMessage(request: OpenRequest, options: OpenOptions): Promise<Answer<OpenedFile, OpenError>> {
  const file = await openToRead(request.ciphertext);
  if (!file) return no('store-failed');
  try {
    return { ok: true, value: await decryptAll(request, options, file) };
  } catch (error) {
    if (options.signal.aborted) return no('cancelled');
    const disk = diskErrorOf(error);
    if (disk !== null) return no(disk);
    return (await isAsStored(request, options, file))
      ? no(openErrorOf(error), error instanceof MessageError ? error.differs : undefined)
      : no('ciphertext-hash');
  } finally {
    await file.close();
  }
}

/** Whether the ciphertext is what its document says it is: else the fault lies in how it came here. */
async function isAsStored({ envelope }: OpenRequest, { signal }: OpenOptions, file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size !== envelope.size) return true;
  const hash = createHash('sha256');
  for await (const chunk of readFrom(file, 0, READ_LENGTH)) {
    if (signal.aborted) break;
    hash.update(chunk);
  }
  return hash.digest('base64') === envelope.sha256;
}

/** Throws a MessageError, or what the SDK or the file system throws. */
async function decryptAll(request: OpenRequest, options: OpenOptions, file: FileHandle): Promise<OpenedFile> {
  const { size } = await file.stat();
  const { envelope, expected, temporary } = request;
  if (size !== envelope.size) throw new MessageError('ciphertext-length');
  const own = await ownHeader(file, size, envelope.headerLength);
  const dataKey = dataKeyFor(own, request);
  const hash = createHash('sha256').update(own.bytes);
  const first: Buffer[] = [];
  const writer = await createSealedFile(temporary, createSecretKey(randomBytes(32)), options.openFile);
  try {
    const source = messageChunks(own, file, options, size, hash);
    const differs = (context: Header['context']) => contextDiffers(expected, context);
    await pump(source, decryption(own.header, dataKey, differs), (chunk) => {
      if (writer.size() < FIRST_LENGTH) first.push(chunk);
      if (writer.size() + chunk.length > request.limits.maxBytes) throw new MessageError('message-too-large');
      return writer.write(chunk);
    });
    if (options.signal.aborted) throw new MessageError('cancelled');
    if (hash.digest('base64') !== envelope.sha256) throw new MessageError('ciphertext-hash');
    if (!endsWithMessage(own.header, size, writer.size())) throw new MessageError('ciphertext-length');
    return await named(writer, request, options.intake, Buffer.concat(first).subarray(0, FIRST_LENGTH));
  } catch (error) {
    await writer.discard();
    throw error;
  } finally {
    dataKey.fill(0);
  }
}

/** By how much of a file its kind is told. */
const FIRST_LENGTH = 65_536;

/** What was not looked at when it was attached, by nobody or by an older program, is looked at before anything draws it. */
async function named(
  writer: SealedWriter,
  { envelope, limits }: OpenRequest,
  { kindOf, excessOf }: OpenOptions['intake'],
  first: Buffer,
): Promise<OpenedFile> {
  const inspected = await kindOf(first);
  if (inspected.kind !== envelope.kind) throw new MessageError('content-type-mismatch');
  const file = await writer.commit();
  try {
    const excess = await excessOf({ size: file.size, bytes: file.read }, inspected, limits);
    if (excess && EXCESSES[excess]) throw new MessageError(EXCESSES[excess]);
    return { file, inspected };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** What there is of a damaged document is shown. */
const EXCESSES: Readonly<Record<Excess, OpenError | null>> = {
  'too-many-pixels': 'content-too-many-pixels',
  bomb: 'content-bomb',
  'not-there': null,
};

interface OwnHeader {
  readonly header: Header;
  readonly bytes: Buffer;
}

/** The header that the stored message begins with. Its length is told beforehand, so no more than that is read. */
async function ownHeader(file: FileHandle, size: number, length: number): Promise<OwnHeader> {
  if (!(length > 0 && length <= HEADER_LENGTH_MAX)) throw new MessageError('message-header-invalid');
  if (size < length) throw new MessageError('message-truncated');
  const bytes = await readAt(file, 0, length);
  return { header: parsed(bytes), bytes };
}

/** The header that is these bytes, no fewer and no more. */
function parsed(bytes: Uint8Array): Header {
  const header = parseHeader(bytes);
  if (header.ok && header.value.length === bytes.length) return header.value;
  const other = header.ok || header.error.code === 'message-truncated';
  throw new MessageError(other ? 'message-header-invalid' : header.error.code);
}

/** The data key, once all is proved that is said of the message: for whom it is, and in which context it was made. */
function dataKeyFor({ header: own, bytes }: OwnHeader, { envelope, expected, granted, keys }: OpenRequest): Buffer {
  const newestBytes = Buffer.from(envelope.header, 'base64');
  const newest = newestBytes.equals(bytes) ? own : parsed(newestBytes);
  const differs = contextDiffers(expected, own.context);
  if (differs.length > 0) throw new MessageError('context-mismatch', differs);
  if (!sameMessage(own, newest)) throw new MessageError('message-header-invalid');
  const unwrapped = unwrapDataKey(newest, granted, keys);
  if (!unwrapped.ok) throw new MessageError(unwrapped.error.code);
  const proofs = [proveHeader(own, unwrapped.value), proveHeader(newest, unwrapped.value)] as const;
  if (proofs[0] === 'original' && (newest === own || proofs[1] === 'rewrapped')) return unwrapped.value;
  throw new MessageError('message-header-invalid');
}

/** Larger pieces cost memory until they are collected, and gain nothing. */
const READ_LENGTH = 256 * 1024;

/** The stored message: its header, then whole frames, for which the SDK is fastest. */
async function* messageChunks(
  { header, bytes }: OwnHeader,
  file: FileHandle,
  { signal, onProgress }: OpenOptions,
  total: number,
  hash: { update(chunk: Uint8Array): unknown },
) {
  yield bytes;
  const frame = header.frameLength + FRAME_OVERHEAD;
  let done = bytes.length;
  for await (const chunk of readFrom(file, bytes.length, Math.max(1, Math.floor(READ_LENGTH / frame)) * frame)) {
    if (signal.aborted) throw new MessageError('cancelled');
    hash.update(chunk);
    for (let at = 0; at < chunk.length; at += frame) yield chunk.subarray(at, at + frame);
    done += chunk.length;
    onProgress(done, total);
  }
}

/** Sequence number's end mark, sequence number, initialisation vector, content length, tag: around the last frame. */
const LAST_FRAME_OVERHEAD = 4 + 4 + 12 + 4 + 16;

/**
 * Whether the message has the length that follows from its content. The SDK takes no notice of what comes after an
 * unsigned message; of a signed one it must be the signature.
 */
function endsWithMessage({ suite, length, frameLength }: Header, size: number, plainSize: number): boolean {
  if (suite === SUITE_SIGNED) return true;
  const whole = Math.floor(plainSize / frameLength);
  // The last frame may be empty, or full.
  return [whole, whole - 1].some((frames) => {
    const last = plainSize - frames * frameLength;
    const total = length + frames * (frameLength + FRAME_OVERHEAD) + LAST_FRAME_OVERHEAD + last;
    return frames >= 0 && last <= frameLength && size === total;
  });
}
