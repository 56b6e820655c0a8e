import { readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createFhirClient } from '../../../main/fhir/client.ts';
import { acknowledgeWipe } from '../../../main/identity/acknowledge.ts';
import { createProfiles } from '../../../main/identity/profiles.ts';
import { createSmart } from '../../../main/identity/smart.ts';
import { renewToken } from '../../../main/identity/tokens.ts';
import { createWipe } from '../../../main/identity/wipe.ts';
import { createWipeMarks } from '../../../main/identity/wipe-marks.ts';
import { makePrivateFolder, writeDurably } from '../../../main/vault/durable.ts';
import { forgetEntries } from '../../../main/vault/forget.ts';
import type { KeyStore } from '../../../main/vault/key-store.ts';
import { hasRecoverySlot } from '../../../main/vault/recovery-slot.ts';
import { vaultWith } from '../../unit/vault/support.ts';

/** A keychain that outlives its process, as a file: what is tested here is what happens between two of its calls. */
export function fileKeyStore(file: string): KeyStore {
  const read = () => JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  const change = (work: (entries: Record<string, string>) => void) => {
    const entries = read();
    work(entries);
    writeFileSync(file, JSON.stringify(entries));
    return { ok: true, value: undefined } as const;
  };
  return {
    get: async (account) => ({ ok: true, value: read()[account] ?? null }),
    set: async (account, secret) => change((entries) => Object.assign(entries, { [account]: secret })),
    delete: async (account) => change((entries) => delete entries[account]),
  };
}

/** Told of each step that changes something, right before and right after it. */
export type Around = <Value>(step: string, work: () => Promise<Value>) => Promise<Value>;

/** The parts of the program that erase a workstation, on real files and a real server. */
export function openStation(folder: string, around: Around = (_step, work) => work()) {
  const keys = fileKeyStore(join(folder, 'keychain.json'));
  const keyStore: KeyStore = {
    get: keys.get,
    set: (account, secret) => around(`keep ${account.slice(37)}`, () => keys.set(account, secret)),
    delete: (account) => around(`forget ${account.slice(37)}`, () => keys.delete(account)),
  };
  const now = () => Date.now();
  const write = (file: string, content: string) => around('write', () => writeDurably(file, content));
  const profiles = createProfiles({ root: join(folder, 'profiles'), write, now });
  const smart = createSmart({
    fetch: globalThis.fetch,
    openExternal: async () => undefined,
    now,
    uptime: () => 0,
    timeoutMs: 1_000,
  });
  const wipe = createWipe({
    marks: createWipeMarks({ folder: join(folder, 'wipes'), makeFolder: makePrivateFolder, write }),
    profiles,
    vault: vaultWith(keyStore),
    hasRecoverySlot,
    remove: (path) => around('remove', () => rm(path, { recursive: true, force: true })),
    tell: ({ task, profile: { id, server } }, token) => {
      const account = `${id}/refresh-token`;
      return acknowledgeWipe(task, token, {
        renew: () =>
          renewToken(smart, server, {
            get: () => keyStore.get(account),
            set: (value) => keyStore.set(account, value),
          }),
        clientFor: async (accessToken) =>
          createFhirClient({
            base: server,
            fetch: (input, init) => around('ask', () => fetch(input, init)),
            accessToken: async () => ({ ok: true, value: accessToken }),
            requestId: () => 'r',
          }),
      });
    },
    forgetTokens: (id) => forgetEntries(keyStore, id),
    record: async () => undefined,
  });
  return { wipe, profiles };
}
