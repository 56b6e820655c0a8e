import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { policySchema } from '../../../main/managed/policy.ts';
import { writeDurably } from '../../../main/vault/durable.ts';
import type { KeyStore } from '../../../main/vault/key-store.ts';
import { createVault, type Vault, type VaultOptions } from '../../../main/vault/vault.ts';
import type { KeyringError } from '../../../preload/contract/session.ts';

/** A folder that is removed when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wardlight-unit-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface MemoryKeyStore extends KeyStore {
  readonly entries: Map<string, string>;
  /** Every call in order, such as `set <account>`. */
  readonly calls: string[];
  /** While set, each call answers this code and does nothing. */
  failure: KeyringError | null;
}

/** A keychain in memory, with the same outcomes as a real one. */
export function memoryKeyStore(): MemoryKeyStore {
  const entries = new Map<string, string>();
  const calls: string[] = [];
  const store: MemoryKeyStore = {
    entries,
    calls,
    failure: null,
    async get(account) {
      calls.push(`get ${account}`);
      if (store.failure) return { ok: false, error: { code: store.failure } };
      return { ok: true, value: entries.get(account) ?? null };
    },
    async set(account, secret) {
      calls.push(`set ${account}`);
      if (store.failure) return { ok: false, error: { code: store.failure } };
      entries.set(account, secret);
      return { ok: true, value: undefined };
    },
    async delete(account) {
      calls.push(`delete ${account}`);
      entries.delete(account);
      return { ok: true, value: undefined };
    },
  };
  return store;
}

/** A clock that only the test moves. */
export function handClock() {
  let now = 0;
  return { now: () => now, pass: (ms: number) => (now += ms) };
}

const unlockPolicy = policySchema.parse({ unlock: { kdfTargetMs: 0 } }).unlock;

interface VaultChange extends Partial<Omit<VaultOptions, 'policy'>> {
  readonly policy?: Partial<VaultOptions['policy']>;
}

/** A vault with real files; its databases have no keys to be changed unless the test brings some. */
export function vaultWith(keyStore: KeyStore, { policy = {}, ...change }: VaultChange = {}): Vault {
  return createVault({
    keyStore,
    policy: { ...unlockPolicy, ...policy },
    databases: {
      fitting: () => Promise.reject(new Error('not asked for')),
      rekey: () => Promise.reject(new Error('not asked for')),
    },
    write: writeDurably,
    monotonic: () => 0,
    ...change,
  });
}
