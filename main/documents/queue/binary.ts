import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { RawError, RawResult } from '../../fhir/raw.ts';
import type { Addresses } from './addresses.ts';
import { isStored } from './stored.ts';

const CONTENT_TYPE = 'application/vnd.wardlight.encrypted';
/** At 16 KB a second, and a minute for the server to store it. */
const timeFor = (size: number) => 60_000 + size / 16;

export interface BinaryUpload {
  readonly addresses: Addresses;
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** The client chooses the id. */
  readonly named: boolean;
  /** Id of one that may be there already. */
  readonly kept: string | null;
  readonly keep: (id: string) => Promise<void>;
  readonly newId: () => string;
  readonly signal: AbortSignal;
}

/**
 * Sends a file as a FHIR Binary in its own form (R4 binary.html#rest), in one request. After an answer that was lost, one
 * whose id was chosen here is looked at first, and the same id is used again: it is there once. Where the server chooses
 * the id, a lost answer leaves a Binary behind that no record names.
 */
export async function uploadAsBinary(upload: BinaryUpload): Promise<RawResult<{ url: string }>> {
  const { kept, named, newId } = upload;
  const found = await lookFor(upload);
  if (!found.ok) return found;
  if (found.value === 'stored') return { ok: true, value: { url: binaryUrl(kept ?? '') } };
  if (!named) return post(upload);
  // One that has other bytes is left alone: nothing is replaced.
  return put(upload, kept !== null && found.value === 'missing' ? kept : newId());
}

type Found = 'stored' | 'other' | 'missing';

async function lookFor({ addresses, kept, size, sha256, signal }: BinaryUpload): Promise<RawResult<Found>> {
  const place = kept === null ? null : addresses.of(binaryUrl(kept));
  if (!place) return { ok: true, value: 'missing' };
  const stored = await isStored(place, { size, sha256 }, signal);
  if (stored.ok) return { ok: true, value: stored.value ? 'stored' : 'other' };
  return isMissing(stored.error) ? { ok: true, value: 'missing' } : stored;
}

async function put(upload: BinaryUpload, id: string): Promise<RawResult<{ url: string }>> {
  await upload.keep(id);
  const answer = await send(upload, 'PUT', binaryUrl(id), { 'If-None-Match': '*' });
  // It is there already: what it is, is looked at in any case.
  if (answer.ok || answer.error.status === 412) return { ok: true, value: { url: binaryUrl(id) } };
  const { status } = answer.error;
  // It doesn't take ids after all (R4 http.html#upsert).
  return status === 404 || status === 405 ? post(upload) : answer;
}

async function post(upload: BinaryUpload): Promise<RawResult<{ url: string }>> {
  const answer = await send(upload, 'POST', 'Binary', {});
  if (!answer.ok) return answer;
  const location = answer.value.headers.get('location') ?? '';
  const id = /(?:^|\/)Binary\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[^/]+)?$/.exec(location)?.[1];
  if (id === undefined) return { ok: false, error: { code: 'server-answer-invalid', status: null, retryAfter: null } };
  await upload.keep(id);
  return { ok: true, value: { url: binaryUrl(id) } };
}

async function send(
  { addresses, path, size, signal }: BinaryUpload,
  method: string,
  url: string,
  headers: Record<string, string>,
): Promise<RawResult<Response>> {
  const answer = await addresses.fhir.ask(url, {
    method,
    headers: { ...headers, 'Content-Type': CONTENT_TYPE, Accept: 'application/fhir+json', Prefer: 'return=minimal' },
    body: () => Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>,
    timeoutMs: timeFor(size),
    signal,
  });
  if (answer.ok) await answer.value.body?.cancel().catch(() => undefined);
  return answer;
}

function binaryUrl(id: string): string {
  return `Binary/${id}`;
}

function isMissing({ status }: RawError): boolean {
  return status === 404 || status === 410;
}
