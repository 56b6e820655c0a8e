import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { DICTIONARY } from './dictionary.ts';

/*
 * Entries are kept packed (raw DEFLATE, RFC 1951, with a dictionary): events of the same kind differ in a tenth of their
 * text, and most of what a commit costs is what it writes. Hashes are of the text itself.
 */

/** The first byte says by which dictionary the rest is read. */
const FORMAT = 1;

// The window holds the dictionary and an event.
const SHARED = { windowBits: 13, dictionary: Buffer.from(DICTIONARY) };
const PACKING = { ...SHARED, level: 3, memLevel: 6 };
/** More than any entry has; what would be longer unpacked was never packed here. */
const UNPACKING = { ...SHARED, maxOutputLength: 2 ** 26 };

/** The text of an entry as it is kept. */
export function packed(leaf: string): Buffer {
  return Buffer.concat([Uint8Array.of(FORMAT), deflateRawSync(leaf, PACKING)]);
}

/** The text of an entry; of what was never packed here an empty one, which no entry has. */
export function unpacked(kept: Uint8Array): string {
  if (kept[0] !== FORMAT) return '';
  try {
    return inflateRawSync(kept.subarray(1), UNPACKING).toString();
  } catch {
    return '';
  }
}
