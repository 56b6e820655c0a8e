import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Bytes } from '../types.ts';

/** A file that is looked at, or bytes in memory. */
export interface Source extends Bytes {
  stream(): Readable;
  close(): Promise<void>;
}

/** Opens an ordinary file; null for what is none, as a pipe that would be waited for. */
export async function openSource(path: string | Buffer): Promise<Source | null> {
  if (typeof path !== 'string') return inMemory(path);
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const stat = await file.stat();
  if (stat.isFile()) return sourceOf(file, stat.size);
  await file.close();
  return null;
}

function inMemory(bytes: Buffer): Source {
  return {
    size: bytes.length,
    bytes: async (at, length) => bytes.subarray(at, at + length),
    stream: () => Readable.from([bytes]),
    close: async () => undefined,
  };
}

function sourceOf(file: FileHandle, size: number): Source {
  return {
    size,
    bytes: async (at, length) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
      return buffer.subarray(0, bytesRead);
    },
    stream: () => file.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 18 }),
    close: () => file.close(),
  };
}
