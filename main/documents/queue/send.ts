import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { TransferFailure } from '../../../preload/contract/documents.ts';
import type { Cache } from '../../cache/client.ts';
import type { StoredTransfer } from '../../cache/transfer.ts';
import type { RawError, RawResult } from '../../fhir/raw.ts';
import type { Addresses, Intake } from './addresses.ts';
import { uploadAsBinary } from './binary.ts';
import { isStored } from './stored.ts';
import { uploadByTus } from './tus.ts';

export type Outcome =
  | { readonly kind: 'stored'; readonly patients: readonly string[] }
  | { readonly kind: 'failed'; readonly code: TransferFailure }
  /** The network or the server's state: not this file's fault. */
  | { readonly kind: 'stopped'; readonly error: RawError };

export interface Sending {
  readonly outbox: Pick<Cache['outbox'], 'noteTransfer' | 'confirmTransfer'>;
  readonly addresses: Addresses;
  readonly intake: Intake;
  readonly newId: () => string;
  readonly chunk: number;
  readonly binaryMax: number;
  /** Makes an attempt again where it failed in passing; one that got on doesn't count. */
  readonly steadily: <Value>(
    attempt: () => Promise<RawResult<Value>>,
    signal: AbortSignal,
    progress: () => number,
  ) => Promise<RawResult<Value>>;
  readonly onProgress: (phase: 'uploading' | 'verifying', done: number) => void;
}

const MISMATCHES_MAX = 2;

/** Uploads one file, looks at what the server has of it, and lets its record go. */
export async function sendFile(
  sending: Sending,
  transfer: StoredTransfer,
  path: string,
  signal: AbortSignal,
): Promise<Outcome> {
  let { mismatches, tus, binary } = transfer;
  const note = async (change: Parameters<Sending['outbox']['noteTransfer']>[0]['note']) => {
    await sending.outbox.noteTransfer({ id: transfer.id, note: change });
  };
  for (;;) {
    const problem = await problemOf(path, transfer.size);
    if (problem) return { kind: 'failed', code: problem };
    const current = { ...transfer, tus, binary };
    const uploaded = await upload(sending, current, path, signal, {
      async tus(value) {
        tus = value;
        await note({ tus: value });
      },
      async binary(value) {
        binary = value;
        await note({ binary: value });
      },
    });
    if (!uploaded.ok) return refusal(uploaded.error);
    const { url } = uploaded.value;
    const stored = await verify(sending, transfer, url, signal);
    if (!stored.ok) return refusal(stored.error);
    if (stored.value) {
      const touched = await sending.outbox.confirmTransfer({ id: transfer.id, url });
      return { kind: 'stored', patients: touched?.patients ?? [] };
    }
    mismatches += 1;
    tus = null;
    binary = null;
    await note({ mismatches, tus, binary, done: 0 });
    if (!(await isIntact(path, transfer.sha256))) return { kind: 'failed', code: 'spool-damaged' };
    if (mismatches >= MISMATCHES_MAX) return { kind: 'failed', code: 'stored-differs' };
  }
}

interface Keep {
  readonly tus: (upload: string | null) => Promise<void>;
  readonly binary: (id: string) => Promise<void>;
}

async function upload(
  sending: Sending,
  transfer: StoredTransfer,
  path: string,
  signal: AbortSignal,
  keep: Keep,
): Promise<RawResult<{ url: string }>> {
  const { intake, addresses, newId, chunk, steadily, onProgress } = sending;
  const { id, size, sha256 } = transfer;
  const endpoint = intake.tus;
  let done = 0;
  let { tus, binary } = transfer;
  const tell = (bytes: number) => {
    done = bytes;
    onProgress('uploading', bytes);
  };
  onProgress('uploading', transfer.done);
  if (endpoint) {
    const keepTus = async (value: string | null) => {
      tus = value;
      await keep.tus(value);
    };
    const attempt = () =>
      uploadByTus({ endpoint, id, path, size, chunk, kept: tus, keep: keepTus, onProgress: tell, signal });
    return steadily(attempt, signal, () => done);
  }
  if (size > sending.binaryMax) return { ok: false, error: { code: 'rejected', status: 413, retryAfter: null } };
  const keepBinary = async (value: string) => {
    binary = value;
    await keep.binary(value);
  };
  const attempt = () =>
    uploadAsBinary({
      ...{ addresses, path, size, sha256, newId, signal },
      named: intake.namedBinaries,
      kept: binary,
      keep: keepBinary,
    });
  return steadily(attempt, signal, () => done);
}

async function verify(
  { addresses, steadily, onProgress }: Sending,
  transfer: StoredTransfer,
  url: string,
  signal: AbortSignal,
): Promise<RawResult<boolean>> {
  const place = addresses.of(url);
  if (!place) return { ok: true, value: false };
  onProgress('verifying', 0);
  const attempt = () => isStored(place, transfer, signal, (done) => onProgress('verifying', done));
  const stored = await steadily(attempt, signal, () => 0);
  // What was just stored and is gone is not what was sent.
  if (!stored.ok && (stored.error.status === 404 || stored.error.status === 410)) return { ok: true, value: false };
  return stored;
}

/** What a failed request means: an end of the run, or of this file alone. */
function refusal(error: RawError): Outcome {
  const { code, status } = error;
  if (status === 413) return { kind: 'failed', code: 'too-large-for-server' };
  if (status === 507) return { kind: 'failed', code: 'server-full' };
  if (code === 'forbidden') return { kind: 'failed', code: 'forbidden' };
  if (['rejected', 'conflict', 'not-found', 'gone', 'server-answer-invalid'].includes(code)) {
    return { kind: 'failed', code: 'rejected' };
  }
  return { kind: 'stopped', error };
}

async function problemOf(path: string, size: number): Promise<TransferFailure | null> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) return 'spool-missing';
  return found.size === size ? null : 'spool-damaged';
}

async function isIntact(path: string, sha256: string): Promise<boolean> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('base64') === sha256;
}
