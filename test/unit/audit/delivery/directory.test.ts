import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDirectoryTarget } from '../../../../main/audit/delivery/directory.ts';
import type { ReceiptOf } from '../../../../main/audit/delivery/receipt.ts';
import { temporaryFolder } from '../../vault/support.ts';
import { never, nextFor, openTestLog } from './support.ts';

async function start() {
  const path = temporaryFolder();
  const log = openTestLog();
  await log.append(4);
  await log.seal();
  const segment = await nextFor(log, 'share');
  const target = createDirectoryTarget({ name: 'share', path, now: () => 0 });
  const deliver = async () => {
    const answer = await target.deliver(segment, never);
    if (!answer.ok || answer.value.kind !== 'directory') throw new Error(answer.ok ? 'kind' : answer.error.code);
    return answer.value as ReceiptOf<'directory'>;
  };
  return { path, segment, target, deliver, file: join(path, segment.name), body: await segment.body() };
}

/** Puts a file where the segment would be. */
function occupy(file: string, content: Buffer | string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

describe('delivery to a folder', () => {
  it('makes a file that nobody writes to again, and tells of it what can be read there', async () => {
    const { path, segment, target, deliver, file, body } = await start();
    const receipt = await deliver();
    expect(receipt).toMatchObject({
      path: segment.name,
      sha256: segment.sha256,
      size: body.length,
      besideAnother: false,
    });
    expect(receipt.writeOnce).toBe(false);
    expect(statSync(file).mode & 0o777).toBe(0o440);
    expect(readFileSync(file).equals(body)).toBe(true);
    expect(await target.confirm(segment, receipt, never)).toEqual({ ok: true, value: true });
    expect(await deliver()).toEqual(receipt);
    expect(existsSync(join(path, segment.name.replace('.jwe', '.2.jwe')))).toBe(false);
  });

  it('goes on beside a file that a crash has cut off, and beside one of somebody else', async () => {
    const { deliver, file, body } = await start();
    occupy(file, body.subarray(0, 100));
    expect(await deliver()).toMatchObject({ path: expect.stringMatching(/\.2\.jwe$/), besideAnother: false });
    expect(readFileSync(file)).toHaveLength(100);
    rmSync(file.replace('.jwe', '.2.jwe'));
    chmodSync(file, 0o600);
    writeFileSync(file, 'somebody else’s');
    expect(await deliver()).toMatchObject({ path: expect.stringMatching(/\.2\.jwe$/), besideAnother: true });
    expect(readFileSync(file, 'utf8')).toBe('somebody else’s');
  });

  it('security: a file that was altered or deleted since is not confirmed', async () => {
    const { segment, target, deliver, file } = await start();
    const receipt = await deliver();
    chmodSync(file, 0o640);
    writeFileSync(file, 'forged');
    expect(await target.confirm(segment, receipt, never)).toEqual({ ok: true, value: false });
    rmSync(file);
    expect(await target.confirm(segment, receipt, never)).toEqual({ ok: true, value: false });
  });

  it('writes nothing where the folder of the policy is not there, as an unmounted share', async () => {
    const { path, segment, target, deliver } = await start();
    const receipt = await deliver();
    rmSync(path, { recursive: true });
    expect(await target.deliver(segment, never)).toMatchObject({ ok: false, error: { code: 'target-missing' } });
    expect(existsSync(path)).toBe(false);
    expect(await target.confirm(segment, receipt, never)).toMatchObject({
      ok: false,
      error: { code: 'target-missing' },
    });
    mkdirSync(path);
  });

  it('gives up where a name is taken again and again', async () => {
    const { segment, target, file } = await start();
    for (const other of ['', ...Array.from({ length: 9 }, (_, at) => `.${at + 2}`)]) {
      occupy(file.replace('.jwe', `${other}.jwe`), `other ${other}`);
    }
    expect(await target.deliver(segment, never)).toMatchObject({ ok: false, error: { code: 'request-refused' } });
  });
});
