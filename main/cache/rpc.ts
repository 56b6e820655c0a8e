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

  function send(request: Request): void {
    try {
      port.postMessage(request);
    } catch {
      // The other side is gone, and its end has not been told yet.
      waiting.get(request.id)?.reject(new CodedError('message-not-sent'));
      waiting.delete(request.id);
    }
  }

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
        send({ id: lastId, op, args });
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

/** A process of main's own that was started, and may have ended since. */
export interface StartedProcess {
  readonly port: ChildPort;
  readonly caller: Caller;
  readonly ended: Promise<void>;
}

/** Starts a process. Its end fails what it was asked with `process-ended`; `onEnd` hears of it. */
export function startProcess(fork: () => ChildPort, onEnd: (ended: StartedProcess) => void): StartedProcess {
  const port = fork();
  const caller = createCaller(port);
  const ended = new Promise<void>((resolve) => {
    port.on('exit', () => {
      caller.fail('process-ended');
      onEnd(started);
      resolve();
    });
  });
  const started: StartedProcess = { port, caller, ended };
  return started;
}

/** Requests that may share one transaction. */
export interface Grouping {
  /** Names of operations, none of which waits for anything, that may be done together. */
  readonly names: ReadonlySet<string>;
  /** Takes the next message that is at the port already; undefined for none. */
  readonly next: () => unknown;
  /** Does all of `work` or, where it throws, nothing of it. */
  readonly together: <Value>(work: () => Value) => Value;
}

const GROUP_MAX = 8;

/**
 * The answering side of a port. An answer carries a value or a code, never a message of an exception: it may quote
 * data. `codeOf` gives the code of an exception that isn't coded. Requests are done in their order.
 */
export function serve(
  port: Port,
  operations: Operations,
  codeOf: (error: unknown) => string,
  grouping: Grouping | null = null,
): void {
  function perform({ op, args }: Request): unknown {
    const operation = Object.hasOwn(operations, op) ? operations[op] : undefined;
    if (!operation) throw new CodedError('operation-unknown');
    return operation(args as never);
  }

  async function answer(request: Request): Promise<void> {
    const { id } = request;
    let reply: Reply;
    try {
      reply = { id, ok: true, value: await perform(request) };
    } catch (error) {
      reply = { id, ok: false, code: error instanceof CodedError ? error.code : codeOf(error) };
    }
    port.postMessage(reply);
  }

  /**
   * Does a request with those of its kind that are at the port, or come while it is at it. Where one of them can't be done,
   * each is done alone: it takes no other with it. Answers what it took from the port that is of another kind.
   */
  function answerTogether(first: Request, { names, next, together }: Grouping): Request | undefined {
    const taken = [first];
    let other: Request | undefined;

    function another(): Request | undefined {
      const request = taken.length < GROUP_MAX ? (next() as Request | undefined) : undefined;
      if (request && names.has(request.op)) {
        taken.push(request);
        return request;
      }
      other = request;
      return undefined;
    }

    function performAll(): unknown[] {
      const values: unknown[] = [];
      for (let request: Request | undefined = first; request; request = another()) values.push(perform(request));
      return values;
    }

    let values: unknown[];
    try {
      values = together(performAll);
    } catch {
      for (const request of taken) void answer(request);
      return other;
    }
    taken.forEach(({ id }, at) => {
      port.postMessage({ id, ok: true, value: values[at] } satisfies Reply);
    });
    return other;
  }

  port.on('message', (message) => {
    let request = message as Request | undefined;
    while (request) {
      if (grouping?.names.has(request.op)) request = answerTogether(request, grouping);
      else {
        void answer(request);
        request = undefined;
      }
      request ??= grouping?.next() as Request | undefined;
    }
  });
}
