import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { Result } from '../../preload/contract/channel.ts';
import type { StoreError } from '../../preload/contract/session.ts';
import { kdfParameters, sealed } from './crypto.ts';

const VERSION = 3;

const base64 = z.base64();
const head = { id: z.uuid(), kind: z.literal('passphrase'), kdf: kdfParameters };

/**
 * Each key is sealed by itself, so that a slot may hold one of them only. While keys are being rotated there are two: the
 * one in force, then the one that follows.
 */
const choices = <Box extends z.ZodType>(box: Box) => z.array(box).min(1).max(2);

const passphraseSlot = z.strictObject({ ...head, cacheKeys: choices(sealed), outboxKeys: choices(sealed) });

/** For the organisation's recovery key: the outbox's key, and no other (what is unsent is nowhere else). */
const recoverySlot = z.strictObject({
  id: z.uuid(),
  kind: z.literal('recovery'),
  /** The public key (SPKI, DER), so that a rotation can seal for it whatever policy says by then. */
  publicKey: base64,
  /** Its SHA-256, hexadecimal: what IT knows the key by. */
  thumbprint: z.string().regex(/^[0-9a-f]{64}$/),
  outboxKeys: choices(base64),
  /** HMAC of the above under the outbox key in force, by which an unlock notices a slot that was changed. */
  check: base64,
});

const fileHead = {
  profile: z.uuid(),
  /** Tells a wrong device secret from a wrong passphrase; derived one way from 32 random bytes, so it gives nothing away. */
  deviceSecretCheck: base64,
};

const slotFile = z
  .strictObject({
    version: z.literal(VERSION),
    ...fileHead,
    slots: z
      .array(z.discriminatedUnion('kind', [passphraseSlot, recoverySlot]))
      .min(1)
      .max(8),
  })
  // Keys are rotated in all slots at once.
  .refine(({ slots }) => new Set(slots.flatMap(countsOf)).size === 1);

function countsOf(slot: z.infer<typeof passphraseSlot> | z.infer<typeof recoverySlot>): number[] {
  return slot.kind === 'recovery' ? [slot.outboxKeys.length] : [slot.outboxKeys.length, slot.cacheKeys.length];
}

/** Of version 2: one key each, and no other kind of slot. */
const secondSlot = z.strictObject({ ...head, cacheKey: sealed, outboxKey: sealed });
const secondFile = z.strictObject({ version: z.literal(2), ...fileHead, slots: z.array(secondSlot).min(1).max(8) });
/** Of version 1, before there was an outbox. No more than one slot was ever made. */
const firstSlot = z.strictObject({ ...head, cacheKey: sealed });
const firstFile = z.strictObject({ version: z.literal(1), ...fileHead, slots: z.array(firstSlot).length(1) });
const anyFile = z.union([slotFile, secondFile, firstFile]);
type AnyFile = z.infer<typeof anyFile>;

/** A profile's slots as they are in memory, whatever version they were read from. */
export type SlotFile = z.infer<typeof slotFile>;
export type PassphraseSlot = z.infer<typeof passphraseSlot>;
export type RecoverySlot = z.infer<typeof recoverySlot>;

/** Slots as read. `version` is the file's: an older one is written anew once the passphrase has opened it. */
export interface ReadSlots {
  readonly version: number;
  /** A slot of version 1 has no outbox key yet: its list is empty. */
  readonly content: SlotFile;
}

export const CURRENT_VERSION = VERSION;

/** The file as written: a checksum tells an accident from a wrong passphrase. */
const envelope = z.strictObject({ checksum: z.string(), content: z.string().max(65_536) });

const damaged = { ok: false, error: { code: 'slots-damaged' } } as const;

/** The text of a slot file. */
export function slotText(slots: SlotFile): string {
  const content = JSON.stringify(slots);
  return JSON.stringify({ checksum: checksumOf(content), content });
}

/** Reads the slot file of a profile: whatever is in it, it is either whole and of that profile, or it has a name. */
export async function readSlots(file: string, profile: string): Promise<Result<ReadSlots, StoreError>> {
  const read = await readAnySlots(file);
  return read.ok && read.value.content.profile !== profile ? damaged : read;
}

/** The same of whichever profile. */
export async function readAnySlots(file: string): Promise<Result<ReadSlots, StoreError>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return damaged;
  }
  const outer = envelope.safeParse(parse(text));
  if (!outer.success || checksumOf(outer.data.content) !== outer.data.checksum) return damaged;
  const content = parse(outer.data.content);
  const version = z.object({ version: z.number() }).safeParse(content);
  if (version.success && version.data.version > VERSION) return { ok: false, error: { code: 'slots-newer' } };
  const inner = anyFile.safeParse(content);
  if (!inner.success) return damaged;
  return { ok: true, value: { version: inner.data.version, content: asCurrent(inner.data) } };
}

/** The contexts under which keys are sealed are the same in all versions, so that older boxes are taken over as they are. */
function asCurrent(read: AnyFile): SlotFile {
  if (read.version === VERSION) return read;
  const { profile, deviceSecretCheck } = read;
  const slots = read.slots.map((slot): PassphraseSlot => {
    const { id, kind, kdf, cacheKey } = slot;
    return { id, kind, kdf, cacheKeys: [cacheKey], outboxKeys: 'outboxKey' in slot ? [slot.outboxKey] : [] };
  });
  return { version: VERSION, profile, deviceSecretCheck, slots };
}

function checksumOf(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
