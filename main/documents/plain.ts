import type { Stats } from 'node:fs';
import { openToRead, readFrom } from './files.ts';

/** By which a file is known again. */
export type FileState = Pick<Stats, 'ino' | 'size' | 'mtimeMs'>;

/** What is about to be encrypted. */
export interface Plain {
  /** All of it, in pieces of at most a length. */
  chunks(length: number): AsyncGenerator<Buffer>;
  /** Whether it is the same as it was. */
  isStill(seen: FileState): Promise<boolean>;
  close(): Promise<void>;
}

/** A file, or bytes in memory; null for a file that can't be opened. */
export async function openPlain(source: string | Buffer): Promise<Plain | null> {
  if (typeof source !== 'string') return inMemory(source);
  const file = await openToRead(source);
  return (
    file && {
      chunks: (length) => readFrom(file, 0, length),
      async isStill(seen) {
        const { ino, size, mtimeMs } = await file.stat();
        return ino === seen.ino && size === seen.size && mtimeMs === seen.mtimeMs;
      },
      close: () => file.close(),
    }
  );
}

function inMemory(bytes: Buffer): Plain {
  return {
    async *chunks(length) {
      for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
    },
    isStill: async () => true,
    close: async () => undefined,
  };
}
