import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChildPort } from '../../../main/cache/rpc.ts';
import { createFormsClient, type FormsClient } from '../../../main/forms/client.ts';
import { calculated, formText, item, sourceOf } from '../../unit/forms/support.ts';

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

/** A limit that is over when the test says so. */
function limited() {
  let due: (() => void) | null = null;
  const client = createFormsClient({
    fork: forkProcess,
    after(_ms, call) {
      due = call;
      return () => {
        due = null;
      };
    },
  });
  return { client, isWaiting: () => due !== null, giveUp: () => due?.() };
}

let client: FormsClient | null = null;
afterEach(() => client?.end());

const plain = formText([item('string', 'a')]);
/** Backtracks for minutes. */
const slow = formText([item('boolean', 'a', calculated(`'${'a'.repeat(40)}!'.matches('^(a+)+$')`))]);

describe('the forms process', () => {
  it('security: is ended where a form takes too long, and the next form is worked out by another one', async () => {
    const parts = limited();
    client = parts.client;
    const before = children.length;
    const opening = client.open(sourceOf(slow));
    await expect.poll(parts.isWaiting, { timeout: 20_000 }).toBe(true);
    parts.giveUp();
    expect(await opening).toEqual({ ok: false, error: { code: 'form-too-slow' } });
    expect(await client.open(sourceOf(plain))).toMatchObject({ ok: true, value: { items: [{ linkId: 'a' }] } });
    expect(children).toHaveLength(before + 2);
    await expect.poll(() => children[before]?.signalCode).toBe('SIGKILL');
  });

  it('security: fails by name where it dies, and is started by nothing once it was ended', async () => {
    const parts = limited();
    client = parts.client;
    const opening = client.open(sourceOf(slow));
    await expect.poll(parts.isWaiting, { timeout: 20_000 }).toBe(true);
    children.at(-1)?.kill('SIGKILL');
    expect(await opening).toEqual({ ok: false, error: { code: 'form-failed' } });
    await client.end();
    const before = children.length;
    expect(await client.open(sourceOf(plain))).toEqual({ ok: false, error: { code: 'form-failed' } });
    expect(children).toHaveLength(before);
  });
});
