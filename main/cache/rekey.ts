import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { rewrapFieldKey } from './fields/key.ts';
import { checkKey, keyCheckFile, syncDirectory, writeKeyCheck } from './key-check.ts';
import { assertEncrypted, encryptAnew, openKeyed, type WriteDb } from './open.ts';
import { CodedError, storeErrorOf } from './store-error.ts';

/** A database that nobody has open, and the two keys between which it changes. */
export interface KeyedFile {
  readonly file: string;
  /** The key that is in force, and the one that follows it. */
  readonly keys: readonly [Uint8Array, Uint8Array];
  readonly nativeBinding?: string | undefined;
}

/** What has been done of a change of keys when it is told; the tests end the process at each. */
export const rekeySteps = [
  'begun',
  'flushed',
  'copied',
  'rekeyed',
  'checked',
  'unmarked',
  'replaced',
  'marked',
] as const;
export type RekeyStep = (typeof rekeySteps)[number];

/** The copy that is encrypted anew; where it is found at an opening, the change was cut off before it counted. */
export function copyOf(file: string): string {
  return `${file}.rekey`;
}

/**
 * Which of the two keys a database has, whatever step a change of keys was cut off at. The key-check value tells, but
 * between the old one and the new one, where the file itself is tried. Removes what the change has left behind.
 */
export function fittingKey({ file, keys, nativeBinding }: KeyedFile): 0 | 1 {
  try {
    removeCopy(file);
  } catch {
    // It takes room, and keeps nobody from opening what it was a copy of.
  }
  const checks = keys.map((key) => checkKey(file, key));
  if (checks[1] === 'right') return 1;
  if (checks[0] !== 'absent' || !existsSync(file)) return 0;
  return opensWith(file, keys[1], nativeBinding) ? 1 : 0;
}

function opensWith(file: string, key: Uint8Array, nativeBinding: string | undefined): boolean {
  try {
    openKeyed(file, key, nativeBinding).close();
    return true;
  } catch (error) {
    if (storeErrorOf(error) !== 'cache-damaged') throw error;
    return false;
  }
}

/**
 * Gives a closed database another key. The file in its place is never written to: a copy beside it is encrypted anew,
 * checked, and takes its place by a rename. The key-check value is away while that happens, so that it never says the
 * wrong thing of a file.
 *
 * @throws where the disk or the database doesn't let it; the database then has one of the two keys.
 */
export function rekeyDatabase(keyed: KeyedFile, reached: (step: RekeyStep) => void = () => undefined): void {
  const { file, keys, nativeBinding } = keyed;
  const [, to] = keys;
  const copy = copyOf(file);
  reached('begun');
  removeCopy(file);
  flush(keyed);
  reached('flushed');
  copyEncrypted(keyed, copy);
  reached('copied');
  encryptCopy(copy, keys, nativeBinding);
  reached('rekeyed');
  checkWhole(copy, to, nativeBinding);
  reached('checked');
  rmSync(keyCheckFile(file), { force: true });
  syncDirectory(dirname(file));
  reached('unmarked');
  renameSync(copy, file);
  syncDirectory(dirname(file));
  reached('replaced');
  writeKeyCheck(file, to);
  reached('marked');
}

function removeCopy(file: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(`${copyOf(file)}${suffix}`, { force: true });
}

/** The WAL of the old key must not lie beside the new file: closing the last connection empties and removes it. */
function flush({ file, keys, nativeBinding }: KeyedFile): void {
  const db = openKeyed(file, keys[0], nativeBinding);
  try {
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
  const wal = `${file}-wal`;
  if (existsSync(wal) && statSync(wal).size > 0) throw new CodedError('store-failed');
}

/** A whole and consistent copy under the same key, each page of which was authenticated as it was read. */
function copyEncrypted({ file, keys, nativeBinding }: KeyedFile, copy: string): void {
  // Made before SQLite would, which gives it the mode of any file.
  closeSync(openSync(copy, 'wx', 0o600));
  const db = openKeyed(file, keys[0], nativeBinding);
  try {
    db.prepare('VACUUM INTO ?').run(copy);
  } finally {
    db.close();
  }
  rmSync(`${file}-wal`, { force: true });
  rmSync(`${file}-shm`, { force: true });
}

/** In place, which an interruption may spoil: it is only the copy. */
function encryptCopy(copy: string, [from, to]: KeyedFile['keys'], nativeBinding: string | undefined): void {
  const db = openKeyed(copy, from, nativeBinding);
  try {
    db.pragma('journal_mode = delete');
    rewrapFieldKey(db as WriteDb, [from, to]);
    encryptAnew(db, to);
  } finally {
    db.close();
  }
  const handle = openSync(copy, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function checkWhole(copy: string, key: Uint8Array, nativeBinding: string | undefined): void {
  assertEncrypted(copy);
  const db = openKeyed(copy, key, nativeBinding);
  try {
    if (db.pragma('quick_check', { simple: true }) !== 'ok') throw new CodedError('cache-damaged');
  } finally {
    db.close();
  }
}
