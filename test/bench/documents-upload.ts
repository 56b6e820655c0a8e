import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHUNK } from '../../main/documents/queue/tus.ts';
import { type CuttingProxy, startCuttingProxy } from '../integration/documents/queue/cutting-proxy.ts';
import { openStation } from '../integration/documents/queue/station.ts';
import { startServer } from '../server/index.ts';
import type { Task } from './documents/upload-child.ts';
import { type BenchResult, median, rounded } from './statistics.ts';

const MIB = 1024 * 1024;
const SIZE = 48 * MIB;
/** Where in a chunk the program dies. */
const DEATHS = [0.05, 0.3, 0.5, 0.75, 0.999];

/** What goes over the network once more after the program was killed in the middle of an upload. */
export async function benchResentBytes(say: (message: string) => void): Promise<BenchResult[]> {
  const server = await startServer({ patients: 1, files: true });
  const proxy = await startCuttingProxy(server.port);
  const folder = mkdtempSync(join(tmpdir(), 'wardlight-bench-upload-'));
  try {
    const token = await server.issueToken('osei');
    say(`documents: ${DEATHS.length} uploads of ${SIZE / MIB} MiB, each killed in its middle`);
    const resent: number[] = [];
    for (const [round, share] of DEATHS.entries()) {
      const origin = `http://127.0.0.1:${proxy.port}`;
      const where = { url: `${origin}/fhir`, uploads: `${origin}/files`, token, chunk: CHUNK };
      const task = { ...where, folder: join(folder, String(round)), size: SIZE };
      resent.push(await resentAfter(proxy, task, Math.floor((2 + share) * CHUNK)));
    }
    return [
      {
        name: 'documents.resent_bytes',
        value: Math.max(...resent),
        unit: 'bytes',
        better: 'lower',
        target: CHUNK,
        peers: { 'bytes, median': median(resent), 'MiB, file': rounded(SIZE / MIB) },
      },
    ];
  } finally {
    proxy.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Everything that was sent beyond the file's own bytes, requests' heads included. */
async function resentAfter(proxy: CuttingProxy, task: Task, bytes: number): Promise<number> {
  const before = proxy.sent();
  const child = fork(join(import.meta.dirname, 'documents', 'upload-child.ts'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  proxy.cutAfter(bytes, () => child.kill('SIGKILL'));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.send(task);
  await ended;
  proxy.cutAfter(null);
  const station = openStation({ ...task, create: false });
  const result = await station.queue.run(null, new AbortController().signal);
  const isThere = (await station.queue.list()).every(({ state }) => state === 'recording');
  station.close();
  if (!result.ok || !isThere) throw new Error('the upload was not gone on with');
  return proxy.sent() - before - task.size;
}
