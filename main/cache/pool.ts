import { CodedError } from './store-error.ts';
import { startThread, type Thread, type ThreadDatabase } from './thread.ts';

export interface PoolOptions {
  /** Script of a reader thread. */
  readonly script: URL;
  readonly size: number;
}

/** Threads that read the database beside the one that writes it. */
export interface Pool {
  /** Lets each thread open the database, now and whenever one is replaced. */
  open(database: ThreadDatabase): void;
  call(op: string, args: unknown): Promise<unknown>;
  /** For what may take seconds: one thread does all of it, so that whatever else is read waits for none of it. */
  callLong(op: string, args: unknown): Promise<unknown>;
  /** Ends the threads and forgets the key. */
  close(): Promise<void>;
}

const FAILURES_MAX = 5;

/**
 * Starts the readers, without a database at first, so that an unlock doesn't wait for threads. One that dies fails its
 * own requests, and is replaced a few times in a row, not forever.
 */
export function createPool({ script, size }: PoolOptions): Pool {
  const readers = new Set<Thread>();
  let database: ThreadDatabase | null = null;
  let failures = 0;
  /** The thread that does what takes long, for as long as it does. */
  let long: { readonly reader: Thread; readonly pending: number } | null = null;

  function start(): void {
    const reader = startThread(script, 'reader-ended', () => {
      readers.delete(reader);
      failures += 1;
      if (failures <= FAILURES_MAX) start();
    });
    readers.add(reader);
    if (database) openIn(reader, database);
  }

  function openIn(reader: Thread, request: ThreadDatabase): void {
    reader.caller.call('open', request).then(
      () => {
        failures = 0;
      },
      // Its reads answer `cache-closed`; nobody waits for this one.
      () => undefined,
    );
  }

  for (let count = 0; count < size; count += 1) start();

  return {
    open(request) {
      database = { ...request, key: Uint8Array.from(request.key) };
      for (const reader of readers) openIn(reader, database);
    },
    async call(op, args) {
      const free = [...readers].filter((one) => one !== long?.reader);
      const [first, ...rest] = free.length > 0 ? free : readers;
      if (!first) throw new CodedError('reader-ended');
      const idlest = rest.reduce((best, one) => (one.caller.pending() < best.caller.pending() ? one : best), first);
      return idlest.caller.call(op, args);
    },
    async callLong(op, args) {
      // The last, which is the least busy one: of equals the first is taken.
      const reader = long?.reader ?? [...readers].at(-1);
      if (!reader) throw new CodedError('reader-ended');
      long = { reader, pending: (long?.pending ?? 0) + 1 };
      try {
        return await reader.caller.call(op, args);
      } finally {
        long = long && long.pending > 1 ? { reader, pending: long.pending - 1 } : null;
      }
    },
    async close() {
      database?.key.fill(0);
      database = null;
      await Promise.all([...readers].map((reader) => reader.close()));
    },
  };
}
