import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMaintenance } from '../../../main/cache/maintenance.ts';
import { createDatabaseKeys } from '../../../main/vault/database-keys.ts';
import { writeDurably } from '../../../main/vault/durable.ts';
import { vaultWith } from '../../unit/vault/support.ts';
import { forkMaintenance, openDatabases, PASSPHRASE, profileWithNote } from './support.ts';

/** The vault with its real process, and a clock for its progress that the test moves. */
async function rotating() {
  const { profile, keyStore, keys } = await profileWithNote();
  const ticks: (() => void)[] = [];
  const every = (_ms: number, callback: () => void) => {
    ticks.push(callback);
    return () => void ticks.splice(ticks.indexOf(callback), 1);
  };
  const maintenance = createMaintenance({ fork: forkMaintenance, every });
  const vault = vaultWith(keyStore, { databases: createDatabaseKeys(maintenance, undefined) });
  const steps: string[] = [];
  const rotate = () =>
    vault.rotate(profile, PASSPHRASE, {
      prepare: async () => void steps.push('closed'),
      onProgress: (share) => steps.push(share <= 1 ? 'progress' : 'too much'),
    });
  return { profile, keys, vault, rotate, steps, ticks };
}

describe('changing the keys', () => {
  it('closes first, and gives both databases keys that nobody had before', async () => {
    const { profile, keys, rotate, steps, ticks, vault } = await rotating();
    const rotated = await rotate();
    if (!rotated.ok) throw new Error(rotated.error.code);
    expect(rotated.value.failure).toBeNull();
    expect(steps[0]).toBe('closed');
    expect(ticks).toEqual([]);
    const next = rotated.value.keys;
    expect(next.cacheKey).not.toEqual(keys.cacheKey);
    expect(next.outboxKey).not.toEqual(keys.outboxKey);
    expect(openDatabases({ profile }, keys)).toBe('cache-key-wrong');
    expect(openDatabases({ profile }, { ...next, outboxKey: keys.outboxKey })).toBe('outbox-key-wrong');
    const databases = openDatabases({ profile }, next);
    if (typeof databases === 'string') throw new Error(databases);
    expect(databases.outbox.counts().waiting).toBe(1);
    databases.close();
    expect(await vault.unlock(profile, PASSPHRASE)).toEqual({ ok: true, value: next });
  });

  it('a second time, where the disk did not take the end of the first, leaves everything to be opened', async () => {
    const { profile, keyStore } = await profileWithNote();
    const maintenance = createMaintenance({ fork: forkMaintenance, every: () => () => undefined });
    let writes = 0;
    const vault = vaultWith(keyStore, {
      databases: createDatabaseKeys(maintenance, undefined),
      async write(...file) {
        writes += 1;
        if (writes === 2) throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
        await writeDurably(...file);
      },
    });
    for (let times = 0; times < 2; times += 1) {
      const rotated = await vault.rotate(profile, PASSPHRASE, {
        prepare: async () => undefined,
        onProgress: () => undefined,
      });
      expect(rotated).toMatchObject({ ok: true, value: { failure: null } });
    }
    const unlocked = await vault.unlock(profile, PASSPHRASE);
    if (!unlocked.ok) throw new Error(unlocked.error.code);
    const databases = openDatabases({ profile }, unlocked.value);
    if (typeof databases === 'string') throw new Error(databases);
    expect(databases.outbox.counts().waiting).toBe(1);
    databases.close();
  });

  it('is not begun, and closes nothing, with a wrong passphrase', async () => {
    const { profile, vault, steps } = await rotating();
    const slots = readFileSync(join(profile.folder, 'slots.json'));
    const refused = await vault.rotate(profile, 'wrong', {
      prepare: async () => void steps.push('closed'),
      onProgress: () => undefined,
    });
    expect(refused).toEqual({ ok: false, error: { code: 'passphrase-wrong' } });
    expect(steps).toEqual([]);
    expect(readFileSync(join(profile.folder, 'slots.json')).equals(slots)).toBe(true);
  });

  it('that fails at a database leaves keys with which everything opens, and nothing half done', async () => {
    const { profile, keys, rotate, vault } = await rotating();
    // A copy can't be made where a folder stands: what a disk that refuses looks like, whoever runs the test.
    mkdirSync(join(profile.folder, 'cache.db.rekey-journal', 'x'), { recursive: true });
    const rotated = await rotate();
    if (!rotated.ok) throw new Error(rotated.error.code);
    expect(rotated.value.failure).not.toBeNull();
    expect(rotated.value.keys.cacheKey).toEqual(keys.cacheKey);
    const databases = openDatabases({ profile }, rotated.value.keys);
    if (typeof databases === 'string') throw new Error(databases);
    databases.close();
    rmSync(join(profile.folder, 'cache.db.rekey-journal'), { recursive: true });
    expect((await vault.unlock(profile, PASSPHRASE)).ok).toBe(true);
    expect(readdirSync(profile.folder).filter((name) => name.includes('rekey'))).toEqual([]);
  });
});
