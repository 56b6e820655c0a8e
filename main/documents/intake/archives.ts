import { rarHides } from './rar.ts';
import type { Source } from './source.ts';
import { zipHides } from './zip.ts';

/** With a file, empty, split. */
const ZIPS = ['PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08'];
const SEVEN_ZIP = '7z\xbc\xaf\x27\x1c';
const SEVEN_ZIP_HEADER = 32;
/** 7z's coder for AES-256. */
const SEVEN_ZIP_AES = Buffer.from('06f10701', 'hex');
const PLAIN_HEADER = 0x01;
/** Office documents under a password are such a file, with a stream of this name. */
const COMPOUND = '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1';
const ENCRYPTED_PACKAGE = Buffer.from('EncryptedPackage', 'utf16le');

/**
 * Whether an archive hides what is in it: encrypted as far as its bytes say, or so that it can't be told. 7z packs its
 * list of contents, which nobody looks through here: then it can't be told.
 */
export async function archiveHides(source: Source, head: Buffer): Promise<boolean> {
  const start = head.toString('latin1', 0, 8);
  if (ZIPS.some((sign) => start.startsWith(sign))) return zipHides(source);
  if (start.startsWith('Rar!\x1a\x07')) return rarHides(source);
  if (start.startsWith(SEVEN_ZIP)) return sevenZipHides(source, head);
  return start === COMPOUND && contains(source, ENCRYPTED_PACKAGE);
}

async function sevenZipHides(source: Source, head: Buffer): Promise<boolean> {
  if (head.length < SEVEN_ZIP_HEADER) return true;
  const [offset, size] = [Number(head.readBigUInt64LE(12)), Number(head.readBigUInt64LE(20))];
  if (offset + size + SEVEN_ZIP_HEADER > source.size || size > 1 << 24) return true;
  const header = await source.bytes(SEVEN_ZIP_HEADER + offset, size);
  // An archive of nothing has no header.
  return size > 0 && (header[0] !== PLAIN_HEADER || header.includes(SEVEN_ZIP_AES));
}

async function contains(source: Source, wanted: Buffer): Promise<boolean> {
  let before = Buffer.alloc(0);
  for await (const chunk of source.stream()) {
    const bytes = Buffer.concat([before, chunk as Buffer]);
    if (bytes.includes(wanted)) return true;
    before = Buffer.from(bytes.subarray(-wanted.length));
  }
  return false;
}
