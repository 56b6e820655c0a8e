import type { Bytes } from '../../types.ts';
import { listZip, type ZipEntry } from '../zip.ts';
import { piecesOf } from './bytes.ts';
import { unpack } from './inflate.ts';

const STORED = 0;
const DEFLATED = 8;
const LOCAL_LENGTH = 30;
/** An archive in a document in an archive is as deep as honest ones go. */
const DEPTH_MAX = 3;
/** What is looked into within an archive is held meanwhile. */
const NESTED_MAX = 64 << 20;
const GZIP = Buffer.from([0x1f, 0x8b, 8]);
const ZIP = Buffer.from('PK\x03\x04');

/** How much may still come out, of all archives within one file. */
interface Budget {
  left: number;
}

/** Whether an archive unpacks to more than `max`, to more than it says, to the same bytes twice, or without end. */
export async function archiveBursts(source: Bytes, max: number): Promise<boolean> {
  return bursts(source, { left: max }, 1);
}

async function bursts(source: Bytes, budget: Budget, depth: number): Promise<boolean> {
  const start = await source.bytes(0, 4);
  if (!isArchive(start)) return false;
  if (!start.includes(ZIP)) return overspends(budget, await unpack(piecesOf(source, 0), 'gzip', limits(budget, 0)));
  if (depth > DEPTH_MAX) return true;
  const entries = await listZip(source);
  if (!entries) return false;
  if (overlap(entries) || entries.reduce((sum, { size }) => sum + size, 0) > budget.left) return true;
  for (const entry of entries) {
    if (!entry.encrypted && (await entryBursts(source, entry, budget, depth))) return true;
  }
  return false;
}

/** Two entries that are the same bytes make much of little. */
function overlap(entries: readonly ZipEntry[]): boolean {
  const sorted = [...entries].sort((one, other) => one.offset - other.offset);
  return sorted.some(({ offset, packed }, at) => {
    const next = sorted[at + 1];
    return next !== undefined && offset + LOCAL_LENGTH + packed > next.offset;
  });
}

async function entryBursts(source: Bytes, entry: ZipEntry, budget: Budget, depth: number): Promise<boolean> {
  const local = await source.bytes(entry.offset, LOCAL_LENGTH);
  if (local.length < LOCAL_LENGTH) return false;
  const begin = entry.offset + LOCAL_LENGTH + local.readUInt16LE(26) + local.readUInt16LE(28);
  const packed = piecesOf(source, begin, begin + entry.packed);
  const unpacked = await unpackedOf(entry.method, packed, limits(budget, NESTED_MAX));
  if (!unpacked) return false;
  if (unpacked.size > entry.size || overspends(budget, unpacked)) return true;
  // What is too long to be held can't be looked through.
  if (unpacked.size > NESTED_MAX) return isArchive(unpacked.head);
  return bursts(sourceOf(unpacked.head), budget, depth + 1);
}

async function unpackedOf(method: number, packed: AsyncIterable<Buffer>, { max, keep }: { max: number; keep: number }) {
  if (method === DEFLATED) return unpack(packed, 'deflate', { max, keep });
  if (method !== STORED) return null;
  const kept: Buffer[] = [];
  let size = 0;
  for await (const piece of packed) {
    if (size < keep) kept.push(piece.subarray(0, keep - size));
    size += piece.length;
  }
  return { size, head: Buffer.concat(kept), over: size > max };
}

function isArchive(start: Buffer): boolean {
  return [GZIP, ZIP].some((sign) => start.subarray(0, sign.length).equals(sign));
}

function limits({ left }: Budget, keep: number): { max: number; keep: number } {
  return { max: Math.max(0, left), keep };
}

function overspends(budget: Budget, { size, over }: { size: number; over: boolean }): boolean {
  budget.left -= size;
  return over || budget.left < 0;
}

function sourceOf(bytes: Buffer): Bytes {
  return { size: bytes.length, bytes: async (at, length) => bytes.subarray(at, at + length) };
}
