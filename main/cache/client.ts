import type { Result } from '../../preload/contract/channel.ts';
import type { StoreError } from '../../preload/contract/session.ts';
import {
  type OpenedStore,
  type OpenRequest,
  type OutboxOperations,
  outboxNames,
  type ReadOperations,
  readNames,
  type WriteOperations,
  writeNames,
} from './operations.ts';
import { type Caller, type ChildPort, createCaller } from './rpc.ts';
import { CodedError } from './store-error.ts';

/** Operations as seen from another process: the same arguments, and a promise of the answer. */
type Remote<Operations> = {
  readonly [Name in keyof Operations]: Operations[Name] extends (...args: infer Args) => infer Value
    ? (...args: Args) => Promise<Awaited<Value>>
    : never;
};

export interface Cache {
  /** Starts the cache process and opens the databases there. The caller's keys are copied, never changed. */
  open(request: OpenRequest): Promise<Result<OpenedStore, StoreError>>;
  /** Rejects with a CodedError: `cache-closed`, `process-ended`, `reader-ended` or a StoreError. */
  readonly read: Remote<ReadOperations>;
  readonly write: Remote<WriteOperations>;
  readonly outbox: Remote<OutboxOperations>;
  /** Lets the database be closed in order, then ends the process, so that keys and records leave memory. */
  close(): Promise<void>;
  /** Tells of the process ending without having been asked to; answers the function that unsubscribes. */
  onExit(listener: (code: number) => void): () => void;
  /** Tells, once, that something in a database can't be read; the caller closes it. */
  onDamage(listener: () => void): void;
}

export interface CacheOptions {
  /** Starts the cache process. */
  readonly fork: () => ChildPort;
  /** Longest wait for an orderly end; after it the process is killed, which loses nothing that was acknowledged. */
  readonly closeTimeoutMs?: number;
}

interface Running {
  readonly port: ChildPort;
  readonly caller: Caller;
  readonly ended: Promise<void>;
  closing: boolean;
}

/** Main's handle on the cache process. */
export function createCache({ fork, closeTimeoutMs = 5_000 }: CacheOptions): Cache {
  const listeners = new Set<(code: number) => void>();
  let tellDamage: (() => void) | null = null;
  let running: Running | null = null;

  function start(): Running {
    const port = fork();
    const caller = createCaller(port);
    const started: Running = {
      port,
      caller,
      closing: false,
      ended: new Promise((resolve) => {
        port.on('exit', (code) => {
          caller.fail('process-ended');
          if (running === started) running = null;
          resolve();
          if (!started.closing) for (const listener of listeners) listener(code);
        });
      }),
    };
    return started;
  }

  async function end(process: Running, graceful: boolean): Promise<void> {
    process.closing = true;
    if (running === process) running = null;
    if (graceful) await withTimeout(process.caller.call('close'), closeTimeoutMs);
    process.caller.fail('cache-closed');
    process.port.kill();
    await process.ended;
  }

  async function call(op: string, args: unknown): Promise<unknown> {
    if (!running) throw new CodedError('cache-closed');
    try {
      return await running.caller.call(op, args);
    } catch (error) {
      if (error instanceof CodedError && error.code === 'cache-damaged') {
        tellDamage?.();
        tellDamage = null;
      }
      throw error;
    }
  }

  function remote<Operations>(names: readonly string[]): Remote<Operations> {
    const calls = names.map((name) => [name, (args?: unknown) => call(name, args)]);
    return Object.fromEntries(calls) as Remote<Operations>;
  }

  return {
    async open(request) {
      if (running) throw new CodedError('cache-open');
      const process = start();
      running = process;
      try {
        const opened = (await process.caller.call('open', request)) as Result<OpenedStore, StoreError>;
        if (!opened.ok) await end(process, false);
        return opened;
      } catch {
        await end(process, false);
        return { ok: false, error: { code: 'store-failed' } };
      }
    },
    read: remote<ReadOperations>(readNames),
    write: remote<WriteOperations>(writeNames),
    outbox: remote<OutboxOperations>(outboxNames),
    async close() {
      if (running) await end(running, true);
    },
    onExit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onDamage(listener) {
      tellDamage = listener;
    },
  };
}

/** Waits for an answer, whatever it is, but not forever. */
async function withTimeout(answer: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([answer.catch(() => undefined), timeout]);
  clearTimeout(timer);
}
