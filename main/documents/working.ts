import type { CapabilityStatement } from 'fhir/r4';
import { CodedError, storeErrorOf } from '../cache/store-error.ts';
import type { Log } from '../shell/log.ts';
import { diskErrorOf, no } from './errors.ts';
import type { DocumentKeys } from './keys/keys.ts';
import type { DocumentQueue } from './queue/queue.ts';
import type { Answer } from './types.ts';

export interface WorkingOptions {
  /** Clears away what a death has left: nothing is spooled or opened before. */
  readonly prepare: () => Promise<void>;
  readonly keys: Pick<DocumentKeys, 'ready' | 'refresh'>;
  readonly queue: Pick<DocumentQueue, 'list' | 'run' | 'tidy'>;
  /** What the server says that it can do; null where it doesn't say. */
  readonly statement: () => Promise<CapabilityStatement | null>;
  readonly online: () => boolean;
  /** Files can be encrypted now, or can't any more. */
  readonly onStanding: () => void;
  readonly log: Pick<Log, 'warn'>;
  /** Of the lock. */
  readonly signal: AbortSignal;
}

type DiskError = 'disk-full' | 'store-failed';
type Call<Request, Value, Code extends string> = (request: Request) => Promise<Answer<Value, Code>>;

/** What is done for documents beside what the page asks: clearing up after an unlock, keys that are due, sending. */
export interface Working {
  /** A call of the page that needs all of it; where clearing up fails again it says why. */
  whenReady<Request, Value, Code extends string>(
    call: (request: Request) => Promise<Answer<Value, Code>> | Answer<Value, Code>,
  ): Call<Request, Value, Code | DiskError>;
  /** There is something to do. */
  wake(): void;
  /** When clearing up has ended, well or not. */
  prepared(): Promise<void>;
  /** When what is under way has ended. */
  ended(): Promise<void>;
}

export function createWorking(options: WorkingOptions): Working {
  const { prepare, keys, queue, statement, online, onStanding, log, signal } = options;
  let prepared = prepare();
  // Whoever needs it hears of it.
  prepared.catch(failed);
  let working: Promise<void> | null = null;
  let isDue = false;
  let isReady: boolean | null = null;

  /** Once more where it failed, as on a full disk: nothing is spooled or opened before. */
  function whenPrepared(): Promise<void> {
    prepared = prepared.catch(prepare);
    return prepared;
  }

  function failed(error: unknown): void {
    log.warn('documents.failed', { code: error instanceof CodedError ? error.code : storeErrorOf(error) });
  }

  async function refreshKeys(): Promise<void> {
    isReady ??= (await keys.ready()).ok;
    const refreshed = await keys.refresh(signal);
    if (!refreshed.ok) log.warn('documents.keys', { code: refreshed.error.code });
    const { ok } = await keys.ready();
    if (ok !== isReady) onStanding();
    isReady = ok;
  }

  /** By itself, and not within a run of sync: a large file holds up no note. */
  async function work(): Promise<void> {
    await whenPrepared();
    await refreshKeys();
    while (isDue && online() && !signal.aborted) {
      isDue = false;
      const isEmpty = (await queue.list()).length === 0;
      const sent = await queue.run(isEmpty ? null : await statement(), signal);
      if (!sent.ok && sent.error.code !== 'cancelled') log.warn('documents.not-sent', { code: sent.error.code });
    }
    await queue.tidy();
  }

  return {
    whenReady: (call) => async (request) => {
      try {
        await whenPrepared();
      } catch (error) {
        failed(error);
        return no(diskErrorIn(error));
      }
      // Who has just enrolled needn't wait for the next sync, and try again.
      if (online() && !(await keys.ready()).ok) await refreshKeys();
      return call(request);
    },
    wake() {
      isDue = true;
      if (working || signal.aborted || !online()) return;
      working = work()
        .catch(failed)
        .finally(() => {
          working = null;
        });
    },
    prepared: () => prepared.catch(() => undefined),
    async ended() {
      await working;
    },
  };
}

function diskErrorIn(error: unknown): DiskError {
  const code = error instanceof CodedError ? error.code : diskErrorOf(error);
  return code === 'disk-full' ? code : 'store-failed';
}
