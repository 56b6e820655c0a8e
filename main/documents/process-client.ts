import { type ChildPort, type StartedProcess, startProcess } from '../cache/rpc.ts';
import { CodedError } from '../cache/store-error.ts';
import type { DocumentsProcess } from './types.ts';

export interface DocumentsClient extends DocumentsProcess {
  /** Closes what is open, and ends the process for good: keys and plaintext leave memory, and nothing starts it again. */
  end(): Promise<void>;
}

export interface ClientOptions {
  /** Starts the documents process. */
  readonly fork: () => ChildPort;
  /** Longest wait for an orderly end; what is then left on disk nobody can read. */
  readonly endTimeoutMs?: number;
}

/**
 * Main's handle on the documents process, which is started when it is first needed, and again where it died. Calls reject
 * with a CodedError: `process-ended` when it ends on the way or was ended, `not-open` for what one that died had open.
 */
export function createDocumentsClient({ fork, endTimeoutMs = 2_000 }: ClientOptions): DocumentsClient {
  let running: StartedProcess | null = null;
  let isOver = false;

  const start = () =>
    startProcess(fork, (ended) => {
      if (running === ended) running = null;
    });

  function call<Name extends keyof DocumentsProcess>(op: Name): DocumentsProcess[Name] {
    return ((request: unknown) => {
      // What was under way at the lock must not begin again after it.
      if (isOver) return Promise.reject(new CodedError('process-ended'));
      running ??= start();
      return running.caller.call(op, request);
    }) as DocumentsProcess[Name];
  }

  return {
    inspect: call('inspect'),
    hold: call('hold'),
    drop: call('drop'),
    scanners: call('scanners'),
    scan: call('scan'),
    encrypt: call('encrypt'),
    open: call('open'),
    read: call('read'),
    save: call('save'),
    handoverKey: call('handoverKey'),
    newPair: call('newPair'),
    openSecret: call('openSecret'),
    openFieldText: call('openFieldText'),
    close: call('close'),
    cancel: call('cancel'),
    progress: call('progress'),
    async end() {
      isOver = true;
      const process = running;
      if (!process) return;
      running = null;
      await within(process.caller.call('end'), endTimeoutMs);
      process.caller.fail('process-ended');
      process.port.kill();
      await process.ended;
    },
  };
}

async function within(answer: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([answer.catch(() => undefined), timeout]);
  clearTimeout(timer);
}
