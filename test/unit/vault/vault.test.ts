import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memoryKeyStore, temporaryFolder, vaultWith } from './support.ts';

const passphrase = 'correct horse battery';

function start() {
  const id = randomUUID();
  const profile = { id, folder: join(temporaryFolder(), 'profiles', id) };
  const keyStore = memoryKeyStore();
  return { profile, keyStore, vault: vaultWith(keyStore), account: `${id}/device-secret` };
}

async function enrolled() {
  const started = start();
  const keys = await started.vault.enrol(started.profile, passphrase);
  if (!keys.ok) throw new Error(keys.error.code);
  return { ...started, keys: keys.value, file: join(started.profile.folder, 'slots.json') };
}

describe('the vault', () => {
  it('gives back the same keys at each unlock, one for the cache and another for the outbox, and others to each profile', async () => {
    const { vault, profile, keys } = await enrolled();
    const before = structuredClone(keys);
    const first = await vault.unlock(profile, passphrase);
    // The caller wipes what it was given; that must not reach the next one.
    if (first.ok) for (const key of Object.values(first.value)) key.fill(0);
    const second = await vault.unlock(profile, passphrase);
    expect(second).toEqual({ ok: true, value: keys });
    expect(keys).toEqual({ cacheKey: Buffer.from(before.cacheKey), outboxKey: Buffer.from(before.outboxKey) });
    const other = await enrolled();
    const all = [...Object.values(keys), ...Object.values(other.keys)].map((key) => key.toString('hex'));
    for (const key of all) expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set([...all, '0'.repeat(64)]).size).toBe(5);
  });

  it('answers passphrase-wrong and goes on opening with the right one', async () => {
    const { vault, profile } = await enrolled();
    expect(await vault.unlock(profile, 'correct horse batterz')).toEqual({
      ok: false,
      error: { code: 'passphrase-wrong' },
    });
    expect((await vault.unlock(profile, passphrase)).ok).toBe(true);
  });

  it.each(['keyring-absent', 'keyring-locked', 'keyring-denied', 'keyring-timeout', 'keyring-failed'] as const)(
    'passes on %s at enrolment and makes nothing on disk',
    async (failure) => {
      const { vault, profile, keyStore } = start();
      keyStore.failure = failure;
      expect(await vault.enrol(profile, passphrase)).toEqual({ ok: false, error: { code: failure } });
      expect(existsSync(profile.folder)).toBe(false);
    },
  );

  it('passes on a locked keychain at unlock', async () => {
    const { vault, profile, keyStore } = await enrolled();
    keyStore.failure = 'keyring-locked';
    expect(await vault.unlock(profile, passphrase)).toEqual({ ok: false, error: { code: 'keyring-locked' } });
  });
});

describe('security: the vault', () => {
  it('security: a missing keychain entry is named, and no new secret is made and no file touched', async () => {
    const { vault, profile, keyStore, account, file } = await enrolled();
    const before = readFileSync(file);
    keyStore.entries.delete(account);
    keyStore.calls.length = 0;
    expect(await vault.unlock(profile, passphrase)).toEqual({ ok: false, error: { code: 'keyring-entry-missing' } });
    expect(keyStore.calls.filter((call) => !call.startsWith('get'))).toEqual([]);
    expect(keyStore.entries.has(account)).toBe(false);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(profile.folder)).toEqual(['slots.json']);
  });

  it('security: another or a malformed keychain entry is never taken for a wrong passphrase', async () => {
    const { vault, profile, keyStore, account } = await enrolled();
    for (const secret of [Buffer.alloc(32, 1).toString('base64'), '', 'not base64 at all', 'AAAA']) {
      keyStore.entries.set(account, secret);
      expect(await vault.unlock(profile, passphrase)).toEqual({ ok: false, error: { code: 'keyring-entry-wrong' } });
    }
  });

  it('security: the passphrase alone does not open the profile on another workstation', async () => {
    const { profile } = await enrolled();
    const elsewhere = vaultWith(memoryKeyStore());
    expect((await elsewhere.unlock(profile, passphrase)).ok).toBe(false);
  });

  it('security: neither the passphrase, the device secret nor a key stands in a file', async () => {
    const { profile, keys, keyStore, account } = await enrolled();
    const secret = Buffer.from(keyStore.entries.get(account) ?? '', 'base64');
    expect(secret).toHaveLength(32);
    for (const name of readdirSync(profile.folder)) {
      const content = readFileSync(join(profile.folder, name));
      for (const canary of [keys.cacheKey, keys.outboxKey, secret]) {
        for (const form of [canary, canary.toString('base64'), canary.toString('hex')]) {
          expect(content.includes(form)).toBe(false);
        }
      }
      expect(content.includes(passphrase)).toBe(false);
    }
  });

  it.skipIf(process.platform === 'win32')(
    'security: only the owner may read the slots or enter the folder',
    async () => {
      const { profile, file } = await enrolled();
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(statSync(profile.folder).mode & 0o777).toBe(0o700);
      expect(statSync(join(profile.folder, '..')).mode & 0o777).toBe(0o700);
    },
  );

  it('security: the costs are at least those of RFC 9106, and salt and nonce are fresh', async () => {
    const slots = await Promise.all(
      [0, 1].map(async () => {
        const { file } = await enrolled();
        const { content } = JSON.parse(readFileSync(file, 'utf8')) as { content: string };
        return (JSON.parse(content) as { slots: { kdf: Record<string, unknown>; cacheKeys: { nonce: string }[] }[] })
          .slots[0]!;
      }),
    );
    for (const { kdf } of slots) expect(kdf).toMatchObject({ algorithm: 'argon2id', memoryKiB: 65_536, passes: 3 });
    expect(slots[0]!.kdf['salt']).not.toBe(slots[1]!.kdf['salt']);
    expect(slots[0]!.cacheKeys[0]!.nonce).not.toBe(slots[1]!.cacheKeys[0]!.nonce);
  });
});

describe('destroying', () => {
  it('security: leaves no way in by the passphrase', async () => {
    const { vault, profile, keyStore, account } = await enrolled();
    expect(await vault.destroy(profile)).toEqual({ ok: true, value: undefined });
    expect(await keyStore.get(account)).toEqual({ ok: true, value: null });
    expect(await vault.unlock(profile, passphrase)).toEqual({ ok: false, error: { code: 'keys-destroyed' } });
    expect(await vault.attempts(profile)).toEqual({ ok: false, error: { code: 'keys-destroyed' } });
  });

  it('tells of a keychain that did not do it', async () => {
    const { vault, profile, keyStore } = await enrolled();
    keyStore.failure = 'keyring-locked';
    expect(await vault.destroy(profile)).toEqual({ ok: false, error: { code: 'keyring-locked' } });
  });
});

describe('a disk that refuses', () => {
  it('is told by a code, not by an exception', async () => {
    const { vault, profile } = start();
    writeFileSync(join(profile.folder, '..', '..', 'profiles'), 'a file where the folder should be');
    expect(await vault.enrol(profile, passphrase)).toEqual({ ok: false, error: { code: 'store-failed' } });
  });
});

describe('changing the passphrase', () => {
  it('wraps the same keys again, with fresh salts, and ends the old passphrase', async () => {
    const { vault, profile, keys, file } = await enrolled();
    const before = readFileSync(file, 'utf8');
    writeFileSync(`${file}.cut-off.new`, before);
    expect((await vault.changePassphrase(profile, passphrase, 'green kettle mountain')).ok).toBe(true);
    expect(await vault.unlock(profile, 'green kettle mountain')).toEqual({ ok: true, value: keys });
    expect(await vault.unlock(profile, passphrase)).toEqual({ ok: false, error: { code: 'passphrase-wrong' } });
    // No file is left in which the old passphrase would still do.
    expect(readdirSync(profile.folder)).toEqual(['slots.json']);
  });

  it('leaves the old passphrase where the disk does not take the new one', async () => {
    const { vault, profile, keys, keyStore } = await enrolled();
    const full = vaultWith(keyStore, { write: () => Promise.reject(Object.assign(new Error(), { code: 'ENOSPC' })) });
    expect(await full.changePassphrase(profile, passphrase, 'green kettle mountain')).toEqual({
      ok: false,
      error: { code: 'disk-full' },
    });
    expect(await vault.unlock(profile, passphrase)).toEqual({ ok: true, value: keys });
  });
});
