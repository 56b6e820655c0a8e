import { randomBytes, randomUUID } from 'node:crypto';
import type { Failure, Result } from '../../preload/contract/channel.ts';
import type { KeyringError, StoreError } from '../../preload/contract/session.ts';
import { deriveKey, type KdfParameters, passphraseKey, sameBytes, seal, unseal } from './crypto.ts';
import { isIntact, type RecoveryKey, recoverySlot } from './recovery.ts';
import { CURRENT_VERSION, type PassphraseSlot, type RecoverySlot, readSlots, type SlotFile } from './slot-file.ts';

/** The keys of a profile: 32 random bytes each. Whoever holds them wipes them. */
export interface ProfileKeys {
  readonly cacheKey: Buffer;
  readonly outboxKey: Buffer;
}

/** Between the steps of a rotation there are two of each; the databases' own key-check values tell which is in force. */
export interface KeyChoices {
  readonly cacheKeys: readonly Buffer[];
  readonly outboxKeys: readonly Buffer[];
}

/** Which of two keys stays. */
export type Kept = { readonly cache: number; readonly outbox: number };

type Head = Pick<PassphraseSlot, 'id' | 'kind' | 'kdf'>;

const KEY_BYTES = 32;
const CACHE = 'cache key';
const OUTBOX = 'outbox key';

function secretCheck(deviceSecret: Uint8Array, profile: string): Buffer {
  return deriveKey(deviceSecret, Buffer.from(profile), 'wardlight device secret check v1', 16);
}

/** Everything that must not be moved to another profile or slot, or be weakened, goes into the authenticated context. */
function slotContext(profile: string, { id, kind, kdf }: Head, purpose: string): string {
  const costs = [kdf.algorithm, kdf.memoryKiB, kdf.passes, kdf.parallelism, kdf.salt];
  return JSON.stringify(['wardlight slot v1', profile, id, kind, ...costs, purpose]);
}

async function slotKey(deviceSecret: Uint8Array, passphrase: string, profile: string, head: Head): Promise<Buffer> {
  const typed = await passphraseKey(passphrase, head.kdf);
  const key = deriveKey(typed, deviceSecret, slotContext(profile, head, CACHE));
  typed.fill(0);
  return key;
}

function sealedSlot(profile: string, head: Head, key: Buffer, keys: KeyChoices): PassphraseSlot {
  const box = (purpose: string) => (secret: Buffer) => seal(key, secret, slotContext(profile, head, purpose));
  return { ...head, cacheKeys: keys.cacheKeys.map(box(CACHE)), outboxKeys: keys.outboxKeys.map(box(OUTBOX)) };
}

export interface NewSlots {
  readonly profile: string;
  readonly deviceSecret: Uint8Array;
  readonly passphrase: string;
  readonly kdf: KdfParameters;
}

/** The slots of a new profile: the keys wrapped for one passphrase and the device secret, and for the recovery key. */
export async function createSlots(
  options: NewSlots & { keys: ProfileKeys; recovery: RecoveryKey | null },
): Promise<SlotFile> {
  const { profile, deviceSecret, keys, recovery } = options;
  const choices = { cacheKeys: [keys.cacheKey], outboxKeys: [keys.outboxKey] };
  return {
    version: CURRENT_VERSION,
    profile,
    deviceSecretCheck: secretCheck(deviceSecret, profile).toString('base64'),
    slots: [
      await newSlot(options, choices),
      ...(recovery ? [recoverySlot(profile, recovery, choices.outboxKeys)] : []),
    ],
  };
}

async function newSlot(
  { profile, deviceSecret, passphrase, kdf }: NewSlots,
  keys: KeyChoices,
): Promise<PassphraseSlot> {
  const head: Head = { id: randomUUID(), kind: 'passphrase', kdf };
  const key = await slotKey(deviceSecret, passphrase, profile, head);
  const slot = sealedSlot(profile, head, key, keys);
  key.fill(0);
  return slot;
}

/** Slots that a passphrase has opened, and what can be made of them without asking for it again. */
export interface OpenedSlots {
  readonly keys: KeyChoices;
  /** As they are to be on disk from now on. */
  readonly content: SlotFile;
  /** The file is of an older version. */
  readonly outdated: boolean;
  /** The outbox's key is new: it has to be on disk before anything is encrypted with it. */
  readonly unsaved: boolean;
  /** The same with the next keys beside those in force: which these are, the databases have told. */
  withNext(next: ProfileKeys, inForce: Kept): { readonly keys: KeyChoices; readonly content: SlotFile };
  /** The same for another passphrase; other passphrases end. */
  withPassphrase(slots: NewSlots): Promise<SlotFile>;
  /** Wipes keys and slot key. */
  wipe(): void;
}

type Counted<Code extends string> = Promise<Result<void, Code>>;

export interface OpenOptions<Code extends string> {
  readonly file: string;
  readonly profile: string;
  readonly deviceSecret: Uint8Array;
  readonly passphrase: string;
  /**
   * Asked once all else is known to be in order, and before the passphrase is tried: whether an attempt is allowed. The
   * inner promise is the count in the keychain, and is waited for before anybody learns whether the passphrase was right.
   */
  readonly attempt: (version: number) => Promise<Result<{ readonly counted: Counted<Code> }, Code>>;
}

export type OpenError = 'passphrase-wrong' | 'keyring-entry-wrong' | StoreError;

/**
 * Opens the slots of a profile with a passphrase. The device secret is checked before the passphrase is stretched, so that
 * a wrong keychain entry is never taken for a wrong passphrase.
 */
export async function openSlots<Code extends string = KeyringError>(
  options: OpenOptions<Code>,
): Promise<Result<OpenedSlots, OpenError | Code>> {
  const { file, profile, deviceSecret, passphrase, attempt } = options;
  const read = await readSlots(file, profile);
  if (!read.ok) return read;
  const { version, content } = read.value;
  const check = Buffer.from(content.deviceSecretCheck, 'base64');
  if (!sameBytes(check, secretCheck(deviceSecret, profile))) return failed('keyring-entry-wrong');
  const allowed = await attempt(version);
  if (!allowed.ok) return allowed;
  for (const slot of content.slots) {
    if (slot.kind !== 'passphrase') continue;
    const key = await slotKey(deviceSecret, passphrase, profile, slot);
    const counted = await allowed.value.counted;
    const keys = counted.ok ? unsealKeys(profile, slot, key) : null;
    if (keys === 'damaged') return failed('slots-damaged');
    if (keys) return { ok: true, value: opened(content, version, slot, key, keys) };
    key.fill(0);
    if (!counted.ok) return counted;
  }
  const counted = await allowed.value.counted;
  return counted.ok ? failed('passphrase-wrong') : counted;
}

function failed<Code extends string>(code: Code): { ok: false; error: Failure<Code> } {
  return { ok: false, error: { code } };
}

/** The keys of a slot; null where the slot key is not the right one. */
function unsealKeys(profile: string, slot: PassphraseSlot, key: Buffer): KeyChoices | 'damaged' | null {
  const open = (boxes: PassphraseSlot['cacheKeys'], purpose: string) =>
    boxes.map((box) => unseal(key, box, slotContext(profile, slot, purpose)));
  const cacheKeys = open(slot.cacheKeys, CACHE);
  if (cacheKeys[0]?.length !== KEY_BYTES) return null;
  const outboxKeys = open(slot.outboxKeys, OUTBOX);
  const whole = (one: Buffer | null) => one?.length === KEY_BYTES;
  if (![...cacheKeys, ...outboxKeys].every(whole)) return 'damaged';
  return { cacheKeys: cacheKeys as Buffer[], outboxKeys: outboxKeys as Buffer[] };
}

function opened(
  read: SlotFile,
  version: number,
  slot: PassphraseSlot,
  key: Buffer,
  { cacheKeys, outboxKeys }: KeyChoices,
): OpenedSlots {
  const { profile } = read;
  const isFirst = outboxKeys.length === 0;
  const keys = { cacheKeys, outboxKeys: isFirst ? [newSecret()] : outboxKeys };
  const recoverySlots = read.slots.filter((one) => one.kind === 'recovery');
  return {
    keys,
    content: isFirst ? { ...read, slots: [sealedSlot(profile, slot, key, keys)] } : read,
    outdated: version !== CURRENT_VERSION,
    unsaved: isFirst,
    withNext(next, { cache, outbox }) {
      const both: KeyChoices = {
        cacheKeys: [keys.cacheKeys[cache]!, next.cacheKey],
        outboxKeys: [keys.outboxKeys[outbox]!, next.outboxKey],
      };
      // A recovery slot that somebody has changed gets no new key.
      const intact = recoverySlots.filter((one) => isIntact(profile, one, keys.outboxKeys[0]!));
      const slots = [
        sealedSlot(profile, slot, key, both),
        ...intact.map((one) => recoverySlot(profile, one, both.outboxKeys)),
      ];
      return { keys: both, content: { ...read, slots } };
    },
    async withPassphrase(slots) {
      return { ...read, slots: [await newSlot(slots, keys), ...recoverySlots] };
    },
    wipe() {
      key.fill(0);
      for (const one of [...keys.cacheKeys, ...keys.outboxKeys]) one.fill(0);
    },
  };
}

/** The slots with one key of each only: the end of a rotation, or of one that was given up. */
export function withOnly(content: SlotFile, kept: Kept, outboxKeys: readonly Buffer[]): SlotFile {
  const { profile, slots } = content;
  const pick = <Box>(boxes: readonly Box[], at: number) => [boxes[at] ?? boxes[0]] as Box[];
  return {
    ...content,
    slots: slots.map((slot) => {
      if (slot.kind === 'recovery') {
        // What it is checked by goes with the other key. One that somebody has changed isn't made good by that.
        return isIntact(profile, slot, outboxKeys[0]!)
          ? recoverySlot(profile, slot, pick(outboxKeys, kept.outbox))
          : slot;
      }
      return { ...slot, cacheKeys: pick(slot.cacheKeys, kept.cache), outboxKeys: pick(slot.outboxKeys, kept.outbox) };
    }),
  };
}

/**
 * The slots with one for the recovery key that policy names. Where policy names none, the one that is there stays: a
 * policy that could not be read must not end what was recoverable.
 */
export function withRecovery(content: SlotFile, outboxKeys: readonly Buffer[], recovery: RecoveryKey | null): SlotFile {
  const isRight = (slot: RecoverySlot) =>
    slot.thumbprint === recovery?.thumbprint && isIntact(content.profile, slot, outboxKeys[0]!);
  if (!recovery || content.slots.some((slot) => slot.kind === 'recovery' && isRight(slot))) return content;
  const others = content.slots.filter(({ kind }) => kind !== 'recovery');
  return { ...content, slots: [...others, recoverySlot(content.profile, recovery, outboxKeys)] };
}

/** A fresh 32-byte secret from the operating system's generator. */
export function newSecret(): Buffer {
  return randomBytes(32);
}
