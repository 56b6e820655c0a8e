import { join } from 'node:path';
import type { CapabilityStatement } from 'fhir/r4';
import type { Result } from '../../../preload/contract/channel.ts';
import type { Transfer } from '../../../preload/contract/documents.ts';
import type { Cache } from '../../cache/client.ts';
import type { AddError } from '../../cache/operations.ts';
import type { StoredTransfer } from '../../cache/transfer.ts';
import type { RawError } from '../../fhir/raw.ts';
import type { Spooled } from '../types.ts';
import type { Addresses } from './addresses.ts';
import { createClearing } from './clearing.ts';
import { type Outcome, sendFile } from './send.ts';
import { createSteadily, type Waiting } from './steadily.ts';
import { CHUNK } from './tus.ts';

/** A file whose ciphertext lies in the spool, whole and durable. */
export interface NewFile {
  /** Id under which its DocumentReference is made; the ciphertext is at `spoolPath` of it. */
  readonly documentId: string;
  readonly patientId: string;
  readonly title: string;
  /** `Practitioner/<id>`. */
  readonly author: string;
  /** Workstation time, ISO instant. */
  readonly changedAt: string;
  /** The DocumentReference (`newDocument`). */
  readonly record: string;
  /** The Provenance of that record, which is sent after it. */
  readonly provenance?: string;
  readonly spooled: Pick<Spooled, 'size' | 'sha256'>;
}

/** `retryAfter`: seconds that the server asks to wait. */
export type QueueResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: Pick<RawError, 'code' | 'retryAfter'> };

/** The ciphertexts of one profile on their way to the server (docs/architecture.md, "Sending files"). */
export interface DocumentQueue {
  /**
   * Clears away what a death has left. To be called once after an unlock, before the first file is spooled. `outboxAside`:
   * ciphertexts that no transfer names are put aside, as they may belong to an outbox that was.
   */
  open(options: { outboxAside: boolean }): Promise<void>;
  /** Where the ciphertext of a document is to be spooled. */
  spoolPath(documentId: string): string;
  /** Makes file and record durable, and shows the record: from then on the file waits. */
  add(file: NewFile): Promise<Result<{ changeId: string }, AddError>>;
  /** Those that are on their way, by their places. */
  list(): Promise<Transfer[]>;
  pause(id: string): Promise<Result<null, 'not-found'>>;
  /** Goes on with what was paused, and tries again what has failed; the next run takes it. */
  resume(id: string): Promise<Result<null, 'not-found'>>;
  /** Gives up a file with its record, until the record is being sent. */
  cancel(id: string): Promise<Result<{ patients: readonly string[] }, 'not-found' | 'too-late'>>;
  move(id: string, place: number): Promise<Result<null, 'not-found'>>;
  /**
   * Uploads what waits, in order. To be called by a run of sync before it sends changes, so that the records go with the
   * same run. A file that fails is put aside and the others go on; what isn't the file's fault ends the run.
   */
  run(statement: CapabilityStatement | null, signal: AbortSignal): Promise<QueueResult>;
  /** Removes from the spool what the server has with its record: to be called after changes were sent. */
  tidy(): Promise<void>;
  /** The ciphertext of a document that isn't sent yet, by its local or the server's id; null where it isn't here. */
  spoolOf(documentId: string): Promise<string | null>;
}

export interface DocumentQueueOptions extends Waiting {
  readonly outbox: Pick<
    Cache['outbox'],
    | 'addTransfer'
    | 'transfers'
    | 'noteTransfer'
    | 'moveTransfer'
    | 'confirmTransfer'
    | 'cancelTransfer'
    | 'dropTransfer'
  >;
  readonly addresses: Addresses;
  readonly spoolFolder: string;
  readonly newId: () => string;
  /** Bytes that are sent at once by tus. */
  readonly chunk?: number;
  /** Largest file that is sent in one request, which is held in memory by the network stack. */
  readonly binaryMax?: number;
  /** Records that a file leaves, before its first byte does; false: that can't be done, and it stays. */
  readonly announce?: (transfer: Pick<StoredTransfer, 'patientId' | 'documentId'>) => Promise<boolean>;
  /** The transfers are other ones, or further. */
  readonly onState?: (items: Transfer[]) => void;
  /** Patients whose records in the cache are other ones now. */
  readonly onChanged?: (patients: readonly string[]) => void;
}

const BINARY_MAX = 256 * 1024 * 1024;
/** Failures of the server in a row after which it is left alone. */
const FAILURES_MAX = 3;

/** A transfer that is under way. */
interface Active {
  readonly id: string;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
  phase: 'uploading' | 'verifying';
  done: number;
  /** Bytes at which it was told last. */
  told: number;
}

export function createDocumentQueue(options: DocumentQueueOptions): DocumentQueue {
  const { outbox, addresses, spoolFolder, newId, onState, onChanged } = options;
  const { chunk = CHUNK, binaryMax = BINARY_MAX } = options;
  const steadily = createSteadily(options);
  const clearing = createClearing(options);
  const tried = new Set<string>();
  let active: Active | null = null;
  let running: Promise<QueueResult> | null = null;

  const spoolPath = (documentId: string) => join(spoolFolder, documentId);
  const open = async () => (await outbox.transfers()).filter(({ record }) => record === 'open');
  const list = async () => (await open()).map((one) => shown(one, active?.id === one.id ? active : null));

  async function tell(): Promise<void> {
    if (onState) onState(await list());
  }

  async function note(id: string, change: Parameters<typeof outbox.noteTransfer>[0]['note']) {
    const found = (await open()).some((one) => one.id === id) && (await outbox.noteTransfer({ id, note: change }));
    await tell();
    return found ? ({ ok: true, value: null } as const) : ({ ok: false, error: { code: 'not-found' } } as const);
  }

  /** Ends what is under way for a file, and waits for that. */
  async function interrupt(id: string): Promise<void> {
    if (active?.id !== id) return;
    active.abort.abort();
    await active.ended;
  }

  async function tidy(): Promise<void> {
    // One that was given up elsewhere: it is cleared away once it has ended.
    if (await clearing.settled(active?.id ?? null)) await tell();
  }

  async function send(transfer: StoredTransfer, statement: CapabilityStatement | null, signal: AbortSignal) {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const mine: Active = {
      ...{ id: transfer.id, abort: new AbortController(), ended },
      ...{ phase: 'uploading', done: transfer.done, told: transfer.done },
    };
    active = mine;
    const step = Math.max(1024 * 1024, transfer.size / 100);
    try {
      const outcome = await sendFile(
        {
          ...{ outbox, addresses, newId, chunk, binaryMax, steadily },
          intake: addresses.intake(statement),
          onProgress(phase, done) {
            const isNews = phase !== mine.phase || Math.abs(done - mine.told) >= step;
            Object.assign(mine, { phase, done });
            if (!isNews) return;
            mine.told = done;
            // Nobody is told what was closed meanwhile.
            void tell().catch(() => undefined);
          },
        },
        transfer,
        join(spoolFolder, transfer.file),
        AbortSignal.any([signal, mine.abort.signal]),
      );
      await settle(transfer, mine, outcome);
      return outcome;
    } finally {
      active = null;
      end();
    }
  }

  async function settle({ id }: StoredTransfer, mine: Active, outcome: Outcome): Promise<void> {
    if (outcome.kind === 'failed') await outbox.noteTransfer({ id, note: { state: 'failed', code: outcome.code } });
    else if (outcome.kind === 'stopped' && mine.phase === 'uploading') {
      await outbox.noteTransfer({ id, note: { done: mine.done } });
    } else if (outcome.kind === 'stored' && outcome.patients.length > 0) onChanged?.(outcome.patients);
  }

  async function runAll(statement: CapabilityStatement | null, signal: AbortSignal): Promise<QueueResult> {
    tried.clear();
    await tidy();
    await clearing.withdrawn(signal);
    let failures = 0;
    for (;;) {
      if (signal.aborted) return { ok: false, error: { code: 'cancelled', retryAfter: null } };
      const next = (await open()).find(({ id, state, paused }) => state === 'waiting' && !paused && !tried.has(id));
      if (!next) return { ok: true };
      tried.add(next.id);
      const isNew = next.done === 0;
      if (isNew && options.announce && !(await options.announce(next))) continue;
      const outcome = await send(next, statement, signal);
      await tell();
      if (outcome.kind === 'stored') failures = 0;
      if (outcome.kind !== 'stopped') continue;
      const { error } = outcome;
      // Paused or given up by a person: the others go on.
      if (error.code === 'cancelled' && !signal.aborted) continue;
      failures += 1;
      if (!isItsOwn(error) || failures >= FAILURES_MAX) return { ok: false, error };
    }
  }

  return {
    async open({ outboxAside }) {
      await tidy();
      await clearing.unknown(outboxAside);
    },
    spoolPath,
    async add({ documentId, record, spooled: { size, sha256 }, ...about }) {
      const { patientId } = about;
      const change = { ...about, body: record, resourceId: documentId };
      const added = await outbox.addTransfer({
        change: { ...change, type: 'DocumentReference', action: 'create', baseVersionId: null },
        transfer: { id: newId(), file: documentId, size, sha256 },
      });
      if (added.ok) {
        onChanged?.([patientId]);
        await tell();
      }
      return added;
    },
    list,
    async pause(id) {
      const noted = await note(id, { paused: true });
      await interrupt(id);
      return noted;
    },
    async resume(id) {
      tried.delete(id);
      const transfer = (await open()).find((one) => one.id === id);
      const again = transfer?.state === 'failed' ? { state: 'waiting' as const, code: null, mismatches: 0 } : {};
      return note(id, { paused: false, ...again });
    },
    async cancel(id) {
      const cancelled = await outbox.cancelTransfer({ id });
      if (!cancelled.ok) return cancelled;
      await interrupt(id);
      await tidy();
      onChanged?.(cancelled.value.patients);
      return cancelled;
    },
    async move(id, place) {
      const moved = await outbox.moveTransfer({ id, place });
      await tell();
      return moved ? { ok: true, value: null } : { ok: false, error: { code: 'not-found' } };
    },
    run(statement, signal) {
      running ??= runAll(statement, signal).finally(() => {
        running = null;
      });
      return running;
    },
    tidy,
    async spoolOf(documentId) {
      const found = (await outbox.transfers()).find(
        (one) => one.record !== 'withdrawn' && (one.localId === documentId || one.documentId === documentId),
      );
      return found ? join(spoolFolder, found.file) : null;
    },
  };
}

/** The server fails at this file, perhaps, and not at others. */
function isItsOwn({ status, retryAfter }: RawError): boolean {
  return status !== null && retryAfter === null && ![401, 429, 502, 503, 504].includes(status);
}

function shown(transfer: StoredTransfer, active: Active | null): Transfer {
  const { id, patientId, documentId, title, state, paused, code, done, size, place } = transfer;
  const stands = state === 'stored' ? 'recording' : state === 'failed' ? 'failed' : paused ? 'paused' : 'waiting';
  return {
    ...{ id, patientId, documentId, title, code, place },
    state: active ? active.phase : stands,
    done: Math.min(active?.done ?? done, size),
    total: size,
  };
}
