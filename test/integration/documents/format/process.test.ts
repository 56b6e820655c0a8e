import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChildPort } from '../../../../main/cache/rpc.ts';
import { createDocumentsClient, type DocumentsClient } from '../../../../main/documents/process-client.ts';
import { bench, context, decryptPlainly, openRequest, rules, sealedKeys, testKey } from './support.ts';

const device = testKey();
const on = bench([device.recipient]);
const children: ChildProcess[] = [];

function forkProcess(): ChildPort {
  const child = fork(join(import.meta.dirname, 'process-entry.ts'), { serialization: 'advanced' });
  children.push(child);
  return {
    postMessage: (message) => child.send(message as object, () => undefined),
    on: (event: 'message' | 'exit', listener: (value: never) => void) =>
      child.on(event, listener as (value: unknown) => void),
    kill: () => child.kill('SIGKILL'),
  };
}

let client: DocumentsClient;
beforeEach(() => {
  client = createDocumentsClient({ fork: forkProcess });
});
afterEach(() => client.end());
afterAll(() => on.remove());

const text = 'canary: the wound is closed. '.repeat(3_000);

async function opened() {
  const written = await on.encrypt(text);
  const keys = await sealedKeys(client, [device.jwk]);
  const answer = await client.open({ ...openRequest(on.folder, written, device), keys });
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.value;
}

describe('the documents process', () => {
  test('encrypts and opens in a process of its own, started when it is first needed', async () => {
    expect(children).toHaveLength(0);
    const spool = join(on.folder, 'wanted');
    const answer = await client.encrypt({
      ...{ task: 'encrypt', source: on.file(text), spool, recipients: [device.recipient] },
      ...{ context, signed: false, strip: false, rules },
    });
    expect(answer).toMatchObject({ ok: true, value: { plainSize: text.length, kind: 'text' } });
    expect((await decryptPlainly(readFileSync(spool), device)).plaintext.toString()).toBe(text);
    const { handle } = await opened();
    expect(Buffer.from(await client.read({ handle, offset: 8, length: 9 })).toString()).toBe('the wound');
    expect(children).toHaveLength(1);
  });

  test('security: removes what is open when it is ended, and is started by nothing that was under way', async () => {
    const { handle } = await opened();
    await client.end();
    expect(on.leftovers()).toEqual([]);
    const before = children.length;
    await expect(client.read({ handle, offset: 0, length: 1 })).rejects.toMatchObject({ code: 'process-ended' });
    expect(children).toHaveLength(before);
  });

  test('security: what it had open can be read by nobody once it was killed', async () => {
    const { handle } = await opened();
    const child = children.at(-1)!;
    const waiting = client.read({ handle, offset: 0, length: 1 });
    child.kill('SIGKILL');
    await Promise.allSettled([waiting, once(child, 'exit')]);
    expect(existsSync(join(on.folder, 'opened'))).toBe(true);
    expect(readFileSync(join(on.folder, 'opened')).includes('canary')).toBe(false);
    // The next process has another key, and was told nothing of the one before.
    await expect(client.read({ handle, offset: 0, length: 1 })).rejects.toMatchObject({ code: 'not-open' });
  });

  test('ends what waits with a code when it is killed', async () => {
    const source = on.file(Buffer.alloc(30_000_000, 't'));
    const spool = join(on.folder, 'killed');
    const running = client.encrypt({
      ...{ task: 'encrypt', source, spool, recipients: [device.recipient] },
      ...{ context, signed: false, strip: false, rules },
    });
    const progress = () => client.progress({ task: 'encrypt' });
    await expect.poll(progress, { interval: 1 }).toMatchObject({ total: 30_000_000 });
    children.at(-1)!.kill('SIGKILL');
    await expect(running).rejects.toMatchObject({ code: 'process-ended' });
    expect(existsSync(spool)).toBe(false);
  });
});
