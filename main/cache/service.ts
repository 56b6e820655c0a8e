import type { Result } from '../../preload/contract/channel.ts';
import type { StoreError } from '../../preload/contract/session.ts';
import { type Checkpoints, createCheckpoints } from './checkpoints.ts';
import { createLogSync, type LogSync } from './log-sync.ts';
import {
  type ControlOperations,
  type OpenedStore,
  type OpenRequest,
  outboxNames,
  readNames,
  writeNames,
} from './operations.ts';
import { createPool, type Pool } from './pool.ts';
import type { Operations } from './rpc.ts';
import { CodedError } from './store-error.ts';
import { startThread, type Thread } from './thread.ts';

const READERS = 2;

export interface ServiceOptions {
  readonly writerScript: URL;
  readonly readerScript: URL;
  readonly checkpointerScript: URL;
  /** The writer's thread ended by itself: the process can't go on. */
  readonly onWriterEnded: () => void;
}

interface Threads {
  readonly writer: Thread;
  readonly pool: Pool;
  readonly checkpoints: Checkpoints;
  readonly logSync: LogSync;
}

/**
 * What the cache process does: it hands requests on to one thread that writes and works on the outbox, and several that
 * read. The threads start at once, and know nothing until a database is opened in them.
 */
export function createService(options: ServiceOptions): Operations {
  const { writerScript, readerScript, checkpointerScript, onWriterEnded } = options;
  const threads: Threads = {
    writer: startThread(writerScript, 'process-ended', onWriterEnded),
    pool: createPool({ script: readerScript, size: READERS }),
    checkpoints: createCheckpoints({ script: checkpointerScript }),
    logSync: createLogSync(),
  };
  let opened: Threads | null = null;
  let used = false;

  async function open(request: OpenRequest): Promise<Result<OpenedStore, StoreError>> {
    if (used) throw new CodedError('cache-open');
    used = true;
    try {
      const result = (await threads.writer.caller.call('open', request)) as Result<OpenedStore, StoreError>;
      if (result.ok) {
        const { file, key, nativeBinding } = request;
        for (const beside of [threads.pool, threads.checkpoints]) beside.open({ file, key, nativeBinding });
        threads.logSync.open(file);
        opened = threads;
      }
      return result;
    } finally {
      request.key.fill(0);
      request.outbox.key.fill(0);
    }
  }

  async function close(): Promise<void> {
    const closing = opened;
    opened = null;
    // The writer last: as long as the others are open the log can't be emptied.
    await Promise.all([closing?.pool.close(), closing?.checkpoints.close(), closing?.logSync.close()]);
    await closing?.writer.close();
  }

  function needOpened(): Threads {
    if (!opened) throw new CodedError('cache-closed');
    return opened;
  }

  async function write(name: string, args: unknown): Promise<unknown> {
    const { writer, checkpoints, logSync } = needOpened();
    const value = await logSync.during(() => writer.caller.call(name, args));
    checkpoints.written();
    return value;
  }

  async function read(name: string, args: unknown): Promise<unknown> {
    const { pool } = needOpened();
    return isOfPast(args) ? pool.callLong(name, args) : pool.call(name, args);
  }

  const reads = readNames.map((name) => [name, (args: unknown) => read(name, args)]);
  const writes = [...writeNames, ...outboxNames].map((name) => [name, (args: unknown) => write(name, args)]);
  const control = { open, close } satisfies Record<keyof ControlOperations, unknown>;
  return { ...control, ...Object.fromEntries([...reads, ...writes]) };
}

/** A past has to be put together before it is read (past/build.ts). */
function isOfPast(args: unknown): boolean {
  return (args as { readonly asOf?: unknown } | null | undefined)?.asOf !== undefined;
}
