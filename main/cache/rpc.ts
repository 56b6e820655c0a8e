import { CodedError } from './store-error.ts';

/** One end of a channel between processes or threads: what utilityProcess, a worker and a test can all be. */
export interface Port {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

/** A port with the process or thread behind it. */
export interface ChildPort extends Port {
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  kill(): unknown;
}

/** Named operations; each takes one argument, of its own type. */
export type Operations = Readonly<Record<string, (args: never) => unknown>>;

interface Request {
  readonly id: number;
  readonly op: string;
  readonly args: unknown;
}

type Reply = { readonly id: number } & (
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: string }
);

export interface Caller {
  /** Asks the other side; rejects with a CodedError, at once if the process behind the port has ended. */
  call(op: string, args?: unknown): Promise<unknown>;
  /** Requests without an answer yet. */
  pending(): number;
  /** Rejects what waits and whatever comes. Called when the process behind the port has ended. */
  fail(code: string): void;
}

/** The asking side of a port. */
export function createCaller(port: Port): Caller {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  let failed: string | null = null;

  port.on('message', (message) => {
    const reply = message as Reply;
    const asked = waiting.get(reply.id);
    if (!asked) return;
    waiting.delete(reply.id);
    if (reply.ok) asked.resolve(reply.value);
    else asked.reject(new CodedError(reply.code));
  });

  return {
    call(op, args) {
      return new Promise((resolve, reject) => {
        if (failed !== null) {
          reject(new CodedError(failed));
          return;
        }
        lastId += 1;
        waiting.set(lastId, { resolve, reject });
        try {
          port.postMessage({ id: lastId, op, args } satisfies Request);
        } catch {
          // The other side is gone, and its end has not been told yet.
          waiting.delete(lastId);
          reject(new CodedError('message-not-sent'));
        }
      });
    },
    pending: () => waiting.size,
    fail(code) {
      failed = code;
      const all = [...waiting.values()];
      waiting.clear();
      for (const { reject } of all) reject(new CodedError(code));
    },
  };
}

/**
 * The answering side of a port. An answer carries a value or a code, never a message of an exception: it may quote
 * data. `codeOf` gives the code of an exception that isn't coded.
 */
export function serve(port: Port, operations: Operations, codeOf: (error: unknown) => string): void {
  port.on('message', async (message) => {
    const { id, op, args } = message as Request;
    let reply: Reply;
    try {
      const operation = Object.hasOwn(operations, op) ? operations[op] : undefined;
      if (!operation) throw new CodedError('operation-unknown');
      reply = { id, ok: true, value: await operation(args as never) };
    } catch (error) {
      reply = { id, ok: false, code: error instanceof CodedError ? error.code : codeOf(error) };
    }
    port.postMessage(reply);
  });
}
