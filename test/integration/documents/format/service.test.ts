import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { removeLeftovers } from '../../../../main/documents/files.ts';
import type { OpenFile } from '../../../../main/documents/pending-file.ts';
import { plainIntake } from './intake.ts';
import { bench, contentOf, context, decryptPlainly, openRequest, rules, testKey } from './support.ts';

const device = testKey();
const on = bench([device.recipient]);
afterAll(() => on.remove());

const request = (source: string, spool: string) => ({
  ...{ task: 'encrypt', source, spool, recipients: [device.recipient], context, signed: false, strip: false, rules },
});
const names = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('wanted'));
const wanted = join(on.folder, 'wanted');

/** Something is done before each write to a file. */
function beforeWrites(work: () => Promise<void>): OpenFile {
  return async (path, flags, mode) => {
    const file = await open(path, flags, mode);
    return new Proxy(file, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (name !== 'write') return typeof value === 'function' ? value.bind(target) : value;
        return async (...args: Parameters<FileHandle['write']>) => {
          await work();
          return target.write(...args);
        };
      },
    });
  };
}

/** Files that are written fail so, after so many writes. */
function failing(code: string, after: number): OpenFile {
  let writes = 0;
  return beforeWrites(async () => {
    writes += 1;
    if (writes > after) throw Object.assign(new Error(code), { code, syscall: 'write' });
  });
}

describe('encrypting to the spool', () => {
  test.each([
    ['ENOSPC', 'disk-full'],
    ['EIO', 'store-failed'],
  ])('leaves nothing when the disk fails with %s', async (code, expected) => {
    const failed = bench([device.recipient], { openFile: failing(code, 1) });
    const spool = join(failed.folder, 'wanted');
    const answer = await failed.service.encrypt(request(failed.file(randomBytes(3_000_000)), spool));
    expect(answer).toEqual({ ok: false, error: { code: expected } });
    expect(names(failed.folder)).toEqual([]);
    failed.remove();
  });

  test('tells how far it is, and can be cancelled as if it had never begun', async () => {
    const disk = new EventEmitter();
    const [begun, goesOn] = [once(disk, 'begun'), once(disk, 'goes on')];
    const openFile = beforeWrites(async () => {
      disk.emit('begun');
      await goesOn;
    });
    const held = bench([device.recipient], { openFile });
    const running = held.service.encrypt(request(held.file(randomBytes(8_000_000)), join(held.folder, 'wanted')));
    await begun;
    expect(await held.service.progress({ task: 'encrypt' })).toMatchObject({ total: 8_000_000 });
    await held.service.cancel({ task: 'encrypt' });
    disk.emit('goes on');
    expect(await running).toEqual({ ok: false, error: { code: 'cancelled' } });
    expect(names(held.folder)).toEqual([]);
    expect(await held.service.progress({ task: 'encrypt' })).toBeNull();
    held.remove();
  });

  test('refuses what it can’t read, what is empty, and what is larger than the rules allow', async () => {
    const refusals = [
      [join(on.folder, 'absent'), rules, 'file-unreadable'],
      [on.file(''), rules, 'file-empty'],
      [on.file('12345678'), { ...rules, maxBytes: 7 }, 'file-too-large'],
    ] as const;
    for (const [source, rulesOf, code] of refusals) {
      const answer = await on.service.encrypt({ ...request(source, wanted), rules: rulesOf });
      expect(answer).toEqual({ ok: false, error: { code } });
    }
    expect(names(on.folder)).toEqual([]);
  });

  test('security: refuses a file that changes after it was looked into', async () => {
    const changing = bench([device.recipient], {
      intake: {
        ...plainIntake,
        async inspect(path, rulesOf) {
          const answer = await plainIntake.inspect(path, rulesOf);
          appendFileSync(path, 'and something else');
          return answer;
        },
      },
    });
    const spool = join(changing.folder, 'wanted');
    const answer = await changing.service.encrypt(request(changing.file('text'), spool));
    expect(answer).toEqual({ ok: false, error: { code: 'file-unreadable' } });
    expect(names(changing.folder)).toEqual([]);
    changing.remove();
  });

  test('says what the rules refuse, and takes out what is asked for', async () => {
    const upper = () =>
      new Transform({ transform: (chunk, _encoding, done) => done(null, String(chunk).toUpperCase()) });
    const strict = bench([device.recipient], { intake: { ...plainIntake, strip: upper } });
    const { bytes, spooled } = await strict.encrypt('place: ward 7', { strip: true });
    expect((await decryptPlainly(bytes, device)).plaintext.toString()).toBe('PLACE: WARD 7');
    expect(spooled.plainSize).toBe(13);
    strict.remove();
    const refusing = bench([device.recipient], {
      intake: { ...plainIntake, inspect: async () => ({ ok: false, error: { code: 'file-ambiguous' } }) },
    });
    const answer = await refusing.service.encrypt(request(refusing.file('text'), join(refusing.folder, 'wanted')));
    expect(answer).toEqual({ ok: false, error: { code: 'file-ambiguous' } });
    refusing.remove();
  });

  test('replaces what a killed process has left of the same spool', async () => {
    writeFileSync(`${wanted}.part`, 'a longer text than that which comes after it, of an earlier run'.repeat(40));
    const answer = await on.service.encrypt(request(on.file('text'), wanted));
    if (!answer.ok) throw new Error(answer.error.code);
    expect((await decryptPlainly(readFileSync(wanted), device)).plaintext.toString()).toBe('text');
    expect(names(on.folder)).toEqual(['wanted']);
  });
});

describe('an opened document', () => {
  const canary = 'canary: the patient fell at three in the morning. ';

  async function opened(text: string) {
    const written = await on.encrypt(text);
    const answer = await on.service.open(openRequest(on.folder, written, device));
    if (!answer.ok) throw new Error(answer.error.code);
    return answer.value;
  }

  test('security: lies on the disk as nothing that could be read', async () => {
    const { handle, size } = await opened(canary.repeat(4_000));
    const onDisk = readFileSync(join(on.folder, 'opened'));
    expect(onDisk.length).toBeGreaterThanOrEqual(size);
    expect(onDisk.includes('canary')).toBe(false);
    await on.service.close({ handle });
    expect(on.leftovers()).toEqual([]);
  });

  test('security: is not read when its temporary file was changed', async () => {
    const { handle } = await opened(canary.repeat(4_000));
    const path = join(on.folder, 'opened');
    const bytes = readFileSync(path);
    bytes[70_000]! ^= 1;
    writeFileSync(path, bytes);
    expect((await on.service.read({ handle, offset: 0, length: 100 })).length).toBe(100);
    await expect(on.service.read({ handle, offset: 66_000, length: 100 })).rejects.toThrow();
    expect(await on.service.save({ handle, target: wanted })).toEqual({ ok: false, error: { code: 'store-failed' } });
    await on.service.close({ handle });
  });

  test('is read from any place', async () => {
    const text = canary.repeat(4_000);
    const { handle } = await opened(text);
    for (const [offset, length] of [
      ...[
        [0, 10],
        [65_530, 20],
        [65_536, 65_536],
        [131_000, 70_000],
      ],
      ...[
        [text.length - 5, 100],
        [text.length, 10],
        [text.length + 1, 10],
        [5, 0],
      ],
    ] as const) {
      const bytes = await on.service.read({ handle, offset: offset!, length: length! });
      expect(Buffer.from(bytes).toString()).toBe(text.slice(offset, offset! + length!));
    }
    await on.service.close({ handle });
  });

  test('is saved as it is, and no longer known once it was closed', async () => {
    const text = canary.repeat(100_000);
    const { handle } = await opened(text);
    const target = join(on.folder, 'saved.txt');
    expect(await on.service.save({ handle, target })).toEqual({ ok: true, value: null });
    expect(readFileSync(target, 'utf8')).toBe(text);
    await on.service.close({ handle });
    expect(await on.service.save({ handle, target })).toEqual({ ok: false, error: { code: 'not-open' } });
    await expect(on.service.read({ handle, offset: 0, length: 1 })).rejects.toMatchObject({ code: 'not-open' });
  });

  test('is gone when all ends, and what was opening is cancelled', async () => {
    const { handle } = await opened(canary);
    const written = await on.encrypt(randomBytes(8_000_000));
    const opening = on.service.open({
      ...openRequest(on.folder, written, device),
      temporary: join(on.folder, 'opened-2'),
    });
    // Until it has begun.
    await new Promise((resolve) => setImmediate(resolve));
    await on.service.end();
    expect(await opening).toEqual({ ok: false, error: { code: 'cancelled' } });
    await expect(on.service.read({ handle, offset: 0, length: 1 })).rejects.toMatchObject({ code: 'not-open' });
    expect(on.leftovers()).toEqual([]);
  });

  test.each([
    ['ENOSPC', 'disk-full'],
    ['EIO', 'store-failed'],
  ])('leaves nothing when the disk fails with %s', async (code, expected) => {
    const written = await on.encrypt(randomBytes(3_000_000));
    const failed = bench([], { openFile: failing(code, 1) });
    const answer = await failed.service.open(openRequest(failed.folder, written, device));
    expect(answer).toEqual({ ok: false, error: { code: expected } });
    expect(failed.leftovers()).toEqual([]);
    failed.remove();
  });
});

test('what a killed process has left is removed at the start: opened documents and unfinished spools', async () => {
  const [opened, spool] = [bench([]), bench([])];
  for (const name of ['a', 'b.part']) writeFileSync(join(opened.folder, name), 'sealed');
  for (const name of ['waits', 'never-finished.part']) writeFileSync(join(spool.folder, name), 'sealed');
  await removeLeftovers({ opened: opened.folder, spool: spool.folder });
  expect(readdirSync(opened.folder)).toEqual([]);
  expect(readdirSync(spool.folder)).toEqual(['waits']);
  await removeLeftovers({ opened: join(opened.folder, 'absent'), spool: join(opened.folder, 'absent') });
  expect(existsSync(spool.folder)).toBe(true);
  opened.remove();
  spool.remove();
});

test('the same task is not begun twice', async () => {
  const source = on.file(randomBytes(2_000_000));
  const first = on.service.encrypt(request(source, wanted));
  await expect(on.service.encrypt(request(source, wanted))).rejects.toMatchObject({ code: 'task-running' });
  expect(await first).toMatchObject({ ok: true });
  expect((await contentOf(on.service, 'none', 0)).length).toBe(0);
});
