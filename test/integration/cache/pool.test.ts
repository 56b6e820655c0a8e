import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createPool } from '../../../main/cache/pool.ts';
import { openCache, temporaryDirectory } from './support.ts';

const script = new URL('./dying-reader.ts', import.meta.url);

test('a reader that dies fails its own requests, and another takes its place', async () => {
  const file = join(temporaryDirectory(), 'cache.db');
  const { key, write } = openCache(file);
  write.setMeta({ key: 'a', value: 'b' });
  const pool = createPool({ script, size: 1 });
  pool.open({ file, key });
  onTestFinished(() => pool.close());
  expect(await pool.call('getMeta', { key: 'a' })).toBe('b');
  await expect(pool.call('die', null)).rejects.toMatchObject({ code: 'reader-ended' });
  expect(await pool.call('getMeta', { key: 'a' })).toBe('b');
  expect(key.some((byte) => byte !== 0)).toBe(true);
});

test('a reader that cannot open answers a code, and does not keep starting', async () => {
  const file = join(temporaryDirectory(), 'cache.db');
  const pool = createPool({ script, size: 1 });
  pool.open({ file, key: new Uint8Array(32) });
  onTestFinished(() => pool.close());
  await expect(pool.call('getMeta', { key: 'a' })).rejects.toMatchObject({ code: 'cache-closed' });
});

test('what takes long is done by one reader, and no other read waits for it', async () => {
  const file = join(temporaryDirectory(), 'cache.db');
  const { key, write } = openCache(file);
  write.setMeta({ key: 'a', value: 'b' });
  const pool = createPool({ script, size: 2 });
  pool.open({ file, key });
  const held = new SharedArrayBuffer(4);
  onTestFinished(() => {
    letGo(held);
    return pool.close();
  });
  const long = [pool.callLong('work', held), pool.callLong('getMeta', { key: 'a' })];
  const reads = Array.from({ length: 8 }, () => pool.call('getMeta', { key: 'a' }));
  expect(await Promise.all(reads)).toEqual(reads.map(() => 'b'));
  letGo(held);
  // The reader knows no such operation; it has worked at it all the same.
  await expect(long[0]).rejects.toMatchObject({ code: 'operation-unknown' });
  expect(await long[1]).toBe('b');
});

function letGo(held: SharedArrayBuffer): void {
  Atomics.store(new Int32Array(held), 0, 1);
  Atomics.notify(new Int32Array(held), 0);
}
