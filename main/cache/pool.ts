import type { OpenRequest } from './operations.ts';
import { CodedError } from './store-error.ts';
import { startThread, type Thread } from './thread.ts';

export interface PoolOptions {
  /** Script of a reader thread. */
  readonly script: URL;
  readonly size: number;
  readonly database: Omit<OpenRequest, 'create'>;
}

/** Threads that read the database beside the one that writes it. */
export interface Pool {
  call(op: string, args: unknown): Promise<unknown>;
  /** Ends the threads and forgets the key. */
  close(): Promise<void>;
}

const FAILURES_MAX = 5;

/** Starts the readers. One that dies fails its own requests, and is replaced a few times in a row, not forever. */
export function createPool({ script, size, database }: PoolOptions): Pool {
  const key = Uint8Array.from(database.key);
  const readers = new Set<Thread>();
  let failures = 0;

  function start(): void {
    const reader = startThread(script, 'reader-ended', () => {
      readers.delete(reader);
      failures += 1;
      if (failures <= FAILURES_MAX) start();
    });
    readers.add(reader);
    reader.caller.call('open', { ...database, key }).then(
      () => {
        failures = 0;
      },
      // Its reads answer `cache-closed`; nobody waits for this one.
      () => undefined,
    );
  }

  for (let count = 0; count < size; count += 1) start();

  return {
    async call(op, args) {
      const [first, ...rest] = readers;
      if (!first) throw new CodedError('reader-ended');
      const idlest = rest.reduce((best, one) => (one.caller.pending() < best.caller.pending() ? one : best), first);
      return idlest.caller.call(op, args);
    },
    async close() {
      key.fill(0);
      await Promise.all([...readers].map((reader) => reader.close()));
    },
  };
}
