import { type ChildProcess, fork } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DocumentReference } from 'fhir/r4';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ChildPort } from '../../../../main/cache/rpc.ts';
import { removeLeftovers } from '../../../../main/documents/files.ts';
import { createDocumentsClient } from '../../../../main/documents/process-client.ts';
import type { DevServer } from '../../../server/index.ts';
import { bundledProgram } from '../../../support/bundle.ts';
import { scanFiles, textCanary } from '../../../support/canaries.ts';
import { folderInMemory } from '../../../support/memory.ts';
import { runProgram } from '../../../support/run-program.ts';
import { context, decryptPlainly, rules, testKey } from '../format/support.ts';
import type { Done, Task } from './encrypt-child.ts';
import { dieAtAll, killsOr, leftovers, randomBytesOf } from './killing.ts';
import { openStation } from './station.ts';
import { serverWith } from './support.ts';

/*
 * The program, or its documents process alone, is killed with SIGKILL while it encrypts a file: after random bytes of the
 * ciphertext, and at each step from its first byte to the record that goes with it.
 */

const folder = folderInMemory('wardlight-encrypt-kill-');
const program = bundledProgram(join(import.meta.dirname, 'encrypt-child.ts'));
const documentsProcess = bundledProgram(join(import.meta.dirname, 'encrypt-process.ts'));
const prepared = join(folder, 'prepared');
const source = join(folder, 'picked.txt');
const device = testKey();
/** Deaths at random bytes; more of them take WARDLIGHT_KILLS. */
const KILLS = killsOr(3);
const CANARY = 'Canary of a wound that a kill finds';
/** More than two of the blocks in which a spool is written. */
const content = Buffer.from(`${CANARY}, over and over.\n`.repeat(42_000));
const canaries = [textCanary('content', CANARY), { name: 'deep', forms: [content.subarray(1_500_000, 1_500_020)] }];

let server: DevServer;
let token: string;

beforeAll(async () => {
  mkdirSync(prepared);
  openStation({ folder: prepared, create: true, url: 'http://127.0.0.1:1', token: 'none' }).close();
  writeFileSync(source, content);
  server = await serverWith(true);
  token = await server.issueToken('osei');
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What the server has of a document: the bytes that each record of it names. */
async function stored(title: string): Promise<Buffer[]> {
  const records = (server.store.list('DocumentReference') as DocumentReference[]).filter(
    ({ description }) => description === title,
  );
  return Promise.all(
    records.map(async ({ content: [first] }) => {
      const headers = { Authorization: `Bearer ${token}`, Accept: 'application/octet-stream' };
      const answer = await fetch(new URL(first?.attachment.url ?? '', `${server.url}/`), { headers });
      return Buffer.from(await answer.arrayBuffer());
    }),
  );
}

let deaths = 0;

/** One death, the next start and a run of sync; answers what is wrong then. */
async function die(kill: Task['kill']): Promise<{ done: Done | null; wrong: string[]; waited: boolean }> {
  deaths += 1;
  const title = `Wound ${deaths}`;
  const own = join(folder, `${deaths}`);
  cpSync(prepared, own, { recursive: true });
  const task: Task = { folder: own, source, recipient: device.recipient, title, kill };
  const done = await runProgram<Done>(program, task);
  const wrong: string[] = [];
  const at = (what: string) => wrong.push(`${JSON.stringify(kill)}: ${what}`);
  if ((done === 'killed') !== (kill !== null)) at('was not reached');
  for (const hit of scanFiles([own], canaries)) at(`in the clear: ${hit}`);
  const station = openStation({ folder: own, token, create: false, url: server.url });
  const waited = (await station.outbox.transfers()).length > 0;
  // As at every unlock.
  await removeLeftovers({ opened: join(own, 'documents', 'opened'), spool: station.spoolFolder });
  await station.queue.open({ outboxAside: false });
  if (station.spooled().length !== Number(waited)) at(`${station.spooled().join()} in the spool`);
  for (let n = 0; n < 2; n++) await station.sync();
  const there = await stored(title);
  if (there.length !== Number(waited)) at(`${waited ? 'added' : 'not added'}, and there ${there.length} times`);
  for (const one of there) {
    if (!(await decryptPlainly(one, device)).plaintext.equals(content)) at('is another file');
  }
  if ((await station.outbox.transfers()).length > 0) at('a transfer is left');
  station.close();
  if (leftovers(own).length > 0) at(`files are left: ${leftovers(own).join()}`);
  rmSync(own, { recursive: true, force: true });
  return { done: done === 'killed' ? null : done, wrong, waited };
}

it('security: killed at any step or byte of encrypting, it leaves a whole file that waits, or none and no plaintext', async () => {
  const { done, wrong } = await die(null);
  expect(wrong).toEqual([]);
  const { steps, bytes } = done ?? { steps: 0, bytes: 0 };
  expect(bytes).toBeGreaterThan(content.length);
  const ends = await dieAtAll(
    Array.from({ length: steps }, (_, step) => ({ step })),
    die,
  );
  expect(ends.flatMap((end) => end.wrong)).toEqual([]);
  // Before the record is durable there is none, and from then on it is never lost.
  expect(new Set(ends.map(({ waited }) => waited))).toEqual(new Set([true, false]));
  const bytesOfKills = randomBytesOf(bytes + 1, 'program', KILLS);
  const somewhere = await dieAtAll(bytesOfKills, (byte) => die({ bytes: byte }));
  expect(somewhere.filter(({ wrong: found, waited }) => waited || found.length > 0)).toEqual([]);
}, 900_000);

/** Starts documents processes, of which the first dies at a byte. */
function dyingAt(byte: number): () => ChildPort {
  const deadly = [`${byte}`];
  return () => {
    const child: ChildProcess = fork(documentsProcess, deadly.splice(0), { serialization: 'advanced' });
    return {
      postMessage: (message) => child.send(message as object, () => undefined),
      on: (event: 'message' | 'exit', listener: (value: never) => void) =>
        child.on(event, listener as (value: unknown) => void),
      kill: () => child.kill('SIGKILL'),
    };
  };
}

it('security: where its documents process alone is killed, main is told, and the same file is encrypted by the next', async () => {
  for (const byte of randomBytesOf(content.length, 'process', KILLS)) {
    const own = join(folder, `process-${byte}`);
    mkdirSync(own);
    const spool = join(own, 'spooled');
    const client = createDocumentsClient({ fork: dyingAt(byte) });
    const request = { task: 'encrypt', source, spool, recipients: [device.recipient], context, signed: false };
    const encrypt = () => client.encrypt({ ...request, strip: false, rules });
    await expect(encrypt()).rejects.toMatchObject({ code: 'process-ended' });
    expect(readdirSync(own)).toEqual(['spooled.part']);
    expect(scanFiles([own], canaries)).toEqual([]);
    const made = await encrypt();
    expect(made).toMatchObject({ ok: true, value: { plainSize: content.length } });
    expect(readdirSync(own)).toEqual(['spooled']);
    expect((await decryptPlainly(readFileSync(spool), device)).plaintext.equals(content)).toBe(true);
    await client.end();
    rmSync(own, { recursive: true });
  }
}, 900_000);
