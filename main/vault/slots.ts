import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { Result } from '../../preload/contract/channel.ts';
import type { KeyringError, StoreError } from '../../preload/contract/session.ts';
import {
  deriveKey,
  kdfParameters,
  newKdfParameters,
  passphraseKey,
  sameBytes,
  seal,
  sealed,
  unseal,
} from './crypto.ts';
import { writeDurably } from './durable.ts';

const VERSION = 2;

/** The keys of a profile: 32 random bytes each. Whoever holds them wipes them. */
export interface ProfileKeys {
  readonly cacheKey: Buffer;
  readonly outboxKey: Buffer;
}

const head = { id: z.uuid(), kind: z.literal('passphrase'), kdf: kdfParameters };

/** Each key is sealed by itself under the slot key, so that another kind of slot may hold one of them only. */
const slot = z.strictObject({ ...head, cacheKey: sealed, outboxKey: sealed });
/** Of version 1, before there was an outbox. */
const firstSlot = z.strictObject({ ...head, cacheKey: sealed });

const fileHead = {
  profile: z.uuid(),
  /** Tells a wrong device secret from a wrong passphrase; derived one way from 32 random bytes, so it gives nothing away. */
  deviceSecretCheck: z.base64(),
};

const slotFile = z.strictObject({ version: z.literal(VERSION), ...fileHead, slots: z.array(slot).min(1).max(8) });
/** No more than one slot was ever made in version 1. */
const firstFile = z.strictObject({ version: z.literal(1), ...fileHead, slots: z.array(firstSlot).length(1) });
const anyFile = z.discriminatedUnion('version', [firstFile, slotFile]);
type SlotFile = z.infer<typeof slotFile>;
type AnyFile = z.infer<typeof anyFile>;
type Head = Pick<z.infer<typeof slot>, 'id' | 'kind' | 'kdf'>;

/** The file as written: a checksum tells an accident from a wrong passphrase. */
const envelope = z.strictObject({ checksum: z.string(), content: z.string().max(65_536) });

export type OpenError = 'passphrase-wrong' | KeyringError | StoreError;

function secretCheck(deviceSecret: Uint8Array, profile: string): Buffer {
  return deriveKey(deviceSecret, Buffer.from(profile), 'wardlight device secret check v1', 16);
}

/** Everything that must not be moved to another profile or slot, or be weakened, goes into the authenticated context. */
function slotContext(profile: string, { id, kind, kdf }: Head, purpose: string): string {
  const costs = [kdf.algorithm, kdf.memoryKiB, kdf.passes, kdf.parallelism, kdf.salt];
  return JSON.stringify(['wardlight slot v1', profile, id, kind, ...costs, purpose]);
}

const CACHE = 'cache key';
const OUTBOX = 'outbox key';

async function slotKey(deviceSecret: Uint8Array, passphrase: string, context: string, kdf: Head['kdf']) {
  const typed = await passphraseKey(passphrase, kdf);
  const key = deriveKey(typed, deviceSecret, context);
  typed.fill(0);
  return key;
}

/** The keys of one slot, sealed; a version 1 slot keeps its cache key, as its context is the same. */
function sealKeys(profile: string, head: Head, key: Buffer, keys: ProfileKeys): SlotFile['slots'][number] {
  return {
    ...head,
    cacheKey: seal(key, keys.cacheKey, slotContext(profile, head, CACHE)),
    outboxKey: seal(key, keys.outboxKey, slotContext(profile, head, OUTBOX)),
  };
}

/** Wraps the keys for one passphrase and the device secret, and writes the profile's slot file. */
export async function createSlots(options: {
  file: string;
  profile: string;
  deviceSecret: Uint8Array;
  passphrase: string;
  keys: ProfileKeys;
}): Promise<void> {
  const { file, profile, deviceSecret, passphrase, keys } = options;
  const head: Head = { id: randomUUID(), kind: 'passphrase', kdf: newKdfParameters() };
  const key = await slotKey(deviceSecret, passphrase, slotContext(profile, head, CACHE), head.kdf);
  const content: SlotFile = {
    version: VERSION,
    profile,
    deviceSecretCheck: secretCheck(deviceSecret, profile).toString('base64'),
    slots: [sealKeys(profile, head, key, keys)],
  };
  key.fill(0);
  await writeSlots(file, content);
}

async function writeSlots(file: string, slots: SlotFile): Promise<void> {
  const content = JSON.stringify(slots);
  await writeDurably(file, JSON.stringify({ checksum: checksumOf(content), content }));
}

function checksumOf(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

async function readSlots(file: string): Promise<Result<AnyFile, StoreError>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return { ok: false, error: { code: 'slots-damaged' } };
  }
  const outer = envelope.safeParse(parse(text));
  if (!outer.success || checksumOf(outer.data.content) !== outer.data.checksum) {
    return { ok: false, error: { code: 'slots-damaged' } };
  }
  const content = parse(outer.data.content);
  const version = z.object({ version: z.number() }).safeParse(content);
  if (version.success && version.data.version > VERSION) return { ok: false, error: { code: 'slots-newer' } };
  const inner = anyFile.safeParse(content);
  return inner.success ? { ok: true, value: inner.data } : { ok: false, error: { code: 'slots-damaged' } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The keys of a profile. The device secret is checked before the passphrase is stretched, so that a wrong keychain entry
 * is never taken for a wrong passphrase. A file of before there was an outbox gets the outbox's key, durably, before the
 * key is given out: nothing is ever encrypted with a key that a crash could lose. Throws where that can't be written.
 */
export async function openSlots(options: {
  file: string;
  profile: string;
  deviceSecret: Uint8Array;
  passphrase: string;
}): Promise<Result<ProfileKeys, OpenError>> {
  const { file, profile, deviceSecret, passphrase } = options;
  const read = await readSlots(file);
  if (!read.ok) return read;
  if (read.value.profile !== profile) return { ok: false, error: { code: 'slots-damaged' } };
  const check = Buffer.from(read.value.deviceSecretCheck, 'base64');
  if (!sameBytes(check, secretCheck(deviceSecret, profile)))
    return { ok: false, error: { code: 'keyring-entry-wrong' } };
  for (const candidate of read.value.slots) {
    const { id, kind, kdf } = candidate;
    const head: Head = { id, kind, kdf };
    const context = slotContext(profile, head, CACHE);
    const key = await slotKey(deviceSecret, passphrase, context, kdf);
    try {
      const cacheKey = unseal(key, candidate.cacheKey, context);
      if (cacheKey?.length !== KEY_BYTES) continue;
      const sealedOutbox = 'outboxKey' in candidate ? candidate.outboxKey : null;
      if (!sealedOutbox) return { ok: true, value: await addOutboxKey(file, read.value, head, key, cacheKey) };
      const outboxKey = unseal(key, sealedOutbox, slotContext(profile, head, OUTBOX));
      if (outboxKey?.length === KEY_BYTES) return { ok: true, value: { cacheKey, outboxKey } };
      cacheKey.fill(0);
      return { ok: false, error: { code: 'slots-damaged' } };
    } finally {
      key.fill(0);
    }
  }
  return { ok: false, error: { code: 'passphrase-wrong' } };
}

const KEY_BYTES = 32;

/** Version 1 becomes version 2: after a crash either the one or the other is there, whole. */
async function addOutboxKey(
  file: string,
  old: AnyFile,
  head: Head,
  key: Buffer,
  cacheKey: Buffer,
): Promise<ProfileKeys> {
  const keys = { cacheKey, outboxKey: newSecret() };
  const { profile, deviceSecretCheck } = old;
  const slots = [sealKeys(profile, head, key, keys)];
  await writeSlots(file, { version: VERSION, profile, deviceSecretCheck, slots });
  return keys;
}

/** A fresh 32-byte secret from the operating system's generator. */
export function newSecret(): Buffer {
  return randomBytes(32);
}
