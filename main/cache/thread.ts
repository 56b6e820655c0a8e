import { Worker } from 'node:worker_threads';
import type { OpenRequest } from './operations.ts';
import { type Caller, createCaller } from './rpc.ts';

/** What a thread beside the writer opens. */
export type ThreadDatabase = Pick<OpenRequest, 'file' | 'key' | 'nativeBinding'>;

/** A worker thread that answers requests. */
export interface Thread {
  readonly caller: Caller;
  /** Lets the thread close its database, then ends it. */
  close(): Promise<void>;
}

/** Starts a thread. Its end, for whatever reason, fails its requests with `code`; `onEnd` hears of one not asked for. */
export function startThread(script: URL, code: string, onEnd: () => void): Thread {
  const worker = new Worker(script);
  const caller = createCaller(worker);
  let closing = false;
  // An uncaught error ends the thread; the end is what counts.
  worker.on('error', () => undefined);
  worker.on('exit', () => {
    caller.fail(code);
    if (!closing) onEnd();
  });
  return {
    caller,
    async close() {
      closing = true;
      await caller.call('close').catch(() => undefined);
      await worker.terminate();
    },
  };
}
