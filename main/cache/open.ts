import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3-multiple-ciphers';
import type { Result } from '../../preload/contract/channel.ts';
import type { StoreError } from '../../preload/contract/session.ts';
import { defineIdKey } from './id-key.ts';
import { checkKey, syncDirectory, writeKeyCheck } from './key-check.ts';
import { type Migration, migrate, schemaVersion } from './schema/migrate.ts';
import { CodedError, storeErrorOf } from './store-error.ts';

declare const readable: unique symbol;
declare const writable: unique symbol;

/** A handle that may only be read from (`query_only` holds in SQLite too). */
export type ReadDb = Database & { readonly [readable]: true };
/** The one handle that may write. It also reads. */
export type WriteDb = ReadDb & { readonly [writable]: true };

export interface OpenOptions {
  readonly file: string;
  /** The raw SQLCipher key: 32 bytes. The caller keeps it and wipes it. */
  readonly key: Uint8Array;
  /** Only `create` makes a database, and only where none is. */
  readonly mode: 'create' | 'write' | 'read';
  readonly migrations: readonly Migration[];
  /** Called with a database that is about to be brought to this schema, before it is changed (upgrade.ts). */
  readonly beforeChange?: (db: WriteDb) => void;
  /** Path of a native addon built for the development runtime. */
  readonly nativeBinding?: string | undefined;
}

const KEY_BYTES = 32;
const PLAIN_HEADER = 'SQLite format 3\0';

/**
 * The only function that opens a database (design rule 11). It sets the cipher and every safeguard, reads them back,
 * and refuses to hand out a handle if one doesn't hold. It never deletes, and never makes an empty database in place
 * of one that is missing.
 */
export function openDatabase(options: OpenOptions & { mode: 'read' }): Result<ReadDb, StoreError>;
export function openDatabase(options: OpenOptions & { mode: 'create' | 'write' }): Result<WriteDb, StoreError>;
export function openDatabase(options: OpenOptions): Result<ReadDb, StoreError> {
  let db: Database | null = null;
  try {
    if (options.key.length !== KEY_BYTES) throw new CodedError('cache-key-wrong');
    const keyCheck = prepareFiles(options);
    db = connect(options.file, options.nativeBinding);
    unlock(db, options.key);
    defineIdKey(db);
    if (options.mode !== 'read') setDurable(db);
    setSafeguards(db, options.mode === 'read');
    checkSchema(db, options);
    if (options.mode === 'read') set(db, 'query_only', 1);
    assertEncrypted(options.file);
    if (keyCheck === 'absent' && options.mode !== 'read') writeKeyCheck(options.file, options.key);
    return { ok: true, value: db as ReadDb };
  } catch (error) {
    db?.close();
    return { ok: false, error: { code: failureOf(error, options) } };
  }
}

/**
 * A bare connection for a change of keys (rekey.ts), to a file that nobody else has open: it has no schema, and no
 * journal mode of its own.
 *
 * @throws where the key is not the file's, or the file is damaged.
 */
export function openKeyed(file: string, key: Uint8Array, nativeBinding: string | undefined): Database {
  const db = connect(file, nativeBinding);
  try {
    unlock(db, key);
    set(db, 'temp_store', 2);
    set(db, 'mmap_size', 0);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Encrypts the whole file of such a connection anew. An interruption may spoil it: only ever for a copy. */
export function encryptAnew(db: Database, key: Uint8Array): void {
  withLiteral(key, (literal) => db.rekey(literal));
}

/**
 * A database without a file: what was known at a past moment is put together in it (past/build.ts). It is gone with its
 * connection, and nothing of it reaches a disk.
 */
export function openInMemory(migrations: readonly Migration[], nativeBinding?: string): WriteDb {
  const db = new Sqlite(':memory:', nativeBinding === undefined ? {} : { nativeBinding });
  set(db, 'temp_store', 2);
  set(db, 'trusted_schema', 0);
  defineIdKey(db);
  migrate(db, migrations);
  return db as WriteDb;
}

function connect(file: string, nativeBinding: string | undefined): Database {
  return new Sqlite(file, {
    // Read handles are opened for writing too, as WAL needs its shared memory; `query_only` keeps them from writing.
    fileMustExist: true,
    timeout: 10_000,
    ...(nativeBinding === undefined ? {} : { nativeBinding }),
  });
}

function failureOf(error: unknown, { file, key }: OpenOptions): StoreError {
  if (error instanceof CodedError) return error.code as StoreError;
  const code = storeErrorOf(error);
  if (code !== 'cache-damaged') return code;
  return checkKey(file, key) === 'wrong' ? 'cache-key-wrong' : 'cache-damaged';
}

/** What must hold on disk before SQLite sees the file. SQLite gives `-wal` and `-shm` the mode of the main file. */
function prepareFiles({ file, key, mode }: OpenOptions): 'right' | 'absent' {
  if (mode === 'create') mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const keyCheck = checkKey(file, key);
  if (keyCheck === 'wrong')
    throw new CodedError(existsSync(file) || mode === 'create' ? 'cache-key-wrong' : 'cache-missing');
  const size = existsSync(file) ? statSync(file).size : 0;
  if (size > 0) {
    if (mode !== 'read') chmodSync(file, 0o600);
    return keyCheck;
  }
  // An empty file is what a power loss during creation leaves behind: nothing was ever in it.
  if (mode !== 'create') throw new CodedError('cache-missing');
  if (keyCheck === 'absent') writeKeyCheck(file, key);
  const handle = openSync(file, 'a', 0o600);
  fsyncSync(handle);
  closeSync(handle);
  syncDirectory(dirname(file));
  return 'right';
}

/** Sets SQLCipher 4 and the raw key, and proves by a read that the key fits. */
function unlock(db: Database, key: Uint8Array): void {
  set(db, 'cipher', 'sqlcipher');
  set(db, 'legacy', 4);
  withLiteral(key, (literal) => db.key(literal));
  db.prepare('SELECT count(*) FROM sqlite_master').get();
}

function withLiteral(key: Uint8Array, use: (literal: Buffer) => void): void {
  if (key.length !== KEY_BYTES) throw new CodedError('cache-key-wrong');
  const literal = rawKeyLiteral(key);
  try {
    use(literal);
  } finally {
    literal.fill(0);
  }
}

/** `x'<64 lower hex>'` as bytes that can be wiped, which a string can't. Anything else SQLCipher takes for a passphrase. */
function rawKeyLiteral(key: Uint8Array): Buffer {
  const digits = '0123456789abcdef';
  const literal = Buffer.alloc(2 * KEY_BYTES + 3);
  literal.write("x'", 0, 'latin1');
  key.forEach((byte, index) => {
    literal[2 + 2 * index] = digits.charCodeAt(byte >> 4);
    literal[3 + 2 * index] = digits.charCodeAt(byte & 15);
  });
  literal.write("'", literal.length - 1, 'latin1');
  return literal;
}

function setDurable(db: Database): void {
  set(db, 'journal_mode', 'wal');
  // FULL: what was acknowledged survives power loss.
  set(db, 'synchronous', 2);
  // A checkpoint encrypts every page a second time, so they are rare: at 128 MB, and at closing. Before that a thread of
  // its own makes them (checkpoints.ts); the writer's own ends what that one can't, as the log never stands still.
  set(db, 'wal_autocheckpoint', 32_000);
}

function setSafeguards(db: Database, reader: boolean): void {
  set(db, 'temp_store', 2);
  set(db, 'secure_delete', 1);
  set(db, 'foreign_keys', 1);
  set(db, 'trusted_schema', 0);
  set(db, 'cell_size_check', 1);
  set(db, 'recursive_triggers', 1);
  set(db, 'mmap_size', 0);
  // A reader's: what a day's searches come back to, at 300,000 records.
  set(db, 'cache_size', reader ? -32_000 : -64_000);
  assertPragma(db, 'cipher', 'sqlcipher');
  assertPragma(db, 'legacy', 4);
  assertPragma(db, 'journal_mode', 'wal');
}

function checkSchema(db: Database, { mode, migrations, beforeChange }: OpenOptions): void {
  const version = schemaVersion(db);
  if (version > migrations.length) throw new CodedError('cache-newer-schema');
  // Version 0 is a database whose creation was cut short: there never was anything in it.
  if (version === 0 && mode !== 'create') throw new CodedError('cache-missing');
  if (mode === 'read' && version !== migrations.length) throw new CodedError('store-failed');
  if (mode === 'read') return;
  if (version > 0 && version < migrations.length) beforeChange?.(db as WriteDb);
  migrate(db, migrations);
}

function set(db: Database, pragma: string, value: string | number): void {
  db.pragma(typeof value === 'number' ? `${pragma} = ${value}` : `${pragma} = '${value}'`);
  assertPragma(db, pragma, value);
}

function assertPragma(db: Database, pragma: string, value: string | number): void {
  if (String(db.pragma(pragma, { simple: true })) !== String(value)) throw new CodedError('store-failed');
}

/** A key that was forgotten or empty makes a plaintext file without a word. */
export function assertEncrypted(file: string): void {
  const handle = openSync(file, 'r');
  try {
    const header = Buffer.alloc(PLAIN_HEADER.length);
    const length = readSync(handle, header, 0, header.length, 0);
    if (length < header.length || header.toString('latin1') === PLAIN_HEADER) throw new CodedError('cache-damaged');
  } finally {
    closeSync(handle);
  }
}
