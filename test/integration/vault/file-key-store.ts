import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { KeyStore } from '../../../main/vault/key-store.ts';

/** A keychain in a file, so that it outlives a process that is killed; like a real one it changes whole or not at all. */
export function fileKeyStore(file: string, reached: () => void = () => undefined): KeyStore {
  const read = (): Record<string, string> => {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
    } catch {
      return {};
    }
  };
  const change = (work: (entries: Record<string, string>) => void) => {
    const entries = read();
    work(entries);
    reached();
    writeFileSync(`${file}.new`, JSON.stringify(entries));
    renameSync(`${file}.new`, file);
    reached();
    return { ok: true, value: undefined } as const;
  };
  return {
    get: async (account) => ({ ok: true, value: read()[account] ?? null }),
    set: async (account, secret) => change((entries) => Object.assign(entries, { [account]: secret })),
    delete: async (account) => change((entries) => delete entries[account]),
  };
}
