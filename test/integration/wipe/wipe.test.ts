import { fork } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Task } from 'fhir/r4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSmart } from '../../../main/identity/smart.ts';
import { followSignIn } from '../../server/browser.ts';
import { type DevServer, startServer } from '../../server/index.ts';
import { bundledProgram } from '../../support/bundle.ts';
import { folderInMemory } from '../../support/memory.ts';
import { vaultWith } from '../../unit/vault/support.ts';
import type { Job } from './process-entry.ts';
import { fileKeyStore, openStation } from './station.ts';

/*
 * A workstation with two profiles of a server that orders it to be erased, and one of another server. The process that
 * erases is killed at each of its steps and started again: it ends erased, and the server hears of it, whichever it was.
 */

const root = folderInMemory('wardlight-wipe-');
const program = bundledProgram(join(import.meta.dirname, 'process-entry.ts'));
const FILES = [
  'profile.json',
  'last-used.json',
  'cache.db',
  'cache.db-wal',
  'outbox.db',
  'outbox.db.kcv',
  'outbox.db.aside-1',
];
const ids = { a: randomUUID(), b: randomUUID(), elsewhere: randomUUID() };

let server: DevServer;
beforeAll(async () => {
  server = await startServer({ patients: 1, seed: 1 });
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(root, { recursive: true, force: true });
});

const smart = () =>
  createSmart({
    fetch: globalThis.fetch,
    openExternal: (url) => followSignIn(url, server.users[0]!),
    now: () => Date.now(),
    uptime: () => 0,
    timeoutMs: 30_000,
  });

async function tokens() {
  const signedIn = await smart().signIn(server.url, new AbortController().signal);
  if (!signedIn.ok) throw new Error(signedIn.error.code);
  return signedIn.value.tokens;
}

/** Adds a slot of the organisation's, as enrolment makes one where policy has a recovery key. */
function sealForRecovery(file: string): void {
  const { content } = JSON.parse(readFileSync(file, 'utf8')) as { content: string };
  const slots = JSON.parse(content) as { slots: object[] };
  slots.slots.push({ kind: 'recovery', outboxKey: 'sealed' });
  const text = JSON.stringify(slots);
  writeFileSync(file, JSON.stringify({ checksum: createHash('sha256').update(text).digest('hex'), content: text }));
}

let template = '';
beforeAll(async () => {
  template = join(root, 'template');
  mkdirSync(template);
  writeFileSync(join(template, 'keychain.json'), JSON.stringify({ 'audit/database-key': 'kept' }));
  const { profiles } = openStation(template);
  const vault = vaultWith(fileKeyStore(join(template, 'keychain.json')));
  for (const [name, id] of Object.entries(ids)) {
    const folder = profiles.folderOf(id);
    const keys = await vault.enrol({ id, folder }, 'correct horse battery');
    if (!keys.ok) throw new Error(keys.error.code);
    for (const file of FILES) writeFileSync(join(folder, file), 'x'.repeat(100));
    const of = name === 'elsewhere' ? 'https://elsewhere.example/fhir' : server.url;
    await profiles.add({ id, display: `Dr ${name}`, practitioner: `Practitioner/${name}`, server: of });
  }
  sealForRecovery(join(profiles.folderOf(ids.b), 'slots.json'));
}, 60_000);

/** A workstation of its own, whose profiles have refresh tokens that the server honours. */
async function station(): Promise<{ folder: string; order: NonNullable<Job['order']> }> {
  const folder = join(root, randomUUID());
  cpSync(template, folder, { recursive: true });
  const [a, b] = [await tokens(), await tokens()];
  const keychain = fileKeyStore(join(folder, 'keychain.json'));
  await keychain.set(`${ids.a}/refresh-token`, a.refreshToken ?? '');
  await keychain.set(`${ids.b}/refresh-token`, b.refreshToken ?? '');
  for (const id of Object.values(ids)) await keychain.set(`${id}/lease`, 'kept');
  await keychain.set(`${ids.elsewhere}/refresh-token`, 'kept');
  const task = randomUUID();
  server.store.put({ resourceType: 'Task', id: task, status: 'requested', intent: 'order' } as Task);
  return { folder, order: { task: `Task/${task}`, server: server.url, accessToken: a.accessToken } };
}

function start(job: Job): Promise<string[] | 'killed'> {
  return new Promise((resolve, reject) => {
    const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    let steps: string[] | undefined;
    child.once('message', (message: string[]) => {
      steps = message;
    });
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve('killed');
      else if (steps) resolve(steps);
      else reject(new Error(`the wipe ended with ${code}`));
    });
    child.send(job);
  });
}

const namesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder).sort() : []);
const keychainOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'keychain.json'), 'utf8')) as object;
const statusOf = (task: string) => (server.store.read('Task', task.slice(5)) as Task | undefined)?.status;

/** What is wrong with a workstation that should have been erased, in words. */
async function wrong(folder: string, task: string): Promise<string[]> {
  const found: string[] = [];
  const entries = Object.keys(keychainOf(folder)).sort();
  const others = ['attempts', 'device-secret', 'lease', 'refresh-token'].map((name) => `${ids.elsewhere}/${name}`);
  const kept = ['audit/database-key', ...others].sort();
  if (String(entries) !== String(kept)) found.push(`the keychain has ${entries}`);
  if (namesIn(join(folder, 'profiles', ids.a)).length > 0) found.push('files of A are there');
  const sealed = namesIn(join(folder, 'profiles', ids.b));
  if (String(sealed) !== 'outbox.db,outbox.db.aside-1,outbox.db.kcv,slots.json') found.push(`of B there is ${sealed}`);
  if (namesIn(join(folder, 'profiles', ids.elsewhere)).length !== FILES.length + 1)
    found.push('another server’s is not whole');
  const { wipe, profiles } = openStation(folder);
  const { profiles: left, damaged } = await profiles.list();
  const names = left.map(({ display }) => display);
  if (String(names) !== 'Dr elsewhere' || damaged.length > 0) found.push(`profiles are ${names} ${damaged}`);
  if (statusOf(task) !== 'completed') found.push(`the Task is ${statusOf(task)}`);
  const report = await wipe.erase();
  const told = report.wiped.map(({ display, unsent }) => `${display} ${unsent}`).sort();
  if (String(told) !== 'Dr a removed,Dr b kept' || report.problem) found.push(`told is ${told} ${report.problem}`);
  return found;
}

describe('a wipe', () => {
  it('destroys keys first, then files, then tells the server, and only then forgets the tokens', async () => {
    const { folder, order } = await station();
    const steps = await start({ folder, order, kill: null });
    expect(await wrong(folder, order.task)).toEqual([]);
    const first = (step: string) => steps.indexOf(step);
    const last = (step: string) => steps.lastIndexOf(step);
    expect(steps.slice(0, 2)).toEqual(['write', 'write']);
    expect(last('forget device-secret')).toBeLessThan(first('remove'));
    expect(last('remove')).toBeLessThan(first('ask'));
    expect(first('ask')).toBeLessThan(first('forget refresh-token'));
  });

  it('is forgotten once a person has read of it, and the server knows', async () => {
    const { folder, order } = await station();
    await start({ folder, order, kill: null });
    const { wipe } = openStation(folder);
    await wipe.dismiss();
    expect(namesIn(join(folder, 'wipes'))).toEqual([]);
    expect((await wipe.erase()).wiped).toEqual([]);
  });

  it('that the server could not hear of keeps its tokens for that alone, and tells it at a later start', async () => {
    const { folder, order } = await station();
    server.faults.add({ kind: 'dropBefore' });
    await start({ folder, order, kill: null });
    server.faults.clear();
    expect(namesIn(join(folder, 'profiles', ids.a))).toEqual([]);
    expect(statusOf(order.task)).toBe('requested');
    await openStation(folder).wipe.dismiss();
    await start({ folder, order: null, kill: null });
    expect(statusOf(order.task)).toBe('completed');
    expect(Object.keys(keychainOf(folder))).not.toContain(`${ids.a}/refresh-token`);
    expect(namesIn(join(folder, 'wipes'))).toEqual([]);
  });

  it('security: tells the server nothing while a key could not be destroyed', async () => {
    const { folder, order } = await station();
    const { wipe } = openStation(folder, async (step, work) => {
      if (step === 'forget device-secret') throw new Error('keychain');
      return work();
    });
    await wipe.mark(order);
    await expect(wipe.erase()).rejects.toThrow();
    await wipe.acknowledge(order.accessToken);
    expect(statusOf(order.task)).toBe('requested');
    await start({ folder, order: null, kill: null });
    expect(await wrong(folder, order.task)).toEqual([]);
  });

  it('security: a mark that was damaged spares nobody', async () => {
    const { folder, order } = await station();
    await openStation(folder).wipe.mark(order);
    writeFileSync(join(folder, 'wipes', `${ids.a}.json`), '{');
    await start({ folder, order: null, kill: null });
    expect(namesIn(join(folder, 'profiles', ids.a))).toEqual([]);
    expect(Object.keys(keychainOf(folder))).not.toContain(`${ids.a}/device-secret`);
  });

  it('security: ends erased after SIGKILL at any of its steps and the next start', async () => {
    const { folder, order } = await station();
    const steps = await start({ folder, order, kill: null });
    expect(steps.length).toBeGreaterThan(15);
    // Nothing changes between two steps: right before one is right after the one before it.
    const kills = [
      { n: 0, side: 'before' as const },
      ...Array.from({ length: steps.length }, (_, n) => ({ n, side: 'after' as const })),
    ];
    const found: string[] = [];
    const lane = async () => {
      for (let kill = kills.shift(); kill; kill = kills.shift()) {
        const one = await station();
        const name = `${kill.side} step ${kill.n} (${steps[kill.n]}): `;
        if ((await start({ ...one, kill })) !== 'killed') found.push(`${name}was not reached`);
        // Nothing was marked yet: the order is found again at the next contact.
        const again = kill.n === 0 && kill.side === 'before' ? one.order : null;
        await start({ folder: one.folder, order: again, kill: null });
        found.push(...(await wrong(one.folder, one.order.task)).map((what) => name + what));
        rmSync(one.folder, { recursive: true, force: true });
      }
    };
    await Promise.all([lane(), lane()]);
    expect(found).toEqual([]);
  }, 300_000);
});
