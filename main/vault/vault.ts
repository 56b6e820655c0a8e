import { join } from 'node:path';
import type { Result } from '../../preload/contract/channel.ts';
import type { KeyringError, StoreError } from '../../preload/contract/session.ts';
import { makePrivateFolder } from './durable.ts';
import type { KeyStore } from './key-store.ts';
import { createSlots, newSecret, type OpenError, openSlots, type ProfileKeys } from './slots.ts';

/** Makes and opens the keys of a profile (design "Keys"). Keys leave as buffers that the caller zero-fills. */
export interface Vault {
  enrol(profile: VaultProfile, passphrase: string): Promise<Result<ProfileKeys, KeyringError | StoreError>>;
  unlock(profile: VaultProfile, passphrase: string): Promise<Result<ProfileKeys, OpenError>>;
  /**
   * Destroys the device secret, and with it every way in by a passphrase (crypto-shredding). What is sealed for the
   * organisation's recovery key stays recoverable. Answers ok only once the keychain has no entry any more.
   */
  destroy(profile: VaultProfile): Promise<Result<void, KeyringError>>;
}

export interface VaultProfile {
  readonly id: string;
  readonly folder: string;
}

const SECRET_BYTES = 32;

function account(profile: VaultProfile): string {
  return `${profile.id}/device-secret`;
}

function slotFile(profile: VaultProfile): string {
  return join(profile.folder, 'slots.json');
}

/** Why the slots could not be written. */
function diskError(error: unknown): StoreError {
  const code = String((error as NodeJS.ErrnoException)?.code);
  if (['ENOSPC', 'EDQUOT'].includes(code)) return 'disk-full';
  return ['EROFS', 'EACCES', 'EPERM'].includes(code) ? 'disk-read-only' : 'store-failed';
}

export function createVault({ keyStore }: { keyStore: KeyStore }): Vault {
  /** A missing entry is an outcome of its own: a new secret here would make the profile unreadable for good. */
  async function deviceSecret(profile: VaultProfile): Promise<Result<Buffer, KeyringError>> {
    const stored = await keyStore.get(account(profile));
    if (!stored.ok) return stored;
    if (stored.value === null) return { ok: false, error: { code: 'keyring-entry-missing' } };
    const secret = Buffer.from(stored.value, 'base64');
    if (secret.length !== SECRET_BYTES) return { ok: false, error: { code: 'keyring-entry-wrong' } };
    return { ok: true, value: secret };
  }

  return {
    async enrol(profile, passphrase) {
      const secret = newSecret();
      // First of all, and read back: keys that the keychain did not keep would lock the clinician out.
      const kept = await keyStore.set(account(profile), secret.toString('base64'));
      if (!kept.ok) return kept;
      const keys: ProfileKeys = { cacheKey: newSecret(), outboxKey: newSecret() };
      const { id } = profile;
      try {
        await makePrivateFolder(profile.folder);
        await createSlots({ file: slotFile(profile), profile: id, deviceSecret: secret, passphrase, keys });
        return { ok: true, value: keys };
      } catch (error) {
        keys.cacheKey.fill(0);
        keys.outboxKey.fill(0);
        return { ok: false, error: { code: diskError(error) } };
      } finally {
        secret.fill(0);
      }
    },

    async unlock(profile, passphrase) {
      const secret = await deviceSecret(profile);
      if (!secret.ok) return secret;
      const options = { file: slotFile(profile), profile: profile.id, deviceSecret: secret.value, passphrase };
      try {
        return await openSlots(options);
      } catch (error) {
        return { ok: false, error: { code: diskError(error) } };
      } finally {
        secret.value.fill(0);
      }
    },

    async destroy(profile) {
      const deleted = await keyStore.delete(account(profile));
      if (!deleted.ok) return deleted;
      const left = await keyStore.get(account(profile));
      if (!left.ok) return left;
      return left.value === null ? { ok: true, value: undefined } : { ok: false, error: { code: 'keyring-failed' } };
    },
  };
}
