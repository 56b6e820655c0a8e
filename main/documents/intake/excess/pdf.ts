import type { Bytes } from '../../types.ts';
import { piecesOf } from './bytes.ts';
import { unpack } from './inflate.ts';

/** What one stream of a PDF may unpack to in any case; a picture takes up to four bytes a pixel. */
const STREAM_MIN = 64 << 20;
const PIXEL_BYTES = 4;
/** All of its streams: more than is looked through. */
const ALL_MAX = 2 ** 33;
const STREAMS_MAX = 1 << 20;
/** Packed again within, which nobody does but to make it large. */
const DEPTH_MAX = 3;
const KEPT = 16 << 20;
const KEYWORD = 'stream';

/**
 * Whether something in a PDF unpacks to far more than a page takes. Its streams are found by the word that each begins
 * after, so that no table that could lie is believed.
 */
export async function pdfBursts(source: Bytes, maxPixels: number): Promise<boolean> {
  const max = Math.max(STREAM_MIN, PIXEL_BYTES * maxPixels);
  let left = ALL_MAX;
  let count = 0;
  for await (const begin of streamsOf(source)) {
    count += 1;
    if (count > STREAMS_MAX) return true;
    const size = await unpackedSize(piecesOf(source, begin), max, 1);
    left -= size;
    if (size > max || left < 0) return true;
  }
  return false;
}

/** Where bytes begin that are packed as zlib does. */
async function* streamsOf(source: Bytes): AsyncGenerator<number, void, void> {
  let before: Buffer = Buffer.alloc(0);
  let end = 0;
  for await (const piece of piecesOf(source, 0)) {
    const bytes = Buffer.concat([before, piece]);
    end += piece.length;
    const start = end - bytes.length;
    const last = end === source.size ? bytes.length : bytes.length - OVERLAP;
    for (let at = bytes.indexOf(KEYWORD); at >= 0 && at < last; at = bytes.indexOf(KEYWORD, at + 1)) {
      const begin = nextLine(bytes, at + KEYWORD.length);
      if (begin !== null && isZlib(bytes, begin)) yield start + begin;
    }
    before = Buffer.from(bytes.subarray(Math.max(0, last)));
  }
}

/** How far behind the word its line ends, if it does: readers skip what else is in it. */
const LINE_MAX = 256;
/** The word, its line, and the first bytes of what follows. */
const OVERLAP = KEYWORD.length + LINE_MAX + 4;

function nextLine(bytes: Buffer, begin: number): number | null {
  for (let at = begin; at < begin + LINE_MAX; at += 1) {
    if (bytes[at] === 0x0a) return at + 1;
    if (bytes[at] === 0x0d) return bytes[at + 1] === 0x0a ? at + 2 : at + 1;
  }
  return null;
}

function isZlib(bytes: Buffer, at: number): boolean {
  return at + 2 <= bytes.length && ((bytes[at] ?? 0) & 0x0f) === 8 && bytes.readUInt16BE(at) % 31 === 0;
}

async function unpackedSize(packed: AsyncIterable<Buffer>, max: number, depth: number): Promise<number> {
  const { size, head, over } = await unpack(packed, 'zlib', { max, keep: depth < DEPTH_MAX ? KEPT : 0 });
  if (over || !isZlib(head, 0)) return size;
  return Math.max(size, await unpackedSize(one(head), max, depth + 1));
}

async function* one(bytes: Buffer): AsyncGenerator<Buffer, void, void> {
  yield bytes;
}
