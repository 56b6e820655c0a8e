import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { readAt } from '../files.ts';
import { createPendingFile, type OpenFile, type PendingFile } from '../pending-file.ts';

const CHUNK = 65_536;
const TAG = 16;

/** Plaintext on disk, under a key that is in this process's memory alone: when the process ends, nobody reads it again. */
export interface SealedFile {
  readonly size: number;
  /** Fewer bytes than asked for where the file ends. */
  read(offset: number, length: number): Promise<Buffer>;
  /** Forgets its key, and removes it unless it is kept. */
  close(): Promise<void>;
}

export interface SealedWriter {
  write(bytes: Uint8Array): Promise<void>;
  readonly size: () => number;
  /** Gives the file its name. */
  commit(): Promise<SealedFile>;
  discard(): Promise<void>;
}

/**
 * Writes chunks of AES-256-GCM; `key` is used for this file only, and a chunk's number is its nonce. What is `kept`
 * outlives the process, under a key that can be had again.
 */
export async function createSealedFile(
  path: string,
  key: KeyObject,
  openFile?: OpenFile,
  kept = false,
): Promise<SealedWriter> {
  const file = await createPendingFile(path, undefined, openFile);
  const chunk = Buffer.allocUnsafe(CHUNK);
  let filled = 0;
  let chunks = 0;
  const sealChunk = (bytes: Uint8Array) => seal(file, key, chunks++, bytes);

  return {
    async write(bytes) {
      for (let taken = 0; taken < bytes.length; ) {
        // A frame of the usual length is sealed from where it lies.
        if (filled === 0 && bytes.length - taken >= CHUNK) {
          await sealChunk(bytes.subarray(taken, taken + CHUNK));
          taken += CHUNK;
          continue;
        }
        const room = Math.min(CHUNK - filled, bytes.length - taken);
        chunk.set(bytes.subarray(taken, taken + room), filled);
        filled += room;
        taken += room;
        if (filled === CHUNK) {
          filled = 0;
          await sealChunk(chunk);
        }
      }
    },
    size: () => chunks * CHUNK + filled,
    async commit() {
      if (filled > 0) await sealChunk(chunk.subarray(0, filled));
      chunk.fill(0);
      // What isn't kept nobody could read after a crash.
      await file.commit(kept);
      return openSealed(path, key, kept);
    },
    async discard() {
      chunk.fill(0);
      await file.discard();
    },
  };
}

async function seal(file: PendingFile, key: KeyObject, number: number, bytes: Uint8Array): Promise<void> {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number));
  await file.write(cipher.update(bytes));
  cipher.final();
  await file.write(cipher.getAuthTag());
}

function nonceOf(number: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(number, 6, 6);
  return nonce;
}

/**
 * A sealed file that was kept. That it was cut off between two chunks shows only in its size, which whoever keeps it has
 * to know from what stands in it.
 */
export const openKept = (path: string, key: KeyObject) => openSealed(path, key, true);

async function openSealed(path: string, key: KeyObject, kept: boolean): Promise<SealedFile> {
  const file = await open(path, constants.O_RDONLY);
  const { size: sealed } = await file.stat();
  const size = sealed - Math.ceil(sealed / (CHUNK + TAG)) * TAG;

  async function chunkAt(number: number): Promise<Buffer> {
    const length = Math.min(CHUNK, size - number * CHUNK);
    const sealed = await readAt(file, number * (CHUNK + TAG), length + TAG);
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number), { authTagLength: TAG });
    decipher.setAuthTag(sealed.subarray(length));
    const plain = decipher.update(sealed.subarray(0, length));
    decipher.final();
    return plain;
  }

  return {
    size,
    async read(offset, length) {
      const end = Math.min(size, offset + length);
      const parts: Buffer[] = [];
      for (let at = offset; at < end; ) {
        const number = Math.floor(at / CHUNK);
        const first = at - number * CHUNK;
        const part = (await chunkAt(number)).subarray(first, first + end - at);
        parts.push(part);
        at += part.length;
      }
      return Buffer.concat(parts);
    },
    async close() {
      await file.close();
      if (!kept) await rm(path, { force: true });
    },
  };
}
