import type { Bytes } from '../../types.ts';

/** What is read of a file at a time while its parts are gone through. */
const WINDOW = 1 << 16;
/** More parts than any honest file has that is gone through; in a hostile one each may be a few bytes long. */
const READS_MAX = 1 << 20;

/** A file that has no end of parts. */
export class Endless extends Error {}

/** Bytes of a file from a place on; fewer at the end. */
export type ReadBytes = Bytes['bytes'];

/** Small parts that lie near each other are read at once. Throws `Endless` where there are too many of them. */
export function createReader(source: Pick<Bytes, 'bytes'>): ReadBytes {
  let held: Buffer = Buffer.alloc(0);
  let start = 0;
  let reads = 0;
  return async (at, length) => {
    reads += 1;
    if (reads > READS_MAX) throw new Endless();
    if (length > WINDOW) return source.bytes(at, length);
    if (at < start || at + length > start + held.length) [held, start] = [await source.bytes(at, WINDOW), at];
    return held.subarray(at - start, at - start + length);
  };
}

const PIECE = 1 << 18;

/** From one place of a file up to another, or to its end. */
export async function* piecesOf(source: Bytes, begin: number, end = source.size): AsyncGenerator<Buffer, void, void> {
  for (let at = begin; at < Math.min(end, source.size); ) {
    const piece = await source.bytes(at, Math.min(PIECE, end - at));
    if (piece.length === 0) return;
    yield piece;
    at += piece.length;
  }
}
