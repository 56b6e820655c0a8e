import { join } from 'node:path';
import type { Maintenance } from '../cache/maintenance.ts';
import type { KeyedFile } from '../cache/rekey.ts';
import type { KeyChoices } from './slots.ts';
import type { DatabaseKeys, VaultProfile } from './vault.ts';

/** The keys of a profile's two databases. The outbox is first: it is small, and nowhere else. */
export function createDatabaseKeys(maintenance: Maintenance, nativeBinding: string | undefined): DatabaseKeys {
  function files(profile: VaultProfile, { cacheKeys, outboxKeys }: KeyChoices): KeyedFile[] {
    const keyed = (name: string, [from, to]: readonly Buffer[]): KeyedFile => {
      if (!from || !to) throw new Error('two keys are needed');
      return { file: join(profile.folder, name), keys: [from, to], nativeBinding };
    };
    return [keyed('outbox.db', outboxKeys), keyed('cache.db', cacheKeys)];
  }

  return {
    async fitting(profile, keys) {
      const found = await maintenance.fitting(files(profile, keys));
      return found.ok ? { ok: true, value: { outbox: found.value[0] ?? 0, cache: found.value[1] ?? 0 } } : found;
    },
    rekey: (profile, keys, onProgress) => maintenance.rekey(files(profile, keys), onProgress),
  };
}
