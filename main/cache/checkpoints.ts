import { statSync } from 'node:fs';
import { startThread, type Thread, type ThreadDatabase } from './thread.ts';

/** Size of the log from which on it has a thread of its own. */
export const LARGE_BYTES = 16 * 1024 * 1024;

/** Empties the log of the database beside the writer, while much is written. */
export interface Checkpoints {
  open(database: ThreadDatabase): void;
  /** Something was committed. */
  written(): void;
  /** Ends the thread and forgets the key. */
  close(): Promise<void>;
}

/** The thread is started when there is first something to do; a day with few changes never needs it. */
export function createCheckpoints({ script }: { readonly script: URL }): Checkpoints {
  let database: ThreadDatabase | null = null;
  let thread: Thread | null = null;
  let isBusy = false;

  function start({ key, ...rest }: ThreadDatabase): Thread {
    // Without it the writer empties the log itself, later and more slowly.
    const started = startThread(script, 'checkpointer-ended', () => {
      database = null;
    });
    void started.caller.call('open', { ...rest, key: Uint8Array.from(key) }).catch(() => undefined);
    return started;
  }

  function isLarge({ file }: ThreadDatabase): boolean {
    return (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) >= LARGE_BYTES;
  }

  return {
    open(request) {
      database = { ...request, key: Uint8Array.from(request.key) };
    },
    written() {
      if (database === null || isBusy || !(thread || isLarge(database))) return;
      thread ??= start(database);
      isBusy = true;
      const end = () => {
        isBusy = false;
      };
      thread.caller.call('checkpoint').then(end, end);
    },
    async close() {
      database?.key.fill(0);
      database = null;
      await thread?.close();
      thread = null;
    },
  };
}
