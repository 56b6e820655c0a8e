import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../main/cache/open.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import { createProfiles } from '../../../main/identity/profiles.ts';
import { writeDurably } from '../../../main/vault/durable.ts';
import { bundledProgram } from '../../support/bundle.ts';
import { folderInMemory } from '../../support/memory.ts';
import { fileKeyStore } from './file-key-store.ts';
import type { Done, Task } from './kill-child.ts';
import { NOTE, openDatabases, recoverOutbox, recoveryPair, vaultOf } from './support.ts';

/*
 * The process that makes or changes keys is killed with SIGKILL at every point at which something reaches keychain or
 * disk, each time from the same beginning, and the program is started again. What must hold then, holds after each.
 */

const OLD = 'blue bicycle lantern';
const NEW = 'green kettle mountain';
const folder = folderInMemory('wardlight-kill-');
const program = bundledProgram(join(import.meta.dirname, 'kill-child.ts'));
const organisation = recoveryPair();
const POINTS_MAX = 60;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Workstation {
  readonly root: string;
  readonly keychain: string;
  readonly profile: { readonly id: string; readonly folder: string };
}

function workstation(name: string, id: string): Workstation {
  const place = join(folder, name);
  const root = join(place, 'profiles');
  mkdirSync(root, { recursive: true });
  return { root, keychain: join(place, 'keychain.json'), profile: { id, folder: join(root, id) } };
}

function run(at: Workstation, action: Task['action'], kill: number): Promise<Done | 'killed'> {
  const child = fork(program);
  const { root, keychain } = at;
  const recoveryKey = organisation.publicPem;
  child.send({
    action,
    root,
    keychain,
    id: at.profile.id,
    passphrase: OLD,
    next: NEW,
    recoveryKey,
    kill,
  } satisfies Task);
  return new Promise((resolve, reject) => {
    let done: Done | null = null;
    child.on('message', (message) => {
      done = message as Done;
    });
    child.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve('killed');
      else if (done) resolve(done);
      else reject(new Error(`the child ended with ${code}`));
    });
  });
}

/** Kills the action at each of its points, each time on a workstation as `begin` left it, and looks at what is left. */
async function atEachPoint(
  action: Task['action'],
  begin: (name: string) => Workstation,
  look: (at: Workstation, point: number) => Promise<void>,
): Promise<number> {
  for (let point = 0; point < POINTS_MAX; point += 1) {
    const at = begin(`${action}-${point}`);
    const outcome = await run(at, action, point);
    await look(at, point);
    rmSync(join(at.root, '..'), { recursive: true });
    if (outcome === 'killed') continue;
    expect(outcome.answer).toBe('ok');
    return point;
  }
  throw new Error('it never came to its end');
}

/** What the program does after its start: the vault, and the profile's databases with the keys that it gives. */
async function opened(at: Workstation, passphrase: string) {
  const keyStore = fileKeyStore(at.keychain);
  const keys = await vaultOf({ keyStore }, organisation.publicPem).unlock(at.profile, passphrase);
  if (!keys.ok) return keys.error.code;
  const databases = openDatabases(at, keys.value);
  if (typeof databases === 'string') return databases;
  const titles = databases.outbox.list({ limit: 10 }).items.map(({ title }) => title);
  const rows = databases.rows();
  databases.close();
  return { keys: keys.value, titles, rows };
}

const whole = { titles: ['note'], rows: 1 };

describe('security: a process that is killed', () => {
  let enrolled: Workstation;
  beforeAll(async () => {
    enrolled = workstation('enrolled', randomUUID());
    expect(await run(enrolled, 'enrol', -1)).toMatchObject({ answer: 'ok' });
  });

  function asEnrolled(name: string): Workstation {
    const at = workstation(name, enrolled.profile.id);
    cpSync(join(enrolled.root, '..'), join(at.root, '..'), { recursive: true });
    return at;
  }

  it('security: while it enrols leaves a whole profile or none, and the next enrolment succeeds', {
    timeout: 120_000,
  }, async () => {
    const outcomes: string[] = [];
    const points = await atEachPoint(
      'enrol',
      (name) => workstation(name, randomUUID()),
      async (at) => {
        const found = await createProfiles({ root: at.root, write: writeDurably, now: () => 0 }).list();
        expect(found.damaged).toEqual([]);
        const [profile] = found.profiles;
        outcomes.push(profile ? 'profile' : 'none');
        if (profile) expect(await opened(at, OLD)).toMatchObject(whole);
        else
          expect(await run({ ...at, ...workstation('again', randomUUID()) }, 'enrol', -1)).toMatchObject({
            answer: 'ok',
          });
      },
    );
    expect(points).toBeGreaterThan(8);
    expect(new Set(outcomes)).toEqual(new Set(['none', 'profile']));
  });

  it('security: while it changes the passphrase leaves the old or the new one working', {
    timeout: 120_000,
  }, async () => {
    const working: string[] = [];
    const points = await atEachPoint('change', asEnrolled, async (at, point) => {
      const [byOld, byNew] = [await opened(at, OLD), await opened(at, NEW)];
      working.push(typeof byOld === 'string' ? 'new' : 'old');
      expect(
        [byOld, byNew].filter((one) => typeof one !== 'string'),
        `point ${point}`,
      ).toHaveLength(1);
      expect([byOld, byNew]).toContainEqual(expect.objectContaining(whole));
      expect([byOld, byNew]).toContain('passphrase-wrong');
    });
    expect(points).toBeGreaterThan(4);
    expect(working.join(' ')).toMatch(/^(old )+(new ?)+$/);
  });

  it('security: while it changes the keys leaves everything readable, and nothing of the old keys once they are changed', {
    timeout: 300_000,
  }, async () => {
    const before = await opened(enrolled, OLD);
    if (typeof before === 'string') throw new Error(before);
    const keys = new Set<string>();
    const points = await atEachPoint('rotate', asEnrolled, async (at, point) => {
      const after = await opened(at, OLD);
      if (typeof after === 'string') throw new Error(`${after} at ${point}`);
      expect(after, `point ${point}`).toMatchObject(whole);
      const changed = !after.keys.cacheKey.equals(before.keys.cacheKey);
      keys.add(`${changed} ${!after.keys.outboxKey.equals(before.keys.outboxKey)}`);
      expect(readdirSync(at.profile.folder).filter((name) => name.includes('rekey'))).toEqual([]);
      const { slots } = JSON.parse(JSON.parse(readFileSync(join(at.profile.folder, 'slots.json'), 'utf8')).content);
      expect(slots.map(({ outboxKeys }: { outboxKeys: unknown[] }) => outboxKeys.length)).toEqual([1, 1]);
      if (changed) expect(opensByOldKey(at, before.keys.cacheKey)).toBe('cache-key-wrong');
      if (point % 5 === 0) await expectRecoverable(at);
    });
    expect(points).toBeGreaterThan(20);
    expect([...keys].sort()).toEqual(['false false', 'false true', 'true true']);
  });

  function opensByOldKey(at: Workstation, key: Buffer): string {
    const file = join(at.profile.folder, 'cache.db');
    const answer = openDatabase({ file, key, mode: 'write', migrations: cacheMigrations });
    if (answer.ok) answer.value.close();
    return answer.ok ? 'opened' : answer.error.code;
  }

  async function expectRecoverable(at: Workstation): Promise<void> {
    const [key, out] = [join(at.root, '..', 'recovery.pem'), join(at.root, '..', 'unsent.json')];
    await writeDurably(key, String(organisation.privateKey.export({ type: 'pkcs8', format: 'pem' })));
    const { last } = await recoverOutbox(['--profile', at.profile.folder, '--key', key, '--out', out]);
    expect(last).toMatchObject({ ok: true, changes: 1 });
    expect(existsSync(out) && readFileSync(out, 'utf8')).toContain(NOTE);
  }
});
