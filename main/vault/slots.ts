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

const VERSION = 1;

const slot = z.strictObject({
  id: z.uuid(),
  kind: z.literal('passphrase'),
  kdf: kdfParameters,
  /** The cache key, sealed under the slot key. */
  cacheKey: sealed,
});

const slotFile = z.strictObject({
  version: z.literal(VERSION),
  profile: z.uuid(),
  /** Tells a wrong device secret from a wrong passphrase; derived one way from 32 random bytes, so it gives nothing away. */
  deviceSecretCheck: z.base64(),
  slots: z.array(slot).min(1).max(8),
});
type SlotFile = z.infer<typeof slotFile>;
type Slot = z.infer<typeof slot>;

/** The file as written: a checksum tells an accident from a wrong passphrase. */
const envelope = z.strictObject({ checksum: z.string(), content: z.string().max(65_536) });

export type OpenError = 'passphrase-wrong' | KeyringError | StoreError;

function secretCheck(deviceSecret: Uint8Array, profile: string): Buffer {
  return deriveKey(deviceSecret, Buffer.from(profile), 'wardlight device secret check v1', 16);
}

/** Everything that must not be moved to another profile or slot, or be weakened, goes into the authenticated context. */
function slotContext(profile: string, { id, kind, kdf }: Pick<Slot, 'id' | 'kind' | 'kdf'>): string {
  const costs = [kdf.algorithm, kdf.memoryKiB, kdf.passes, kdf.parallelism, kdf.salt];
  return JSON.stringify(['wardlight slot v1', profile, id, kind, ...costs, 'cache key']);
}

async function slotKey(deviceSecret: Uint8Array, passphrase: string, context: string, kdf: Slot['kdf']) {
  const typed = await passphraseKey(passphrase, kdf);
  const key = deriveKey(typed, deviceSecret, context);
  typed.fill(0);
  return key;
}

/** Wraps a cache key for one passphrase and the device secret, and writes the profile's slot file. */
export async function createSlots(options: {
  file: string;
  profile: string;
  deviceSecret: Uint8Array;
  passphrase: string;
  cacheKey: Uint8Array;
}): Promise<void> {
  const { file, profile, deviceSecret, passphrase, cacheKey } = options;
  const head = { id: randomUUID(), kind: 'passphrase' as const, kdf: newKdfParameters() };
  const context = slotContext(profile, head);
  const key = await slotKey(deviceSecret, passphrase, context, head.kdf);
  const content: SlotFile = {
    version: VERSION,
    profile,
    deviceSecretCheck: secretCheck(deviceSecret, profile).toString('base64'),
    slots: [{ ...head, cacheKey: seal(key, cacheKey, context) }],
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

async function readSlots(file: string): Promise<Result<SlotFile, StoreError>> {
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
  const inner = slotFile.safeParse(content);
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
 * The 32 bytes of the cache key. The device secret is checked before the passphrase is stretched, so that a wrong
 * keychain entry is never taken for a wrong passphrase.
 */
export async function openSlots(options: {
  file: string;
  profile: string;
  deviceSecret: Uint8Array;
  passphrase: string;
}): Promise<Result<Buffer, OpenError>> {
  const { file, profile, deviceSecret, passphrase } = options;
  const read = await readSlots(file);
  if (!read.ok) return read;
  if (read.value.profile !== profile) return { ok: false, error: { code: 'slots-damaged' } };
  const check = Buffer.from(read.value.deviceSecretCheck, 'base64');
  if (!sameBytes(check, secretCheck(deviceSecret, profile)))
    return { ok: false, error: { code: 'keyring-entry-wrong' } };
  for (const candidate of read.value.slots) {
    const context = slotContext(profile, candidate);
    const key = await slotKey(deviceSecret, passphrase, context, candidate.kdf);
    const cacheKey = unseal(key, candidate.cacheKey, context);
    key.fill(0);
    if (cacheKey?.length === 32) return { ok: true, value: cacheKey };
  }
  return { ok: false, error: { code: 'passphrase-wrong' } };
}

/** A fresh 32-byte secret from the operating system's generator. */
export function newSecret(): Buffer {
  return randomBytes(32);
}
