import type { Result } from '../../preload/contract/channel.ts';
import type { FormFailure } from '../../preload/contract/forms.ts';
import { type ChildPort, type StartedProcess, startProcess } from '../cache/rpc.ts';
import type { FormsProcess } from './service.ts';

/** The forms process as seen from main: a request that takes too long, or ends it, is a named failure. */
export type FormsClient = {
  readonly [Op in Exclude<keyof FormsProcess, 'ready'>]: (
    request: Parameters<FormsProcess[Op]>[0],
  ) => Promise<ReturnType<FormsProcess[Op]>>;
} & {
  /** Ends the process for good: nothing of a patient stays in its memory, and nothing starts it again. */
  end(): Promise<void>;
};

interface Running {
  readonly process: StartedProcess;
  readonly ready: Promise<unknown>;
}

export interface FormsClientOptions {
  readonly fork: () => ChildPort;
  /** Calls back after some milliseconds; answers what gives that up. */
  readonly after: (ms: number, call: () => void) => () => void;
  /** Longest time that a form may take to be worked out. */
  readonly limitMs?: number;
}

/** Main's handle on the forms process, which is started when it is first needed, and again where it was ended. */
export function createFormsClient({ fork, after, limitMs = 5_000 }: FormsClientOptions): FormsClient {
  let running: Running | null = null;
  let isOver = false;

  function start(): Running {
    const process = startProcess(fork, (ended) => {
      if (running?.process === ended) running = null;
    });
    return { process, ready: process.caller.call('ready').catch(() => undefined) };
  }

  function kill({ port }: StartedProcess): void {
    if (running?.process.port === port) running = null;
    port.kill();
  }

  async function ask(op: string, request: unknown): Promise<Result<never, FormFailure>> {
    if (isOver) return failed('form-failed');
    running ??= start();
    const { process, ready } = running;
    // Loading it is no time that a form takes.
    await ready;
    let giveUp: (() => void) | undefined;
    const tooSlow = new Promise<Result<never, FormFailure>>((resolve) => {
      giveUp = after(limitMs, () => {
        kill(process);
        resolve(failed('form-too-slow'));
      });
    });
    const answer = process.caller.call(op, request) as Promise<Result<never, FormFailure>>;
    try {
      return await Promise.race([answer.catch(() => failed('form-failed')), tooSlow]);
    } finally {
      giveUp?.();
    }
  }

  const call = (op: string) => ((request: unknown) => ask(op, request)) as never;
  return {
    queries: call('queries'),
    open: call('open'),
    evaluate: call('evaluate'),
    complete: call('complete'),
    restore: call('restore'),
    async end() {
      isOver = true;
      const process = running?.process;
      if (!process) return;
      kill(process);
      await process.ended;
    },
  };
}

function failed(code: FormFailure): Result<never, FormFailure> {
  return { ok: false, error: { code } };
}
