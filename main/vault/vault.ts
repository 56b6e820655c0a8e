import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../../preload/contract/channel.ts';
import type { KeyringError, StoreError } from '../../preload/contract/session.ts';
import type { Policy } from '../managed/policy.ts';
import { type Attempt, type AttemptState, createAttempts } from './attempts.ts';
import { calibrate } from './calibrate.ts';
import { newKdfParameters } from './crypto.ts';
import { makePrivateFolder } from './durable.ts';
import type { KeyStore } from './key-store.ts';
import { type RecoveryKey, type RecoveryKeyError, readRecoveryKey } from './recovery.ts';
import { CURRENT_VERSION, readSlots, type SlotFile, slotText } from './slot-file.ts';
import {
  createSlots,
  type Kept,
  type KeyChoices,
  newSecret,
  type OpenError,
  type OpenedSlots,
  openSlots,
  type ProfileKeys,
  withOnly,
  withRecovery,
} from './slots.ts';

/** Why a passphrase did not open a profile. */
export type UnlockError = OpenError | 'unlock-delayed' | 'keys-destroyed' | KeyringError;

type Answer<Value, Code extends string = UnlockError> = Promise<Result<Value, Code>>;

/** Makes and opens the keys of a profile (design "Keys"). Keys leave as buffers that the caller zero-fills. */
export interface Vault {
  enrol(profile: VaultProfile, passphrase: string): Answer<ProfileKeys, KeyringError | StoreError | RecoveryKeyError>;
  unlock(profile: VaultProfile, passphrase: string): Answer<ProfileKeys>;
  /** Whether the passphrase is the right one; a wrong one counts as at an unlock. */
  verify(profile: VaultProfile, passphrase: string): Answer<void>;
  /** Wraps the same keys for another passphrase: nothing is encrypted anew. */
  changePassphrase(profile: VaultProfile, current: string, next: string): Answer<void>;
  /**
   * Gives both databases new keys. `prepare` closes them, once the passphrase has proved right. Answers the keys that
   * are in force from then on, also where it could not be done.
   */
  rotate(profile: VaultProfile, passphrase: string, steps: RotationSteps): Answer<Rotated>;
  /** What to tell before the next try. */
  attempts(profile: VaultProfile): Answer<AttemptState, 'keys-destroyed' | KeyringError | StoreError>;
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

export interface Rotated {
  readonly keys: ProfileKeys;
  /** Why not all of it was done. */
  readonly failure: StoreError | null;
}

export interface RotationSteps {
  prepare(): Promise<void>;
  /** Share of the work that is done, from 0 to 1. */
  onProgress(done: number): void;
}

/** The databases of a profile as the vault needs them: which keys they have, and how they get others. */
export interface DatabaseKeys {
  /** Which of two keys each database has. */
  fitting(profile: VaultProfile, keys: KeyChoices): Promise<Result<Kept, StoreError>>;
  /** Re-encrypts both from the first key to the second. */
  rekey(profile: VaultProfile, keys: KeyChoices, onProgress: (done: number) => void): Promise<Result<void, StoreError>>;
}

export interface VaultOptions {
  readonly keyStore: KeyStore;
  readonly policy: Policy['unlock'];
  readonly databases: DatabaseKeys;
  /** Replaces a file whole or not at all. */
  readonly write: (file: string, content: string) => Promise<void>;
  /** Milliseconds of a clock that nobody can set. */
  readonly monotonic: () => number;
  /** The recovery key of the policy can't be used; unlocking goes on without it. */
  readonly onRecoveryKey?: (code: RecoveryKeyError) => void;
}

const SECRET_BYTES = 32;

function account(profile: VaultProfile): string {
  return `${profile.id}/device-secret`;
}

function slotFile(profile: VaultProfile): string {
  return join(profile.folder, 'slots.json');
}

/** What a death while the file was written has left: it may hold keys wrapped for a passphrase that ended since. */
async function removeUnfinished({ folder }: VaultProfile): Promise<void> {
  const names = await readdir(folder);
  const left = names.filter((name) => name.startsWith('slots.json.') && name.endsWith('.new'));
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
}

/** Why the slots could not be written. */
function diskError(error: unknown): StoreError {
  const code = String((error as NodeJS.ErrnoException)?.code);
  if (['ENOSPC', 'EDQUOT'].includes(code)) return 'disk-full';
  return ['EROFS', 'EACCES', 'EPERM'].includes(code) ? 'disk-read-only' : 'store-failed';
}

function hasBoth({ cacheKeys, outboxKeys }: KeyChoices): boolean {
  return cacheKeys.length > 1 || outboxKeys.length > 1;
}

function wipe(keys: ProfileKeys): void {
  keys.cacheKey.fill(0);
  keys.outboxKey.fill(0);
}

const done = { ok: true, value: undefined } as const;

export function createVault(options: VaultOptions): Vault {
  const { keyStore, policy, databases, write, monotonic } = options;
  const counter = createAttempts({ keyStore, policy, monotonic });

  /** A missing entry is an outcome of its own: a new secret here would make the profile unreadable for good. */
  async function deviceSecret(profile: VaultProfile): Promise<Result<Buffer, KeyringError>> {
    const stored = await keyStore.get(account(profile));
    if (!stored.ok) return stored;
    if (stored.value === null) return { ok: false, error: { code: 'keyring-entry-missing' } };
    const secret = Buffer.from(stored.value, 'base64');
    if (secret.length !== SECRET_BYTES) return { ok: false, error: { code: 'keyring-entry-wrong' } };
    return { ok: true, value: secret };
  }

  async function save(profile: VaultProfile, slots: SlotFile): Promise<void> {
    await write(slotFile(profile), slotText(slots));
    await removeUnfinished(profile);
  }

  async function newKdf() {
    return newKdfParameters(await calibrate(policy.kdfTargetMs));
  }

  function recoveryKey(): Result<RecoveryKey | null, RecoveryKeyError> {
    return policy.recoveryKey === null ? { ok: true, value: null } : readRecoveryKey(policy.recoveryKey);
  }

  async function destroy(profile: VaultProfile): Promise<Result<void, KeyringError>> {
    // First, so that a program that is killed in between goes on with it, and can say later why nothing opens.
    const marked = await counter.markDestroyed(profile.id);
    if (!marked.ok) return marked;
    const deleted = await keyStore.delete(account(profile));
    if (!deleted.ok) return deleted;
    const left = await keyStore.get(account(profile));
    if (!left.ok) return left;
    return left.value === null ? done : { ok: false, error: { code: 'keyring-failed' } };
  }

  async function destroyed(profile: VaultProfile): Promise<{ ok: false; error: { code: UnlockError } }> {
    const ended = await destroy(profile);
    return ended.ok ? { ok: false, error: { code: 'keys-destroyed' } } : ended;
  }

  /** A secret that is not there may have been destroyed, by wrong passphrases or by a wipe. */
  async function whyMissing(profile: VaultProfile): Promise<Result<never, 'keys-destroyed' | KeyringError>> {
    const looked = await counter.look(profile.id, false);
    return looked.ok ? { ok: false, error: { code: 'keyring-entry-missing' } } : looked;
  }

  /** The one way in by a passphrase: counted, and destroyed after the last try. `use` gets open slots for its time. */
  async function withSlots<Value>(
    profile: VaultProfile,
    passphrase: string,
    use: (slots: OpenedSlots, secret: Buffer) => Answer<Value>,
  ): Answer<Value> {
    const secret = await deviceSecret(profile);
    if (!secret.ok) return secret.error.code === 'keyring-entry-missing' ? whyMissing(profile) : secret;
    try {
      const slots = await tried(profile, secret.value, passphrase);
      if (!slots.ok) return slots.error.code === 'keys-destroyed' ? destroyed(profile) : slots;
      try {
        return await use(slots.value, secret.value);
      } finally {
        slots.value.wipe();
      }
    } catch (error) {
      return { ok: false, error: { code: diskError(error) } };
    } finally {
      secret.value.fill(0);
    }
  }

  async function tried(profile: VaultProfile, secret: Buffer, passphrase: string): Answer<OpenedSlots> {
    const file = slotFile(profile);
    let attempt: Attempt | null = null;
    const opened = await openSlots<UnlockError>({
      file,
      profile: profile.id,
      deviceSecret: secret,
      passphrase,
      async attempt(version) {
        const begun = await counter.begin(profile.id, version === CURRENT_VERSION);
        if (begun.ok) attempt = begun.value;
        return begun;
      },
    });
    const mine = attempt as Attempt | null;
    if (!opened.ok && opened.error.code === 'passphrase-wrong') {
      return mine?.wrong() === 'last' ? { ok: false, error: { code: 'keys-destroyed' } } : opened;
    }
    // What else stops it after this point comes of a passphrase that was right.
    if (opened.ok || opened.error.code === 'slots-damaged') await mine?.right();
    return opened;
  }

  /** Which keys the databases have: where a rotation was cut off there are two of each. */
  async function inForce(profile: VaultProfile, keys: KeyChoices): Answer<Kept> {
    return hasBoth(keys) ? databases.fitting(profile, keys) : { ok: true, value: { cache: 0, outbox: 0 } };
  }

  /** One key of each, and the slots without the others. */
  async function settled(profile: VaultProfile, slots: OpenedSlots): Answer<ProfileKeys> {
    const { cacheKeys, outboxKeys } = slots.keys;
    const both = hasBoth(slots.keys);
    const fitting = await inForce(profile, slots.keys);
    if (!fitting.ok) return fitting;
    const kept = fitting.value;
    const outboxKey = outboxKeys[kept.outbox]!;
    const key = recoveryKey();
    if (!key.ok) options.onRecoveryKey?.(key.error.code);
    const content = withRecovery(
      both ? withOnly(slots.content, kept, outboxKeys) : slots.content,
      [outboxKey],
      key.ok ? key.value : null,
    );
    if (both || slots.outdated || content !== slots.content) {
      // A disk that is full must not keep anybody from reading; what can wait is written at the next unlock.
      await save(profile, content).catch((error: unknown) => {
        if (slots.unsaved) throw error;
      });
    }
    return { ok: true, value: { cacheKey: Buffer.from(cacheKeys[kept.cache]!), outboxKey: Buffer.from(outboxKey) } };
  }

  return {
    async enrol(profile, passphrase) {
      const recovery = recoveryKey();
      if (!recovery.ok) return recovery;
      const secret = newSecret();
      // First of all, and read back: keys that the keychain did not keep would lock the clinician out.
      const kept = await keyStore.set(account(profile), secret.toString('base64'));
      if (!kept.ok) return kept;
      const counting = await counter.reset(profile.id);
      if (!counting.ok) return counting;
      const keys: ProfileKeys = { cacheKey: newSecret(), outboxKey: newSecret() };
      try {
        await makePrivateFolder(profile.folder);
        const wrapping = { profile: profile.id, deviceSecret: secret, passphrase, kdf: await newKdf() };
        await save(profile, await createSlots({ ...wrapping, keys, recovery: recovery.value }));
        return { ok: true, value: keys };
      } catch (error) {
        wipe(keys);
        return { ok: false, error: { code: diskError(error) } };
      } finally {
        secret.fill(0);
      }
    },

    unlock: (profile, passphrase) => withSlots(profile, passphrase, (slots) => settled(profile, slots)),

    verify: (profile, passphrase) => withSlots(profile, passphrase, async () => done),

    changePassphrase: (profile, current, next) =>
      withSlots(profile, current, async (slots, secret) => {
        const kdf = await newKdf();
        await save(
          profile,
          await slots.withPassphrase({ profile: profile.id, deviceSecret: secret, passphrase: next, kdf }),
        );
        return done;
      }),

    rotate: (profile, passphrase, { prepare, onProgress }) =>
      withSlots(profile, passphrase, async (slots) => {
        const next: ProfileKeys = { cacheKey: newSecret(), outboxKey: newSecret() };
        try {
          await prepare();
          // An earlier change may have ended without being noted in the slots, by a disk that was full.
          const before = await inForce(profile, slots.keys);
          if (!before.ok) return before;
          // Durable before any database has a new key: a crash at any step leaves both keys to be had.
          const { keys, content } = slots.withNext(next, before.value);
          await save(profile, content);
          const rekeyed = await databases.rekey(profile, keys, onProgress);
          // After a failure too: one database may have its new key already.
          const after = await settled(profile, { ...slots, keys, content });
          if (!after.ok) return after;
          return { ok: true, value: { keys: after.value, failure: rekeyed.ok ? null : rekeyed.error.code } };
        } finally {
          wipe(next);
        }
      }),

    async attempts(profile) {
      const read = await readSlots(slotFile(profile), profile.id);
      if (!read.ok) return read;
      const looked = await counter.look(profile.id, read.value.version === CURRENT_VERSION);
      if (looked.ok || looked.error.code !== 'keys-destroyed') return looked;
      const ended = await destroy(profile);
      return ended.ok ? looked : ended;
    },

    destroy,
  };
}
