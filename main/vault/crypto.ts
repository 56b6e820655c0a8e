import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';

const base64 = z.base64();

/** `Algorithm.Argon2id` of @node-rs/argon2, whose const enum can't be imported as a module on its own. */
const ARGON2ID = 2;

/** What Argon2 takes without throwing, and room to grow. */
const salt = base64.refine((text) => {
  const { length } = Buffer.from(text, 'base64');
  return length >= 16 && length <= 64;
});

/** Costs of Argon2id (RFC 9106), stored with each slot so that they can grow. */
export const kdfParameters = z.strictObject({
  algorithm: z.literal('argon2id'),
  memoryKiB: z.int().min(8_192).max(1_048_576),
  passes: z.int().min(1).max(64),
  parallelism: z.int().min(1).max(16),
  salt,
});
export type KdfParameters = z.infer<typeof kdfParameters>;

export const sealed = z.strictObject({ nonce: base64, ciphertext: base64, tag: base64 });
export type Sealed = z.infer<typeof sealed>;

export type KdfCosts = Pick<KdfParameters, 'memoryKiB' | 'passes' | 'parallelism'>;

/** 64 MiB, three passes, one lane: the second recommended option of RFC 9106, section 4. Never less. */
export const FLOOR: KdfCosts = { memoryKiB: 65_536, passes: 3, parallelism: 1 };

export function newKdfParameters(costs: KdfCosts = FLOOR): KdfParameters {
  return { algorithm: 'argon2id', ...costs, salt: randomBytes(16).toString('base64') };
}

/** 32 bytes from what the clinician typed (NFC, so that the same keys give the same bytes on every keyboard). */
export async function passphraseKey(passphrase: string, kdf: KdfParameters): Promise<Buffer> {
  // Loaded at the first unlock: native code is not on the way to the first screen.
  const { hashRaw } = await import('@node-rs/argon2');
  return hashRaw(passphrase.normalize('NFC'), {
    algorithm: ARGON2ID,
    memoryCost: kdf.memoryKiB,
    timeCost: kdf.passes,
    parallelism: kdf.parallelism,
    outputLen: 32,
    salt: Buffer.from(kdf.salt, 'base64'),
  });
}

/** HKDF-SHA256 (RFC 5869) of 32 bytes; `info` names the purpose, so that no two purposes share a key. */
export function deriveKey(secret: Uint8Array, salt: Uint8Array, info: string, length = 32): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, info, length));
}

/** AES-256-GCM with a random 96-bit nonce; `context` is authenticated and must be given again to open. */
export function seal(key: Uint8Array, plaintext: Uint8Array, context: string): Sealed {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(context));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return {
    nonce: nonce.toString('base64'),
    ciphertext: ciphertext.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
  };
}

/** The plaintext, or null where key, context or ciphertext is not the right one. */
export function unseal(key: Uint8Array, box: Sealed, context: string): Buffer | null {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(box.nonce, 'base64'), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(Buffer.from(box.tag, 'base64'));
    return Buffer.concat([decipher.update(Buffer.from(box.ciphertext, 'base64')), decipher.final()]);
  } catch {
    return null;
  }
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
