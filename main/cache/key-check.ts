import { hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/*
 * SQLCipher answers "not a database" to a wrong key and to a damaged file alike. A value derived from the key and kept
 * beside the database tells the two apart. It is 16 bytes of HKDF-SHA256 of a 32-byte random key: it gives nothing away.
 */
const INFO = 'wardlight cache key check v1';
const LINE = /^wardlight-key-check-1 ([0-9a-f]{32}) ([0-9a-f]{32})\n$/;

export type KeyCheck = 'right' | 'wrong' | 'absent';

/** Path of the key-check value of a database. */
export function keyCheckFile(file: string): string {
  return `${file}.kcv`;
}

/** Compares a key with the value kept beside the database; an unreadable value counts as absent. */
export function checkKey(file: string, key: Uint8Array): KeyCheck {
  const line = LINE.exec(readIfThere(keyCheckFile(file)));
  if (!line?.[1] || !line[2]) return 'absent';
  const kept = Buffer.from(line[2], 'hex');
  return timingSafeEqual(kept, derive(key, Buffer.from(line[1], 'hex'))) ? 'right' : 'wrong';
}

/** Writes the key-check value so that it survives power loss before anything that needs it exists. */
export function writeKeyCheck(file: string, key: Uint8Array): void {
  const salt = randomBytes(16);
  const line = `wardlight-key-check-1 ${salt.toString('hex')} ${derive(key, salt).toString('hex')}\n`;
  const target = keyCheckFile(file);
  const temporary = `${target}.${randomBytes(4).toString('hex')}.new`;
  const handle = openSync(temporary, 'wx', 0o600);
  try {
    writeSync(handle, line);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(temporary, target);
  syncDirectory(dirname(file));
}

/** Makes a rename or a new file in the directory durable. Windows can't open directories, and needs no such call. */
export function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function derive(key: Uint8Array, salt: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, INFO, 16));
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
