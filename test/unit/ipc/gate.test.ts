import { describe, expect, it } from 'vitest';
import { createGate } from '../../../main/ipc/gate.ts';
import { channelNames } from '../../../preload/contract/index.ts';

type Handler = (event: unknown, ...args: unknown[]) => Promise<unknown>;

/** `known` is what the page can be told at once. */
function start(known?: unknown) {
  const bound = new Map<string, Handler>();
  const ipcMain = { handle: (channel: string, handler: unknown) => void bound.set(channel, handler as Handler) };
  const first = {
    channel: 'wardlight:session.state',
    isTrusted: (event: unknown) => event === 'page',
    answer: async () => known,
  };
  return { gate: createGate(ipcMain as never, channelNames(), first), bound };
}

describe('the gate', () => {
  it('keeps a call that comes before the handlers, and answers it when it opens', async () => {
    const { gate, bound } = start();
    let answered: unknown;
    const call = bound
      .get('wardlight:session.state')?.('event', 'request')
      .then((answer) => {
        answered = answer;
      });
    gate.handle('wardlight:session.state', (event, request) => [event, request]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBeUndefined();
    gate.open();
    await call;
    expect(answered).toEqual(['event', 'request']);
  });

  it('fails a call that has no handler, and knows no channel outside the contract', async () => {
    const { gate, bound } = start();
    gate.open();
    await expect(bound.get('wardlight:sync.start')?.('event', {})).rejects.toThrow('no handler');
    expect([...bound.keys()].every((channel) => channel.startsWith('wardlight:'))).toBe(true);
    expect(bound.size).toBe(Object.values(channelNames()).flatMap(({ calls }) => calls).length);
  });

  it('answers kept and later calls with internal where main could not be put together', async () => {
    const { gate, bound } = start();
    gate.handle('wardlight:session.state', () => 'half of it');
    const kept = bound.get('wardlight:session.state')?.('event', {});
    gate.fail();
    const internal = { ok: false, error: { code: 'internal' } };
    expect(await kept).toEqual(internal);
    expect(await bound.get('wardlight:preferences.theme')?.('event', {})).toEqual(internal);
  });

  it('answers at once what is known before there are handlers, and leaves the rest to them', async () => {
    const { gate, bound } = start('known');
    const call = (channel: string) => bound.get(channel)?.('page', {});
    gate.handle('wardlight:session.state', () => 'of the session');
    gate.handle('wardlight:preferences.theme', () => 'dark');
    expect(await call('wardlight:session.state')).toBe('known');
    const theme = call('wardlight:preferences.theme');
    gate.open();
    expect(await theme).toBe('dark');
    expect(await call('wardlight:session.state')).toBe('of the session');
  });

  it('answers nothing but internal once main could not be put together', async () => {
    const { gate, bound } = start('known');
    gate.fail();
    expect(await bound.get('wardlight:session.state')?.('page', {})).toMatchObject({ error: { code: 'internal' } });
  });

  it('security: tells nobody but the page what is known before there are handlers', async () => {
    const { gate, bound } = start('known');
    gate.handle('wardlight:session.state', () => 'refused');
    const call = bound.get('wardlight:session.state')?.('another window', {});
    gate.open();
    expect(await call).toBe('refused');
  });
});
