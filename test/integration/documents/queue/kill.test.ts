import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DocumentReference } from 'fhir/r4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DevServer } from '../../../server/index.ts';
import { bundledProgram } from '../../../support/bundle.ts';
import { folderInMemory } from '../../../support/memory.ts';
import { runProgram } from '../../../support/run-program.ts';
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts';
import type { Done } from './kill-child.ts';
import { dieAtAll, killsOr, leftovers, randomBytesOf } from './killing.ts';
import { bytesOf, CHUNK, openStation } from './station.ts';
import { serverWith } from './support.ts';

/*
 * The program is killed with SIGKILL at each point of a file's way: after each commit, before and after each request, and
 * between the removal of a file and what knows of it. What waits afterwards goes with the next life, once and whole; what was not added is swept.
 */

const folder = folderInMemory('wardlight-queue-kill-');
const program = bundledProgram(join(import.meta.dirname, 'kill-child.ts'));
const prepared = join(folder, 'prepared');
/** Deaths at random bytes, of each way; more of them take WARDLIGHT_KILLS. */
const KILLS = killsOr(3);
/** Points before the first request, which are the same whichever way the file is sent. */
const SAME = 5;

beforeAll(() => {
  mkdirSync(prepared);
  openStation({ folder: prepared, create: true, url: 'http://127.0.0.1:1', token: 'none' }).close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Documents on the server that hold these bytes: what each refers to is read. */
async function holding(server: DevServer, token: string, sha256: string): Promise<string[]> {
  const records = (server.store.list('DocumentReference') as DocumentReference[]).filter((one) =>
    JSON.stringify(one).includes(sha256),
  );
  return Promise.all(
    records.map(async ({ content: [first] }) => {
      const url = first?.attachment.url ?? 'Binary/none';
      const headers = { Authorization: `Bearer ${token}`, Accept: 'application/octet-stream' };
      const answer = await fetch(new URL(url, `${server.url}/`), { headers });
      return createHash('sha256')
        .update(Buffer.from(await answer.arrayBuffer()))
        .digest('base64');
    }),
  );
}

describe.each([
  { way: 'by tus', files: true },
  { way: 'as Binary', files: false },
])('a program that is killed while it sends a file $way', ({ way, files }) => {
  let server: DevServer;
  let token: string;

  beforeAll(async () => {
    server = await serverWith(files);
    token = await server.issueToken('osei');
  });
  afterAll(() => server.stop());

  /** One death and what comes after it; answers what is wrong then. `wire`: over which it goes, and after how many bytes. */
  async function die(
    kill: number | null,
    wire?: { proxy: CuttingProxy; bytes: number },
  ): Promise<{ points: number; wrong: string[] }> {
    const own = join(folder, `${way}-${kill ?? `byte-${wire?.bytes}`}`);
    cpSync(prepared, own, { recursive: true });
    const bytes = bytesOf(2 * CHUNK + 7);
    const sha256 = createHash('sha256').update(bytes).digest('base64');
    const origin = wire && `http://127.0.0.1:${wire.proxy.port}`;
    const through = {
      url: origin ? `${origin}/fhir` : server.url,
      uploads: origin && files ? `${origin}/files` : null,
    };
    const task = { folder: own, token, bytes: bytes.toString('base64'), kill, ...through };
    const done = await runProgram<Done>(program, task, (child) =>
      wire?.proxy.cutAfter(wire.bytes, () => child.kill('SIGKILL')),
    );
    wire?.proxy.cutAfter(null);
    const wrong: string[] = [];
    const at = (what: string) => wrong.push(`point ${kill ?? `byte ${wire?.bytes}`}: ${what}`);
    if (!wire && (done === 'killed') !== (kill !== null)) at('was not reached');
    const station = openStation({ folder: own, token, create: false, ...through });
    const known = (await station.outbox.transfers()).length + (await holding(server, token, sha256)).length > 0;
    await station.queue.open({ outboxAside: false });
    for (let n = 0; n < 2; n++) await station.sync();
    const there = await holding(server, token, sha256);
    if (String(there) !== (known ? sha256 : ''))
      at(`${known ? 'added' : 'not added'}, and there ${there.length} times`);
    if ((await station.outbox.transfers()).length > 0) at('a transfer is left');
    if (station.spooled().length > 0) at('a ciphertext is left');
    if ((await station.outbox.list({ limit: 10 })).total > 0) at('a change is left');
    station.close();
    if (leftovers(own).length > 0) at(`files are left: ${leftovers(own).join()}`);
    rmSync(own, { recursive: true, force: true });
    return { points: done === 'killed' ? 0 : done.points, wrong };
  }

  it('leaves nothing, or a file that waits and arrives once and whole', async () => {
    const { points, wrong } = await die(null);
    expect(points).toBeGreaterThan(15);
    // Until the first request both ways are the same.
    const first = files ? 0 : SAME;
    const kills = Array.from({ length: points - first }, (_, n) => n + first);
    wrong.push(...(await dieAtAll(kills, die)).flatMap((end) => end.wrong));
    expect(wrong).toEqual([]);
  }, 300_000);

  it(`does so when it is killed at ${KILLS} random bytes of the wire`, async () => {
    const proxies: CuttingProxy[] = [];
    const ends = await dieAtAll(randomBytesOf(2.3 * (2 * CHUNK + 7), way, KILLS), async (byte) => {
      const proxy = proxies.pop() ?? (await startCuttingProxy(server.port));
      const end = await die(null, { proxy, bytes: 1 + byte });
      proxies.push(proxy);
      return end;
    });
    for (const proxy of proxies) proxy.stop();
    expect(ends.flatMap((end) => end.wrong)).toEqual([]);
  }, 900_000);
});
