import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createDownloads, type Wanted } from '../../../../main/documents/queue/download.ts';
import { readEnvelope } from '../../../../main/writing/envelope.ts';
import type { DevServer } from '../../../server/index.ts';
import { bytesOf, CHUNK, spooledOf } from './station.ts';
import { answering, type Fetch, folderOfTest, serverWith, stationAt } from './support.ts';

let server: DevServer;
const bytes = bytesOf(4 * CHUNK);
let wanted: Wanted;
const signal = () => new AbortController().signal;

beforeAll(async () => {
  server = await serverWith(true);
});
beforeEach(async () => {
  const station = await stationAt(server);
  const id = await station.attach(bytes);
  await station.queue.run(await station.statement(), signal());
  wanted = { ...spooledOf(bytes), url: readEnvelope(station.shown(id) ?? '')?.url ?? '' };
});
afterAll(() => server.stop());

async function downloadsWith(fetch: Fetch, folder = folderOfTest(), now = () => Date.now()) {
  const { addresses } = await stationAt(server, { fetch });
  const downloads = createDownloads({ folder, addresses, wait: async () => undefined, random: () => 0, now });
  return { folder, downloads, names: () => readdirSync(folder) };
}

/** Answers to reads as `change` makes them, and the ranges that were asked for. */
function reading(change: (answer: Response) => Response | Promise<Response>) {
  const ranges: (string | null)[] = [];
  const fetch = answering(async ({ method, url, init }) => {
    if (method !== 'GET') return null;
    ranges.push(new Headers(init.headers).get('range'));
    return change(await globalThis.fetch(url, init));
  });
  return { fetch, ranges };
}

/** The first part of an answer, and then the end of the connection. */
function cutOff(answer: Response, length: number): Response {
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const whole = new Uint8Array(await answer.arrayBuffer());
      controller.enqueue(whole.subarray(0, length));
    },
    pull: (controller) => controller.error(new TypeError('terminated')),
  });
  return new Response(body, { status: answer.status, headers: answer.headers });
}

it('brings a file once, to the byte, and tells how far it is', async () => {
  const { fetch, ranges } = reading((answer) => answer);
  const { downloads } = await downloadsWith(fetch);
  const told: number[] = [];
  expect(await downloads.find(wanted)).toBeNull();
  const first = await downloads.fetchCiphertext(wanted, signal(), (done) => told.push(done));
  const path = first.ok ? first.value : '';
  expect(readFileSync(path).equals(bytes)).toBe(true);
  expect(told.at(-1)).toBe(bytes.length);
  expect(await downloads.fetchCiphertext(wanted, signal())).toEqual(first);
  expect(ranges).toEqual([null]);
  expect(await downloads.find(wanted)).toBe(path);
  await downloads.forget(wanted);
  expect(await downloads.find(wanted)).toBeNull();
});

it('goes on where it was cut off, in the same life and in the next one', async () => {
  let cuts = 0;
  const { fetch, ranges } = reading((answer) => {
    cuts += 1;
    if (cuts > 2 && cuts <= 5) throw new TypeError('fetch failed');
    return cuts <= 2 ? cutOff(answer, CHUNK) : answer;
  });
  const { downloads, folder } = await downloadsWith(fetch);
  expect(await downloads.fetchCiphertext(wanted, signal())).toEqual({ ok: false, error: { code: 'not-downloaded' } });
  const later = await downloadsWith(fetch, folder);
  const fetched = await later.downloads.fetchCiphertext(wanted, signal());
  expect(fetched.ok && readFileSync(fetched.value).equals(bytes)).toBe(true);
  expect(ranges.slice(0, 2)).toEqual([null, `bytes=${CHUNK}-`]);
  expect(ranges.at(-1)).toBe(`bytes=${2 * CHUNK}-`);
});

it('is brought whole by a server that knows no ranges', async () => {
  let cuts = 0;
  const { fetch } = reading(async (answer) => {
    cuts += 1;
    if (cuts === 1) return cutOff(answer, CHUNK);
    await answer.body?.cancel();
    return new Response(bytes);
  });
  const { downloads } = await downloadsWith(fetch);
  const fetched = await downloads.fetchCiphertext(wanted, signal());
  expect(fetched.ok && readFileSync(fetched.value).equals(bytes)).toBe(true);
});

const changed = Buffer.from(bytes);
changed[5] = (changed[5] ?? 0) ^ 1;
it.each([
  ['other bytes', changed, 'ciphertext-hash'],
  ['more than it is long', Buffer.concat([bytes, Buffer.alloc(1)]), 'ciphertext-length'],
  ['less than it is long', bytes.subarray(1), 'ciphertext-length'],
])('security: keeps nothing of an answer of %s', async (_what, answered, code) => {
  const { fetch } = reading(() => new Response(answered));
  const { downloads, names } = await downloadsWith(fetch);
  expect(await downloads.fetchCiphertext(wanted, signal())).toEqual({ ok: false, error: { code } });
  expect(names()).toEqual([]);
});

it('security: reads no more than the file is long of an answer that never ends', async () => {
  let parts = 0;
  const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    parts += 1;
    controller.enqueue(new Uint8Array(CHUNK));
  };
  const { downloads, names } = await downloadsWith(reading(() => new Response(new ReadableStream({ pull }))).fetch);
  expect(await downloads.fetchCiphertext(wanted, signal())).toMatchObject({ error: { code: 'ciphertext-length' } });
  expect(parts).toBeLessThan(10);
  expect(names()).toEqual([]);
});

it('fetches all of it once more where what there was of it is wrong', async () => {
  const { fetch, ranges } = reading((answer) => answer);
  const { downloads, folder } = await downloadsWith(fetch);
  writeFileSync(join(folder, `${Buffer.from(wanted.sha256, 'base64').toString('hex')}.part`), bytesOf(CHUNK));
  const fetched = await downloads.fetchCiphertext(wanted, signal());
  expect(fetched.ok && readFileSync(fetched.value).equals(bytes)).toBe(true);
  expect(ranges).toEqual([`bytes=${CHUNK}-`, null]);
});

it('ends when it is cancelled, and keeps what it has', async () => {
  const abort = new AbortController();
  const { downloads, names } = await downloadsWith(fetch);
  const work = downloads.fetchCiphertext(wanted, abort.signal, () => abort.abort());
  expect(await work).toEqual({ ok: false, error: { code: 'cancelled' } });
  expect(names()).toEqual([expect.stringMatching(/\.part$/)]);
});

it('says that it is not here where there is no network, and asks nobody else', async () => {
  const asked: string[] = [];
  const none: Fetch = async (input) => {
    asked.push(String(input));
    throw new TypeError('fetch failed');
  };
  const { downloads } = await downloadsWith(none);
  expect(await downloads.fetchCiphertext(wanted, signal())).toMatchObject({ error: { code: 'not-downloaded' } });
  asked.length = 0;
  const elsewhere = { ...wanted, url: 'https://elsewhere.example/files/1' };
  expect(await downloads.fetchCiphertext(elsewhere, signal())).toMatchObject({ error: { code: 'download-failed' } });
  expect(asked).toEqual([]);
});

it('is written once where it is asked for twice at a time', async () => {
  const { fetch, ranges } = reading((answer) => answer);
  const { downloads } = await downloadsWith(fetch);
  const both = await Promise.all([1, 2].map(() => downloads.fetchCiphertext(wanted, signal())));
  expect(both.map(({ ok }) => ok)).toEqual([true, true]);
  expect(ranges).toEqual([null]);
});

it('is thrown away where nobody has asked for it for long, and not where somebody has', async () => {
  const day = 24 * 60 * 60_000;
  let time = Date.now();
  const { downloads } = await downloadsWith(globalThis.fetch, folderOfTest(), () => time);
  await downloads.fetchCiphertext(wanted, signal());
  time += 40 * day;
  await downloads.fetchCiphertext(wanted, signal());
  await downloads.sweep(time - 30 * day);
  expect(await downloads.find(wanted)).not.toBeNull();
  await downloads.sweep(time + day);
  expect(await downloads.find(wanted)).toBeNull();
});
