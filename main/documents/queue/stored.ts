import { createHash } from 'node:crypto';
import type { RawError } from '../../fhir/raw.ts';
import type { Place } from './addresses.ts';

export interface Reading {
  readonly place: Place;
  /** Bytes of the whole file. */
  readonly size: number;
  /** Where to begin. */
  readonly from?: number;
  readonly signal: AbortSignal;
  /** Takes what comes, in order; waited for. */
  readonly take: (chunk: Uint8Array) => void | Promise<void>;
  /** The server sends all of it although a part was asked for: what was taken before is to be forgotten. */
  readonly restart?: () => void | Promise<void>;
}

export type ReadFailure = RawError | { readonly code: 'longer' | 'shorter' };

/**
 * Reads a stored file as a stream, and never more of it than it is long. Null: all of it came. What fails on this side
 * is thrown.
 */
export async function readStored(reading: Reading): Promise<ReadFailure | null> {
  const { place, size, from = 0, signal } = reading;
  const headers = {
    // Anything but FHIR's own types: the bytes as they are (R4 binary.html#rest). Encoded, a range would be of something else.
    Accept: 'application/vnd.wardlight.encrypted, application/octet-stream',
    'Accept-Encoding': 'identity',
    ...(from > 0 && { Range: `bytes=${from}-` }),
  };
  const answer = await place.client.ask(place.url, { headers, signal });
  if (!answer.ok) return answer.error;
  const response = answer.value;
  const start = startOf(response, from);
  if (start === null || /\bjson\b/.test(response.headers.get('content-type') ?? '')) {
    await response.body?.cancel().catch(() => undefined);
    return { code: 'server-answer-invalid', status: null, retryAfter: null };
  }
  if (start !== from) await reading.restart?.();
  return readBody(response, size - start, reading);
}

/** Where the answer begins; null where it is another part than the one that was asked for (RFC 9110, section 14.4). */
function startOf(response: Response, from: number): number | null {
  if (response.status !== 206) return 0;
  const told = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  return told !== undefined && Number(told) === from ? from : null;
}

async function readBody(
  response: Response,
  expected: number,
  { place, signal, take }: Reading,
): Promise<ReadFailure | null> {
  const reader = response.body?.getReader();
  let left = expected;
  try {
    for (;;) {
      const chunk = reader ? await place.client.inTime(reader.read(), signal) : { done: true as const };
      if (chunk === null || signal.aborted) {
        return { code: signal.aborted ? 'cancelled' : 'server-unreachable', status: null, retryAfter: null };
      }
      if (chunk.done) return left === 0 ? null : { code: 'shorter' };
      left -= chunk.value.length;
      if (left < 0) return { code: 'longer' };
      await take(chunk.value);
    }
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
}

/** Whether the server has these bytes. */
export async function isStored(
  place: Place,
  { size, sha256 }: { size: number; sha256: string },
  signal: AbortSignal,
  onProgress: (done: number) => void = () => undefined,
): Promise<{ ok: true; value: boolean } | { ok: false; error: RawError }> {
  const hash = createHash('sha256');
  let done = 0;
  const failure = await readStored({
    place,
    size,
    signal,
    take(chunk) {
      hash.update(chunk);
      done += chunk.length;
      onProgress(done);
    },
  });
  if (failure && 'status' in failure) return { ok: false, error: failure };
  return { ok: true, value: failure === null && hash.digest('base64') === sha256 };
}
