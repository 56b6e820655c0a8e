import { open } from 'node:fs/promises';
import { DetailedError, type HttpRequest, type HttpResponse, type PreviousUpload, Upload } from 'tus-js-client';
import type { RawClient, RawError, RawResult } from '../../fhir/raw.ts';
import type { Place } from './addresses.ts';

/** What is sent at once, and at most sent again after a death. */
export const CHUNK = 8 * 1024 * 1024;
/** A chunk at 16 KB a second, which is what is left of a bad network. */
const CHUNK_MS = 10 * 60_000;

export interface TusUpload {
  readonly endpoint: Place;
  /** By which an upload is known again. */
  readonly id: string;
  readonly path: string;
  readonly size: number;
  readonly chunk: number;
  /** The upload that is gone on with, as it was kept. */
  readonly kept: string | null;
  readonly keep: (upload: string | null) => Promise<void>;
  readonly onProgress: (done: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Sends a file of known length by tus 1.0, from where the server has it. An upload that the server has forgotten begins
 * anew; all else that fails is for the caller to repeat. Answers the upload's address.
 *
 * @throws what `keep` throws, and what reading the file does.
 */
export async function uploadByTus(options: TusUpload): Promise<RawResult<{ url: string }>> {
  const { endpoint, id, size, chunk, signal, onProgress } = options;
  const file = await open(options.path, 'r');
  const broken: { error: unknown }[] = [];
  let upload: Upload | null = null;
  /** The library expects these not to fail. */
  const ownWork = async <Value>(work: () => Promise<Value>): Promise<Value | undefined> => {
    try {
      return await work();
    } catch (error) {
      broken.push({ error });
      end({ ok: false, error: failure('cancelled') });
      return undefined;
    }
  };
  let end: (result: RawResult<{ url: string }>) => void = () => undefined;
  const ended = new Promise<RawResult<{ url: string }>>((resolve) => {
    end = (result) => {
      resolve(result);
      void upload?.abort();
    };
  });
  const abort = () => end({ ok: false, error: failure('cancelled') });
  signal.addEventListener('abort', abort, { once: true });
  try {
    upload = new Upload(Buffer.alloc(0), {
      endpoint: endpoint.url,
      chunkSize: chunk,
      uploadSize: size,
      // Waiting and repeating are the caller's.
      retryDelays: null,
      fingerprint: async () => id,
      fileReader: { openFile: async () => sourceOf(file, size, ownWork) },
      urlStorage: storageOf(options, ownWork),
      httpStack: { getName: () => 'wardlight', createRequest: requests(endpoint.client, size, signal) },
      onProgress,
      onSuccess: () => end({ ok: true, value: { url: upload?.url ?? '' } }),
      onError: (error) => end({ ok: false, error: errorOf(error) }),
    });
    const [previous] = await upload.findPreviousUploads();
    if (previous) upload.resumeFromPreviousUpload(previous);
    if (signal.aborted) abort();
    else upload.start();
    const result = await ended;
    if (broken[0]) throw broken[0].error;
    return result;
  } finally {
    signal.removeEventListener('abort', abort);
    await file.close();
  }
}

type OwnWork = <Value>(work: () => Promise<Value>) => Promise<Value | undefined>;

/** Reads a chunk at a time. */
function sourceOf(file: Awaited<ReturnType<typeof open>>, size: number, ownWork: OwnWork) {
  return {
    size,
    close: () => undefined,
    async slice(start: number, end: number) {
      const length = Math.max(0, Math.min(end, size) - start);
      const bytes = await ownWork(async () => {
        const buffer = Buffer.alloc(length);
        const { bytesRead } = await file.read(buffer, 0, length, start);
        return buffer.subarray(0, bytesRead);
      });
      const value = bytes ?? Buffer.alloc(0);
      // The library asks how long it is by this name.
      return { value: Object.assign(value, { size: value.length }), done: end >= size };
    },
  };
}

/** The library's memory of one upload. */
function storageOf({ id, kept, keep, endpoint }: TusUpload, ownWork: OwnWork) {
  const previous = kept === null ? null : (JSON.parse(kept) as PreviousUpload);
  // Another endpoint by now: what was begun elsewhere can't be gone on with.
  const known =
    previous?.uploadUrl && endpoint.client.within(previous.uploadUrl) ? [{ ...previous, urlStorageKey: id }] : [];
  return {
    findAllUploads: async () => known,
    findUploadsByFingerprint: async () => known,
    async removeUpload() {
      await ownWork(() => keep(null));
    },
    async addUpload(_fingerprint: string, upload: PreviousUpload) {
      await ownWork(() => keep(JSON.stringify(upload)));
      return id;
    },
  };
}

/** Passes through the library, which knows nothing of it. */
class RequestFailure extends Error {
  readonly failure: RawError;
  constructor(error: RawError) {
    super(error.code);
    this.failure = error;
  }
}

function failure(code: RawError['code']): RawError {
  return { code, status: null, retryAfter: null };
}

const moved = { code: 'conflict', status: 409 } as const;

function errorOf(error: Error | DetailedError): RawError {
  const cause = error instanceof DetailedError ? error.causingError : error;
  return cause instanceof RequestFailure ? cause.failure : failure('server-answer-invalid');
}

/** The library's requests over the client that everything else goes through: its network stack, and its rules for tokens. */
function requests(client: RawClient, size: number, signal: AbortSignal) {
  return (method: string, url: string): HttpRequest => {
    const headers = new Map<string, string>();
    const own = new AbortController();
    return {
      getMethod: () => method,
      getURL: () => url,
      setHeader: (name, value) => void headers.set(name, value),
      getHeader: (name) => headers.get(name),
      setProgressHandler: () => undefined,
      async send(body: Uint8Array | null) {
        const answer = await client.ask(url, {
          method,
          headers: Object.fromEntries(headers),
          ...(body && { body, timeoutMs: CHUNK_MS }),
          signal: AbortSignal.any([signal, own.signal]),
        });
        if (!answer.ok) {
          const { status } = answer.error;
          if (method === 'HEAD' && (status === 404 || status === 410)) return answered(status);
          // Gone in its middle: the next attempt asks what is left, and begins anew.
          throw new RequestFailure(status === 404 || status === 410 ? { ...answer.error, ...moved } : answer.error);
        }
        await answer.value.body?.cancel().catch(() => undefined);
        return checked(method, Number(headers.get('Upload-Offset')), body?.length ?? 0, size, answer.value);
      },
      abort: async () => own.abort(),
      getUnderlyingObject: () => null,
    };
  };
}

/** What the server says of an upload has to be about this one, and has to get on: else it would never end. */
function checked(method: string, sent: number, length: number, size: number, response: Response): HttpResponse {
  const told = (name: string) => Number.parseInt(response.headers.get(name) ?? '', 10);
  const offset = told('Upload-Offset');
  // Not this file's any longer: it begins anew.
  if (method === 'HEAD' && (told('Upload-Length') !== size || !(offset >= 0 && offset <= size))) return answered(410);
  if (method === 'PATCH' && !(offset > sent && offset <= sent + length)) {
    throw new RequestFailure(failure('server-answer-invalid'));
  }
  return answered(response.status, response.headers);
}

function answered(status: number, headers?: Headers): HttpResponse {
  return {
    getStatus: () => status,
    getHeader: (name) => headers?.get(name) ?? undefined,
    getBody: () => '',
    getUnderlyingObject: () => null,
  };
}
