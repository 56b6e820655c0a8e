import type { ReadBytes } from './bytes.ts';
import { pngParts } from './png.ts';

/** How many pixels a picture says that it has; null where it can't be told. */
type Measure = (read: ReadBytes) => Promise<number | null>;

async function png(read: ReadBytes): Promise<number | null> {
  for await (const { type, at } of pngParts(read)) {
    if (type !== 'IHDR') return null;
    const header = await read(at, 8);
    return header.length < 8 ? null : header.readUInt32BE(0) * header.readUInt32BE(4);
  }
  return null;
}

/** SOF0 to SOF15 without DHT, JPG and DAC, which lie between them (ITU-T T.81, table B.1). */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Bytes between segments are skipped, as decoders do. */
async function jpeg(read: ReadBytes): Promise<number | null> {
  for (let at = 2; ; ) {
    const [lead, marker = 0, high = 0, low = 0] = await read(at, 4);
    if (lead === undefined) return null;
    const stands = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    if (lead !== 0xff || marker === 0xff || marker === 0) at += 1;
    else if (stands) at += 2;
    else if (isFrame(marker)) return areaBE(await read(at + 5, 4));
    else if (marker === 0xd9 || marker === 0xda) return null;
    else at += 2 + Math.max(2, high * 256 + low);
  }
}

function areaBE(bytes: Buffer): number | null {
  return bytes.length < 4 ? null : bytes.readUInt16BE(0) * bytes.readUInt16BE(2);
}

/** The first picture of a GIF may be larger than the whole is said to be: it is drawn nonetheless. */
async function gif(read: ReadBytes): Promise<number | null> {
  const start = await read(0, 13);
  if (start.length < 13) return null;
  const [width, height, flags] = [start.readUInt16LE(6), start.readUInt16LE(8), start[10] ?? 0];
  let at = 13 + (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  for (;;) {
    const block = await read(at, 10);
    if (block[0] === 0x2c && block.length >= 9) {
      const [left, top, wide, high] = [1, 3, 5, 7].map((field) => block.readUInt16LE(field));
      return Math.max(width, (left ?? 0) + (wide ?? 0)) * Math.max(height, (top ?? 0) + (high ?? 0));
    }
    if (block[0] !== 0x21) return width * height;
    at = await afterBlocks(read, at + 2);
  }
}

async function afterBlocks(read: ReadBytes, begin: number): Promise<number> {
  for (let at = begin; ; ) {
    const [size = 0] = await read(at, 1);
    at += 1 + size;
    if (size === 0) return at;
  }
}

/** The container's canvas, or what the picture within says, whichever is more. */
async function webp(read: ReadBytes): Promise<number | null> {
  let most: number | null = null;
  for (let at = 12; ; ) {
    const part = await read(at, 18);
    if (part.length < 18) return most;
    const area = webpArea(part.toString('latin1', 0, 4), part.subarray(8));
    if (area !== null) most = Math.max(most ?? 0, area);
    const length = part.readUInt32LE(4);
    at += 8 + length + (length % 2);
  }
}

function webpArea(type: string, body: Buffer): number | null {
  if (type === 'VP8X') return (body.readUIntLE(4, 3) + 1) * (body.readUIntLE(7, 3) + 1);
  if (type === 'VP8 ') return (body.readUInt16LE(6) & 0x3fff) * (body.readUInt16LE(8) & 0x3fff);
  if (type !== 'VP8L') return null;
  const bits = body.readUInt32LE(1);
  return ((bits & 0x3fff) + 1) * (((bits >>> 14) & 0x3fff) + 1);
}

async function bmp(read: ReadBytes): Promise<number | null> {
  const head = await read(14, 12);
  if (head.length < 12) return null;
  if (head.readUInt32LE(0) === 12) return head.readUInt16LE(4) * head.readUInt16LE(6);
  return Math.abs(head.readInt32LE(4)) * Math.abs(head.readInt32LE(8));
}

/** More pictures than anybody scans into one file. */
const DIRECTORIES_MAX = 1_024;

/** The largest of the pictures of a TIFF (TIFF 6.0, section 2). */
async function tiff(read: ReadBytes): Promise<number | null> {
  const start = await read(0, 8);
  const order = start.toString('latin1', 0, 4);
  const little = order === 'II*\0';
  if (start.length < 8 || (!little && order !== 'MM\0*')) return null;
  const short = (bytes: Buffer, at: number) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const long = (bytes: Buffer, at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  let most: number | null = null;
  let at = long(start, 4);
  for (let seen = 0; at > 0 && seen < DIRECTORIES_MAX; seen += 1) {
    const count = short(await read(at, 2), 0);
    const entries = await read(at + 2, count * 12 + 4);
    const value = (tag: number) => {
      for (let entry = 0; entry + 12 <= count * 12; entry += 12) {
        if (short(entries, entry) !== tag) continue;
        return short(entries, entry + 2) === 3 ? short(entries, entry + 8) : long(entries, entry + 8);
      }
      return 0;
    };
    most = Math.max(most ?? 0, value(256) * value(257));
    at = long(entries, count * 12);
  }
  return most;
}

const measures: ReadonlyMap<string, Measure> = new Map(
  Object.entries({
    'image/png': png,
    'image/jpeg': jpeg,
    'image/gif': gif,
    'image/webp': webp,
    'image/bmp': bmp,
    'image/tiff': tiff,
  }),
);

/** How many pixels a picture declares, without decoding any; null where it is none, or where that can't be told. */
export async function declaredPixels(contentType: string, read: ReadBytes): Promise<number | null> {
  return (await measures.get(contentType)?.(read)) ?? null;
}
