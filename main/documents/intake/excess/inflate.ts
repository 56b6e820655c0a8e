import { pipeline, Readable, type Transform } from 'node:stream';
import { createGunzip, createInflate, createInflateRaw } from 'node:zlib';

const formats = { deflate: createInflateRaw, zlib: createInflate, gzip: createGunzip } as const;

/** What comes out of packed bytes. */
export interface Unpacked {
  /** Bytes that came out, up to where it was given up. */
  readonly size: number;
  /** The first of them. */
  readonly head: Buffer;
  /** There are more than was allowed for. */
  readonly over: boolean;
}

interface Limits {
  readonly max: number;
  /** How many of the first bytes are kept. */
  readonly keep: number;
}

/**
 * Unpacks without keeping, and gives up at a limit: the memory that it takes is the same whatever comes out. What is
 * damaged ends where the damage is.
 */
export async function unpack(
  packed: AsyncIterable<Buffer>,
  format: keyof typeof formats,
  { max, keep }: Limits,
): Promise<Unpacked> {
  const unpacker: Transform = formats[format]({ chunkSize: 1 << 17 });
  pipeline(Readable.from(packed), unpacker, () => undefined);
  const kept: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of unpacker as AsyncIterable<Buffer>) {
      if (size < keep) kept.push(chunk.subarray(0, keep - size));
      size += chunk.length;
      if (size > max) break;
    }
  } catch {
    // Nobody gets more out of it either.
  }
  return { size, head: Buffer.concat(kept), over: size > max };
}
