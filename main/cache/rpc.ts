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

const NONE: ReadonlySet<string> = new Set();

/**
 * The asking side of a port. Requests of the names in `gathered` that are made in one turn travel as one message: sent
 * one by one, the other side would begin with the first of them before the next is there.
 */
export function createCaller(port: Port, gathered = NONE): Caller {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let held: Request[] = [];
  let lastId = 0;
  let failed: string | null = null;

  function send(requests: readonly Request[]): void {
    try {
      if (requests.length > 0) port.postMessage(requests.length === 1 ? requests[0] : requests);
    } catch {
      // The other side is gone, and its end has not been told yet.
      for (const { id } of requests) {
        waiting.get(id)?.reject(new CodedError('message-not-sent'));
        waiting.delete(id);
      }
    }
  }

  function sendHeld(): void {
    const requests = held;
    held = [];
    send(requests);
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
        const request: Request = { id: lastId, op, args };
        if (gathered.has(op)) {
          if (held.length === 0) setImmediate(sendHeld);
          held.push(request);
          return;
        }
        // In their order.
        sendHeld();
        send([request]);
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

/** Requests that wait at a port and may share one transaction. */
export interface Grouping {
  /** Names of operations, none of which waits for anything, that may be done together. */
  readonly names: ReadonlySet<string>;
  /** Takes the next message that waits already; undefined for none. */
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

  /** Where one of them can't be done, each is done alone: it takes no other with it. */
  function answerTogether(requests: readonly Request[], together: Grouping['together']): void {
    let values: unknown[];
    try {
      values = together(() => requests.map(perform));
    } catch {
      for (const request of requests) void answer(request);
      return;
    }
    requests.forEach(({ id }, at) => {
      port.postMessage({ id, ok: true, value: values[at] } satisfies Reply);
    });
  }

  port.on('message', (message) => {
    if (!grouping) {
      for (const request of requestsIn(message)) void answer(request);
      return;
    }
    for (const group of groupsOf(message, grouping)) {
      if (group.length > 1) answerTogether(group, grouping.together);
      else for (const request of group) void answer(request);
    }
  });
}

function requestsIn(message: unknown): readonly Request[] {
  return Array.isArray(message) ? message : [message as Request];
}

/** What waits at a port, in its order: neighbours that may be done together as one. */
function* groupsOf(first: unknown, { names, next }: Grouping): Generator<readonly Request[]> {
  let group: Request[] = [];
  for (let message = first; message !== undefined; message = next()) {
    for (const request of requestsIn(message)) {
      const joins = group.length < GROUP_MAX && [group[0] ?? request, request].every(({ op }) => names.has(op));
      if (!joins && group.length > 0) {
        yield group;
        group = [];
      }
      group.push(request);
    }
  }
  yield group;
}
