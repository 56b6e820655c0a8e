import type { Result } from '../../preload/contract/channel.ts';
import type { KeyringError } from '../../preload/contract/session.ts';
import type { KeyStore } from './key-store.ts';

/** What the keychain holds of a profile beside its device secret; that by which the server is told goes last. */
const ENTRIES = ['attempts', 'lease', 'refresh-token'] as const;

/** Forgets what the keychain holds of a profile whose keys are destroyed. */
export async function forgetEntries(keyStore: KeyStore, profileId: string): Promise<Result<void, KeyringError>> {
  for (const entry of ENTRIES) {
    const forgotten = await keyStore.delete(`${profileId}/${entry}`);
    if (!forgotten.ok) return forgotten;
  }
  return { ok: true, value: undefined };
}
