import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, type TestContext, test } from 'vitest';
import { storeErrorOf } from '../../../../main/cache/store-error.ts';
import { createDownloads } from '../../../../main/documents/queue/download.ts';
import { mountSmallDisk, NO_SMALL_DISK, type SmallDisk } from '../../../support/small-disk.ts';
import { bench, context, decryptPlainly, rules, testKey } from '../format/support.ts';
import { bytesOf, CHUNK, type Station } from './station.ts';
import { serverWith, stationAt, stored } from './support.ts';

/* A disk that is full at each write of a file's way: it is said, nothing is lost, and it goes on once there is room. */

function diskOf({ skip }: TestContext, megabytes: number): SmallDisk {
  const disk = mountSmallDisk(megabytes);
  if (!disk) return skip(NO_SMALL_DISK);
  onTestFinished(() => disk.remove());
  return disk;
}

/** Why it failed, as main tells it; null where it did not. */
async function failureOf(work: Promise<unknown>): Promise<string | null> {
  try {
    const answer = (await work) as { ok?: boolean; error?: { code: string } } | undefined;
    return answer?.ok === false ? (answer.error?.code ?? null) : null;
  } catch (error) {
    return storeErrorOf(error);
  }
}

type Write = (args: unknown) => Promise<unknown>;
const WRITES = ['addTransfer', 'noteTransfer', 'confirmTransfer', 'begin', 'acknowledge', 'dropTransfer'];

/** Has the disk full at the nth write of the outbox; answers which that was, once it has been. */
function fullAt(full: number, { outbox }: Station, disk: SmallDisk): () => string | null {
  const operations = outbox as unknown as Record<string, Write>;
  let writes = 0;
  let which: string | null = null;
  const watched = (name: string, write: Write) => async (args: unknown) => {
    if (writes === full) {
      which = name;
      disk.fill();
    }
    writes += 1;
    return write(args);
  };
  for (const name of WRITES) operations[name] = watched(name, operations[name]!);
  return () => which;
}

for (const [way, files] of [
  ['by tus', true],
  ['as Binary', false],
] as const) {
  test(`a file goes ${way} once there is room, whichever write found none`, async (on) => {
    const disk = diskOf(on, 6);
    const server = await serverWith(files);
    onTestFinished(() => server.stop());
    const seen = new Set<string>();
    for (let full = 0; ; full += 1) {
      const folder = join(disk.folder, `${full}`);
      mkdirSync(folder);
      let station = await stationAt(server, { folder });
      const which = fullAt(full, station, disk);
      const bytes = bytesOf(2 * CHUNK + 7);
      const file = station.file(bytes);
      const told = [await failureOf(station.queue.add(file))];
      if (told[0]) disk.free();
      // Nothing of it is kept: the clinician attaches it again.
      if (told[0]) expect((await station.queue.add(file)).ok).toBe(true);
      told.push(await failureOf(station.sync()));
      disk.free();
      // In the same life, or in one that follows a death.
      if (full % 2 === 1) station = await station.again({}, 'died');
      for (let run = 0; run < 2; run += 1) expect(await failureOf(station.sync())).toBeNull();
      const there = await stored(server, file.documentId);
      expect(there.map((one) => one.bytes.equals(bytes))).toEqual([true]);
      expect(station.spooled()).toEqual([]);
      expect(await station.outbox.transfers()).toEqual([]);
      station.close();
      rmSync(folder, { recursive: true });
      const name = which();
      if (name === null) break;
      expect([name, ...told.filter((code) => code !== null)]).toEqual([name, 'disk-full']);
      seen.add(name);
    }
    expect([...seen].sort()).toEqual([...WRITES].sort());
  });
}

test('the spool of a file that doesn’t fit leaves nothing, and is made once there is room', async (on) => {
  const disk = diskOf(on, 3);
  const device = testKey();
  const { service, file, remove } = bench([device.recipient]);
  onTestFinished(remove);
  const content = randomBytes(1_500_000);
  const spool = join(disk.folder, 'spooled');
  const encrypt = () =>
    service.encrypt({
      ...{ task: 'encrypt', source: file(content), spool, recipients: [device.recipient] },
      ...{ context, signed: false, strip: false, rules },
    });
  const other = join(disk.folder, 'other');
  writeFileSync(other, randomBytes(2_000_000));
  expect(await failureOf(encrypt())).toBe('disk-full');
  expect(readdirSync(disk.folder)).toEqual(['other']);
  rmSync(other);
  expect(await failureOf(encrypt())).toBeNull();
  expect((await decryptPlainly(readFileSync(spool), device)).plaintext.equals(content)).toBe(true);
});

test('a download that doesn’t fit says so, and is made once there is room', async (on) => {
  const disk = diskOf(on, 1);
  const server = await serverWith(true);
  onTestFinished(() => server.stop());
  const station = await stationAt(server);
  const bytes = bytesOf(8 * CHUNK);
  const id = await station.attach(bytes);
  await station.sync();
  const [{ url = '' } = {}] = await stored(server, id);
  const waiting = { wait: async () => undefined, random: () => 0, now: () => 0 };
  const downloads = createDownloads({ folder: join(disk.folder, 'd'), addresses: station.addresses, ...waiting });
  const wanted = { url, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('base64') };
  const { signal } = new AbortController();
  const other = join(disk.folder, 'other');
  writeFileSync(other, randomBytes(700_000));
  expect(await failureOf(downloads.fetchCiphertext(wanted, signal))).toBe('disk-full');
  expect(readdirSync(join(disk.folder, 'd'))).toEqual([]);
  rmSync(other);
  const fetched = await downloads.fetchCiphertext(wanted, signal);
  expect(fetched.ok && readFileSync(fetched.value).equals(bytes)).toBe(true);
});
