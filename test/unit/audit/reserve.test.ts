import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReserve } from '../../../main/audit/reserve.ts';
import { memoryKeyStore, temporaryFolder } from '../vault/support.ts';

const ROOM = 16_384;

function start() {
  const file = join(temporaryFolder(), 'audit', 'reserve');
  const keyStore = memoryKeyStore();
  return { file, keyStore, open: () => createReserve({ file, keyStore, room: ROOM }) };
}

describe('security: the room beside the log', () => {
  it('security: keeps what it was given, in order, over a restart', async () => {
    const { open } = start();
    const first = open();
    expect(await first.prepare()).toBe(true);
    for (const event of ['one', 'two', 'Zoë']) expect(await first.keep(event, false)).toBe(true);
    await first.close();
    const second = open();
    expect(await second.kept()).toEqual(['one', 'two', 'Zoë']);
    expect(await second.keep('four', true)).toBe(true);
    expect(await second.kept()).toEqual(['one', 'two', 'Zoë', 'four']);
    await second.close();
  });

  it('security: takes no more of the disk than it took at first, and is its owner’s alone', async () => {
    const { file, open } = start();
    const reserve = open();
    await reserve.prepare();
    expect(statSync(file).size).toBe(ROOM);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const event = 'x'.repeat(900);
    let kept = 0;
    while (await reserve.keep(event, true)) kept += 1;
    expect(kept).toBe(Math.floor((ROOM - 32) / (900 + 4 + 12 + 16)));
    expect(statSync(file).size).toBe(ROOM);
    expect(readFileSync(file).includes('xxxx')).toBe(false);
    await reserve.close();
  });

  it('security: keeps half of its room for what is urgent', async () => {
    const { open } = start();
    const reserve = open();
    while (await reserve.keep('x'.repeat(900), false));
    expect(await reserve.keep('urgent', false)).toBe(true);
    while (await reserve.keep('x'.repeat(90), false));
    expect(await reserve.keep('x'.repeat(900), true)).toBe(true);
    await reserve.close();
  });

  it('security: forgets what stands in the log, unless more came meanwhile', async () => {
    const { file, open } = start();
    const reserve = open();
    await reserve.keep('one', true);
    await reserve.clear(0);
    await reserve.keep('two', true);
    // One more than was asked for.
    await reserve.clear(1);
    expect(await reserve.kept()).toEqual(['one', 'two']);
    const full = readFileSync(file);
    await reserve.clear(2);
    expect(await reserve.kept()).toEqual([]);
    await reserve.keep('three', true);
    await reserve.close();
    const again = open();
    expect(await again.kept()).toEqual(['three']);
    await again.close();
    // What was there before can't be put behind it.
    const spliced = readFileSync(file);
    full.copy(spliced, 32 + 4 + 12 + 5 + 16, 32);
    writeFileSync(file, spliced);
    const tampered = open();
    expect(await tampered.kept()).toEqual(['three']);
    await tampered.close();
  });

  it('security: reads nothing that was changed, and nothing behind it', async () => {
    const { file, open } = start();
    const reserve = open();
    for (const event of ['one', 'two', 'three']) await reserve.keep(event, true);
    await reserve.close();
    const content = readFileSync(file);
    const used = 32 + 3 * (4 + 12 + 16) + 'onetwothree'.length;
    const property = fc.asyncProperty(fc.nat({ max: used - 1 }), fc.nat({ max: 7 }), async (at, bit) => {
      const changed = Buffer.from(content);
      changed[at] = (changed[at] ?? 0) ^ (1 << bit);
      writeFileSync(file, changed);
      const opened = open();
      const kept = await opened.kept();
      await opened.close();
      expect(kept.length).toBeLessThan(3);
      expect(['one', 'two', 'three'].slice(0, kept.length)).toEqual(kept);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('security: can’t be used without its key, and keeps what another key has sealed', async () => {
    const { file, keyStore, open } = start();
    keyStore.failure = 'keyring-locked';
    const locked = open();
    expect(await locked.prepare()).toBe(false);
    expect(await locked.keep('one', true)).toBe(false);
    keyStore.failure = null;
    expect(await locked.keep('one', true)).toBe(true);
    await locked.close();
    keyStore.entries.clear();
    const anew = open();
    expect(await anew.kept()).toEqual([]);
    expect(await anew.keep('two', true)).toBe(true);
    await anew.close();
    expect(readFileSync(file).length).toBe(ROOM);
  });
});
