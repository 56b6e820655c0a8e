import { expect, test } from 'vitest';
import { createCache } from '../../../main/cache/client.ts';
import { type ChildPort, createCaller, type Operations, type Port, serve } from '../../../main/cache/rpc.ts';
import { CodedError } from '../../../main/cache/store-error.ts';

/** Two ends of a channel, and the process that would be behind the far one. */
function channel() {
  const listeners = { near: new Set<(message: unknown) => void>(), far: new Set<(message: unknown) => void>() };
  const exits = new Set<(code: number) => void>();
  const sent: unknown[] = [];
  const far: Port = {
    postMessage: (message) => queueMicrotask(() => listeners.near.forEach((listener) => void listener(message))),
    on: (_event, listener) => listeners.far.add(listener),
  };
  const end = (code: number) => exits.forEach((listener) => void listener(code));
  const near: ChildPort = {
    postMessage: (message) => {
      sent.push(message);
      queueMicrotask(() => listeners.far.forEach((listener) => void listener(message)));
    },
    on: (event: 'message' | 'exit', listener: (value: never) => void) =>
      event === 'exit' ? exits.add(listener as () => void) : listeners.near.add(listener as () => void),
    kill: () => end(0),
  };
  return { near, far, sent, end };
}

const codeOf = () => 'store-failed';

test('an answer carries a value or a code, and never the words of an exception', async () => {
  const { near, far } = channel();
  const replies: unknown[] = [];
  near.on('message', (message) => replies.push(message));
  const operations: Operations = {
    double: (value: number) => value * 2,
    coded: () => {
      throw new CodedError('tasks-pending');
    },
    bug: () => Promise.reject(new Error('Zebedee Quackenbush')),
  };
  serve(far, operations, codeOf);
  const { call } = createCaller(near);
  expect(await call('double', 21)).toBe(42);
  await expect(call('coded')).rejects.toMatchObject({ code: 'tasks-pending' });
  await expect(call('bug')).rejects.toMatchObject({ code: 'store-failed' });
  await expect(call('toString')).rejects.toMatchObject({ code: 'operation-unknown' });
  expect(JSON.stringify(replies)).not.toContain('Zebedee');
});

test('what waits is rejected when the other side ends, and so is what comes after', async () => {
  const { near } = channel();
  const caller = createCaller(near);
  const waiting = caller.call('never');
  expect(caller.pending()).toBe(1);
  caller.fail('process-ended');
  await expect(waiting).rejects.toMatchObject({ code: 'process-ended' });
  await expect(caller.call('never')).rejects.toMatchObject({ code: 'process-ended' });
  expect(caller.pending()).toBe(0);
});

test('a message that cannot be sent is a coded error', async () => {
  const { near } = channel();
  const caller = createCaller({
    ...near,
    postMessage: () => {
      throw new Error('channel closed');
    },
  });
  await expect(caller.call('x')).rejects.toMatchObject({ code: 'message-not-sent' });
});

test('the client ends a process that could not open, and kills one that does not close', async () => {
  const opened = channel();
  const answers = [
    { ok: false, error: { code: 'cache-damaged' } },
    { ok: true, value: null },
  ];
  serve(opened.far, { open: () => answers.shift(), close: () => new Promise(() => undefined) }, codeOf);
  const cache = createCache({ fork: () => opened.near, closeTimeoutMs: 1 });
  const outbox = { file: 'y', key: new Uint8Array(32) };
  const request = { file: 'x', key: new Uint8Array(32), create: false, outbox };
  expect(await cache.open(request)).toEqual({ ok: false, error: { code: 'cache-damaged' } });
  await expect(cache.read.run()).rejects.toMatchObject({ code: 'cache-closed' });
  expect((await cache.open(request)).ok).toBe(true);
  await expect(cache.open(request)).rejects.toMatchObject({ code: 'cache-open' });
  await cache.close();
  await expect(cache.write.setMeta({ key: 'a', value: 'b' })).rejects.toMatchObject({ code: 'cache-closed' });
  expect(opened.sent).toHaveLength(3);
});

/** A port at which messages wait, as at a thread's: the first is handed over, the others are taken by `next`. */
function waitingPort(operations: Operations) {
  const replies: { id: number; ok: boolean; value?: unknown; code?: string }[] = [];
  const log: string[] = [];
  const waiting: unknown[] = [];
  let receive: (message: unknown) => void = () => undefined;
  const port: Port = {
    postMessage: (message) => replies.push(message as (typeof replies)[number]),
    on: (_event, listener) => {
      receive = listener;
    },
  };
  serve(port, operations, codeOf, {
    names: new Set(['page', 'bad']),
    next: () => waiting.shift(),
    together(work) {
      log.push('begin');
      const value = work();
      log.push('commit');
      return value;
    },
  });
  return {
    log,
    replies,
    /** Comes while the other side is at work. */
    arrive: (id: number, op: string) => void waiting.push({ id, op, args: id }),
    async deliver(...ops: string[]) {
      waiting.push(...ops.map((op, id) => ({ id, op, args: id })));
      receive(waiting.shift());
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('neighbours that wait share a transaction, and each is answered', async () => {
  const done: unknown[] = [];
  const note = (args: number) => done.push(args);
  const port = waitingPort({ page: note, other: note });
  await port.deliver('page', 'page', 'other', 'page', 'page', 'page');
  expect(done).toEqual([0, 1, 2, 3, 4, 5]);
  expect(port.log).toEqual(['begin', 'commit', 'begin', 'commit']);
  expect(port.replies.map(({ id }) => id).sort()).toEqual([0, 1, 2, 3, 4, 5]);
  for (const { id, value } of port.replies) expect(value).toBe(id + 1);
  await port.deliver(...Array<string>(10).fill('page'));
  expect(port.log.slice(4)).toEqual(['begin', 'commit', 'begin', 'commit']);
});

test('one that fails takes none of its neighbours with it', async () => {
  const port = waitingPort({
    page: (args: number) => args,
    bad: () => {
      throw new CodedError('task-not-pending');
    },
  });
  await port.deliver('page', 'bad', 'page');
  // The first two are done alone then, and the last is on its own.
  expect(port.log).toEqual(['begin', 'begin', 'commit']);
  expect(port.replies.sort((a, b) => a.id - b.id)).toEqual([
    { id: 0, ok: true, value: 0 },
    { id: 1, ok: false, code: 'task-not-pending' },
    { id: 2, ok: true, value: 2 },
  ]);
});

test('what comes while a transaction is at work joins it, and another request waits for its end', async () => {
  const done: unknown[] = [];
  const port = waitingPort({
    page: (args: number) => {
      done.push(args);
      if (args === 0) port.arrive(1, 'page');
      if (args === 1) {
        port.arrive(2, 'other');
        port.arrive(3, 'page');
      }
    },
    other: () => void done.push(port.log.join(' ')),
  });
  await port.deliver('page');
  expect(done).toEqual([0, 1, 'begin commit', 3]);
  expect(port.log).toEqual(['begin', 'commit', 'begin', 'commit']);
  expect(
    port.replies
      .filter(({ ok }) => ok)
      .map(({ id }) => id)
      .sort(),
  ).toEqual([0, 1, 2, 3]);
});
