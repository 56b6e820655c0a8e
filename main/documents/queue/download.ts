import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { storeErrorOf } from '../../cache/store-error.ts';
import type { RawError, RawResult } from '../../fhir/raw.ts';
import type { Answer } from '../types.ts';
import type { Addresses, Place } from './addresses.ts';
import { createSteadily, type Waiting } from './steadily.ts';
import { type ReadFailure, readStored } from './stored.ts';

export type DownloadError =
  /** There is no network, or the server can't be reached. */
  | 'not-downloaded'
  | 'download-failed'
  | 'ciphertext-length'
  | 'ciphertext-hash'
  | 'cancelled'
  | 'disk-full'
  | 'store-failed';

/** Where a record says that its file is, and what it is known by. */
export interface Wanted {
  readonly url: string;
  readonly size: number;
  /** Base64. */
  readonly sha256: string;
}

export interface Downloads {
  /** The file of a ciphertext, fetched where it isn't here: from where an earlier download was cut off. */
  fetchCiphertext(
    wanted: Wanted,
    signal: AbortSignal,
    onProgress?: (done: number) => void,
  ): Promise<Answer<string, DownloadError>>;
  /** The file, where it is here whole. */
  find(wanted: Pick<Wanted, 'size' | 'sha256'>): Promise<string | null>;
  /** Throws one away, which turned out to be damaged: it is fetched again when it is asked for. */
  forget(wanted: Pick<Wanted, 'sha256'>): Promise<void>;
  /** Throws away what nobody has asked for since a time (milliseconds). */
  sweep(before: number): Promise<void>;
}

export interface DownloadsOptions extends Waiting {
  readonly folder: string;
  readonly addresses: Addresses;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Ciphertexts that were downloaded to be read, named by their hash: another version of a file is another file. */
export function createDownloads({ folder, addresses, ...waiting }: DownloadsOptions): Downloads {
  const steadily = createSteadily(waiting);
  const under = new Map<string, Promise<unknown>>();
  const pathOf = ({ sha256 }: Pick<Wanted, 'sha256'>) => join(folder, Buffer.from(sha256, 'base64').toString('hex'));

  async function find(wanted: Pick<Wanted, 'size' | 'sha256'>): Promise<string | null> {
    const found = await stat(pathOf(wanted)).catch(() => null);
    return found?.isFile() && found.size === wanted.size ? pathOf(wanted) : null;
  }

  async function download(wanted: Wanted, signal: AbortSignal, onProgress: (done: number) => void) {
    const here = await find(wanted);
    if (here !== null) {
      // By it the sweep knows what was asked for lately.
      const now = new Date(waiting.now());
      await utimes(here, now, now);
      return done(here);
    }
    const place = addresses.of(wanted.url);
    if (!place) return failed('download-failed');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = pathOf(wanted);
    const part = `${path}.part`;
    let bytes = 0;
    const fetched = await steadily(
      async (): Promise<RawResult<null>> => {
        const failure = await fetchTo(part, place, wanted, signal, onProgress);
        bytes = (await stat(part)).size;
        if (failure && !('status' in failure)) throw new Wrong(failure.code);
        return failure ? { ok: false, error: failure } : { ok: true, value: null };
      },
      signal,
      () => bytes,
    );
    if (!fetched.ok) return failed(codeOf(fetched.error));
    await rename(part, path);
    return done(path);
  }

  /** What has the wrong bytes is thrown away; where it was gone on with, it is fetched once more from its beginning. */
  async function whole(wanted: Wanted, signal: AbortSignal, onProgress: (done: number) => void) {
    const part = `${pathOf(wanted)}.part`;
    for (;;) {
      const begun = ((await stat(part).catch(() => null))?.size ?? 0) > 0;
      try {
        return await download(wanted, signal, onProgress);
      } catch (error) {
        await rm(part, { force: true });
        if (!(error instanceof Wrong))
          return failed(storeErrorOf(error) === 'disk-full' ? 'disk-full' : 'store-failed');
        if (!begun) return failed(error.is === 'hash' ? 'ciphertext-hash' : 'ciphertext-length');
      }
    }
  }

  return {
    find,
    async fetchCiphertext(wanted, signal, onProgress = () => undefined) {
      const key = pathOf(wanted);
      // One that is under way is waited for: two would write to one file.
      while (under.has(key)) await under.get(key);
      const work = whole(wanted, signal, onProgress);
      under.set(key, work);
      try {
        return await work;
      } finally {
        under.delete(key);
      }
    },
    forget: (wanted) => rm(pathOf(wanted), { force: true }),
    async sweep(before) {
      for (const name of await readdir(folder).catch(() => [])) {
        const found = await stat(join(folder, name)).catch(() => null);
        if (found && found.mtimeMs < before) await rm(join(folder, name), { force: true });
      }
    },
  };
}

/** The server has other bytes than the record says. */
class Wrong extends Error {
  readonly is: 'longer' | 'shorter' | 'hash';
  constructor(is: Wrong['is']) {
    super(is);
    this.is = is;
  }
}

async function fetchTo(
  path: string,
  place: Place,
  { size, sha256 }: Wanted,
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<ReadFailure | { readonly code: 'hash' } | null> {
  const begun = await beginningOf(path, size);
  let { hash, length } = begun;
  const file = await open(path, length > 0 ? 'r+' : 'w', 0o600);
  try {
    const failure = await readStored({
      ...{ place, size, signal },
      from: length,
      async restart() {
        hash = createHash('sha256');
        length = 0;
        await file.truncate(0);
      },
      async take(chunk) {
        await writeAll(file, chunk, length);
        hash.update(chunk);
        length += chunk.length;
        onProgress(length);
      },
    });
    if (failure) return failure;
    return hash.digest('base64') === sha256 ? null : { code: 'hash' };
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    at += (await file.write(chunk, at, chunk.length - at, position + at)).bytesWritten;
  }
}

/** What is there of an earlier download. */
async function beginningOf(path: string, size: number): Promise<{ hash: Hash; length: number }> {
  const hash = createHash('sha256');
  const length = (await stat(path).catch(() => null))?.size ?? 0;
  if (length === 0 || length >= size) return { hash, length: 0 };
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  return { hash, length };
}

function codeOf({ code, status }: RawError): DownloadError {
  if (code === 'cancelled') return 'cancelled';
  return status === null && code !== 'server-answer-invalid' ? 'not-downloaded' : 'download-failed';
}

function done(path: string): Answer<string, DownloadError> {
  return { ok: true, value: path };
}

function failed(code: DownloadError): Answer<string, DownloadError> {
  return { ok: false, error: { code } };
}
