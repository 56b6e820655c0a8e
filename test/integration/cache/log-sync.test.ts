import { appendFile, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LARGE_BYTES } from '../../../main/cache/checkpoints.ts';
import { createLogSync, type LogFile } from '../../../main/cache/log-sync.ts';
import { temporaryDirectory } from './support.ts';

/** A log on the disk, and how often it was looked at and synced. */
async function logOf(size: number, fails = false) {
  const file = join(temporaryDirectory(), 'cache.db');
  const path = `${file}-wal`;
  await writeFile(path, new Uint8Array(size));
  const seen = { looks: 0, syncs: 0, closed: 0 };
  const watch = async (opened: string): Promise<LogFile> => {
    expect(opened).toBe(path);
    const handle = await open(opened, 'r+');
    return {
      stat: (() => {
        seen.looks += 1;
        return handle.stat();
      }) as LogFile['stat'],
      datasync() {
        seen.syncs += 1;
        return fails ? Promise.reject(new Error('input/output error')) : handle.datasync();
      },
      close() {
        seen.closed += 1;
        return handle.close();
      },
    };
  };
  const sync = createLogSync(watch, true);
  sync.open(file);
  onTestFinished(() => sync.close());
  return { sync, seen, path };
}

/** A write that goes on until it is ended. */
function writing() {
  let end = (): void => undefined;
  const promise = new Promise<string>((resolve) => {
    end = () => resolve('written');
  });
  return { work: () => promise, end: () => end() };
}

test('a large log is synced while a write goes on, each time that more is in it', async () => {
  const { sync, seen, path } = await logOf(LARGE_BYTES);
  const { work, end } = writing();
  const done = sync.during(work);
  await expect.poll(() => seen.syncs).toBe(1);
  const { looks } = seen;
  await expect.poll(() => seen.looks).toBeGreaterThan(looks + 2);
  expect(seen.syncs).toBe(1);
  await appendFile(path, 'more');
  await expect.poll(() => seen.syncs).toBe(2);
  end();
  expect(await done).toBe('written');
  await sync.close();
  expect(seen.closed).toBe(1);
});

test('a small log is left to the commit', async () => {
  const { sync, seen } = await logOf(LARGE_BYTES - 1);
  const { work, end } = writing();
  const done = sync.during(work);
  await expect.poll(() => seen.looks).toBeGreaterThan(2);
  end();
  await done;
  expect(seen.syncs).toBe(0);
});

test('a log that can not be synced or opened keeps no write from its end', async () => {
  const failing = await logOf(LARGE_BYTES, true);
  const { work, end } = writing();
  const done = failing.sync.during(work);
  await expect.poll(() => failing.seen.syncs).toBe(1);
  end();
  expect(await done).toBe('written');
  const missing = createLogSync(() => Promise.reject(new Error('no such file')), true);
  missing.open('cache.db');
  expect(await missing.during(() => Promise.resolve('written'))).toBe('written');
  await missing.close();
});

test('it is not begun where it is closed, or not used', async () => {
  const { sync, seen } = await logOf(LARGE_BYTES);
  await sync.close();
  await sync.during(() => Promise.resolve());
  const opened: string[] = [];
  const unused = createLogSync((path) => {
    opened.push(path);
    return Promise.reject(new Error('no such file'));
  }, false);
  unused.open('cache.db');
  await unused.during(() => Promise.resolve());
  expect(opened).toEqual([]);
  expect(seen).toEqual({ looks: 0, syncs: 0, closed: 0 });
});
