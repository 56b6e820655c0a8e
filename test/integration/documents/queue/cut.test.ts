import { fork } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { DevServer } from '../../../server/index.ts';
import { random } from '../../../sim/random.ts';
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts';
import { bytesOf, CHUNK, openStation } from './station.ts';
import { folderOfTest, type Lived, serverWith, stationAt, stored } from './support.ts';

const CUTS = 200;
const SIZE = 3 * CHUNK + 17;
/** What the requests of one life have beside the bytes of the file. */
const HEADS = 24 * 1024;

/** Bytes of the upload under way that the server has; null where there is none. */
async function reached(server: DevServer, station: Lived): Promise<number | null> {
  const [transfer] = await station.outbox.transfers();
  const url = /"uploadUrl":"([^"]+)"/.exec(transfer?.tus ?? '')?.[1];
  const name = url?.split('/').at(-1);
  return name && server.filesFolder ? statSync(join(server.filesFolder, name)).size : null;
}

describe.each([
  { way: 'by tus', files: true, cuts: 150 },
  { way: 'as Binary', files: false, cuts: CUTS - 150 },
])('a program that dies at any byte of what it sends and gets $way', ({ files, cuts }) => {
  let server: DevServer;
  let proxy: CuttingProxy;

  beforeAll(async () => {
    server = await serverWith(files);
    proxy = await startCuttingProxy(server.port);
  });
  afterAll(async () => {
    proxy.stop();
    await server.stop();
  });

  it(`has each file there once and whole after ${cuts} deaths, and sends no more than a chunk again`, async () => {
    const chance = random(7, 'cuts');
    const origin = `http://127.0.0.1:${proxy.port}`;
    const through = { url: `${origin}/fhir`, uploads: files ? `${origin}/files` : null };
    let station = await stationAt(server, { ...through, folder: folderOfTest() });
    const statement = await station.statement();
    const wrong: string[] = [];
    let left = cuts;
    let sent = 0;

    /** One life of the program; true where the file is there at its end. */
    async function live(): Promise<boolean> {
      const [before, had] = [proxy.sent(), await reached(server, station)];
      proxy.cutAfter(left > 0 ? 1 + chance.below(2.5 * SIZE) : null);
      const result = await station.queue.run(statement, new AbortController().signal);
      if (result.ok) await station.sendChanges();
      const has = await reached(server, station);
      const again = has === null ? 0 : proxy.sent() - before - (has - (had ?? 0));
      if (again > CHUNK + HEADS) wrong.push(`${again} bytes were sent again`);
      return (await station.outbox.transfers()).length === 0;
    }

    while (left > 0) {
      const bytes = bytesOf(SIZE);
      const id = await station.attach(bytes);
      while (!(await live())) {
        left -= 1;
        station = await station.again({}, 'died');
      }
      proxy.cutAfter(null);
      const there = await stored(server, id);
      if (there.length !== 1 || !there[0]?.bytes.equals(bytes)) wrong.push(`there ${there.length} times`);
      if (station.spooled().length > 0) wrong.push('a ciphertext is left');
      sent += 1;
    }
    // Nothing is stored beside what the records name.
    if (!files) expect(server.store.list('Binary')).toHaveLength(sent);
    expect(wrong).toEqual([]);
  }, 240_000);
});

it('survives the death of the server in the middle of an upload', async () => {
  const files = folderOfTest();
  let port = 0;
  async function startServer(): Promise<{ token: string; kill(): Promise<void> }> {
    const child = fork(join(import.meta.dirname, 'server-child.ts'), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const answer = new Promise<{ url: string; token: string }>((resolve) => child.once('message', resolve as never));
    child.send({ port, folder: files });
    const { url, token } = await answer;
    port = Number(new URL(url).port);
    const kill = () =>
      new Promise<void>((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      });
    return { token, kill };
  }

  let server = await startServer();
  const proxy = await startCuttingProxy(() => port);
  onTestFinished(() => proxy.stop());
  const origin = `http://127.0.0.1:${proxy.port}`;
  const station = openStation({
    ...{ folder: folderOfTest(), create: true, url: `${origin}/fhir`, uploads: `${origin}/files` },
    token: () => server.token,
  });
  onTestFinished(() => station.close());
  const bytes = bytesOf(SIZE);
  await station.attach(bytes);
  let died: Promise<void> | null = null;
  proxy.cutAfter(1.5 * CHUNK, () => {
    died = server.kill();
  });
  expect(await station.queue.run(null, new AbortController().signal)).toMatchObject({ ok: false });
  await died;
  proxy.cutAfter(null);
  server = await startServer();
  const before = proxy.sent();
  expect(await station.queue.run(null, new AbortController().signal)).toEqual({ ok: true });
  expect(await station.queue.list()).toMatchObject([{ state: 'recording', done: SIZE }]);
  expect(proxy.sent() - before).toBeLessThan(SIZE - CHUNK + HEADS);
});
