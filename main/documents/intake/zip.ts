import type { Bytes } from '../types.ts';

const END = 'PK\x05\x06';
const END_LENGTH = 22;
const COMMENT_MAX = 0xffff;
const ENTRY = 0x02014b50;
const ENTRY_LENGTH = 46;
const ENCRYPTED = 0x0001;
const MASKED = 0x2000;
const AES = 99;
/** Longest list of contents that is looked through. */
const DIRECTORY_MAX = 64 << 20;

/** The list of contents of a ZIP (APPNOTE.TXT 4.3.16). */
export interface ZipEnd {
  readonly offset: number;
  readonly size: number;
  readonly entries: number;
}

/** Where a ZIP's list of contents is; null where the file doesn't end as a ZIP. */
export async function zipEndOf(source: Bytes): Promise<ZipEnd | null> {
  const begin = Math.max(0, source.size - END_LENGTH - COMMENT_MAX);
  const tail = await source.bytes(begin, source.size - begin);
  const at = tail.lastIndexOf(END, undefined, 'latin1');
  if (at < 0 || at + END_LENGTH > tail.length) return null;
  return { entries: tail.readUInt16LE(at + 10), size: tail.readUInt32LE(at + 12), offset: tail.readUInt32LE(at + 16) };
}

/** A file in a ZIP, as its list says. */
export interface ZipEntry {
  readonly encrypted: boolean;
  readonly method: number;
  /** Bytes that it takes in the archive, and unpacked. */
  readonly packed: number;
  readonly size: number;
  /** Where it begins. */
  readonly offset: number;
}

/** What is in a ZIP; null where its list can't be looked through. */
export async function listZip(source: Bytes): Promise<ZipEntry[] | null> {
  const end = await zipEndOf(source);
  // All bits set: the numbers stand elsewhere, as the archive is too large for this list.
  if (!end || end.entries === 0xffff || end.size > DIRECTORY_MAX || end.offset + end.size > source.size) return null;
  const directory = await source.bytes(end.offset, end.size);
  const found: ZipEntry[] = [];
  let at = 0;
  for (let entry = 0; entry < end.entries; entry += 1) {
    if (at + ENTRY_LENGTH > directory.length || directory.readUInt32LE(at) !== ENTRY) return null;
    const [flags, method] = [directory.readUInt16LE(at + 8), directory.readUInt16LE(at + 10)];
    const [packed, size] = [directory.readUInt32LE(at + 20), directory.readUInt32LE(at + 24)];
    const encrypted = (flags & (ENCRYPTED | MASKED)) !== 0 || method === AES;
    found.push({ encrypted, method, packed, size, offset: directory.readUInt32LE(at + 42) });
    const [name, extra, comment] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field));
    at += ENTRY_LENGTH + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return found;
}

/** Whether a ZIP hides something: what can't be looked through does. */
export async function zipHides(source: Bytes): Promise<boolean> {
  return (await listZip(source))?.some(({ encrypted }) => encrypted) ?? true;
}
