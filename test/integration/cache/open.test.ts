import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import Sqlcipher from '@signalapp/sqlcipher';
import { describe, expect, test } from 'vitest';
import { type OpenOptions, openDatabase, type ReadDb, type WriteDb } from '../../../main/cache/open.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import { storeErrorOf } from '../../../main/cache/store-error.ts';
import { createWrites } from '../../../main/cache/writes/index.ts';
import { keyOf, openCache, temporaryDirectory } from './support.ts';

const migrations = cacheMigrations;

function made() {
  const file = join(temporaryDirectory(), 'profile', 'cache.db');
  const key = keyOf(3);
  const opened = openDatabase({ file, key, mode: 'create', migrations });
  if (!opened.ok) throw new Error(opened.error.code);
  return { file, key, db: opened.value };
}

/** A closed database with a canary in it. */
function closed() {
  const { file, key, db } = made();
  createWrites(db).setMeta({ key: 'canary', value: 'Zebedee Quackenbush' });
  db.close();
  return { file, key };
}

function hashes(file: string): Record<string, string> {
  const directory = join(file, '..');
  return Object.fromEntries(
    readdirSync(directory)
      .filter((name) => !name.endsWith('-shm'))
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(directory, name)))
          .digest('hex'),
      ]),
  );
}

function codeOf(options: Partial<OpenOptions> & Pick<OpenOptions, 'file' | 'key'>): string {
  const opened = openDatabase({ migrations, ...options, mode: (options.mode ?? 'write') as 'write' });
  if (!opened.ok) return opened.error.code;
  opened.value.close();
  return 'ok';
}

describe('what lies on disk', () => {
  test('is encrypted: no SQLite header, no plaintext, full entropy, in the database and its WAL', () => {
    const { file, db } = made();
    const write = createWrites(db);
    for (let count = 0; count < 150; count += 1) {
      write.setMeta({ key: `canary ${count}`, value: 'Zebedee Quackenbush '.repeat(100) });
    }
    const wal = readFileSync(`${file}-wal`);
    db.pragma('wal_checkpoint(TRUNCATE)');
    const main = readFileSync(file);
    expect(main.subarray(0, 16).toString('latin1')).not.toBe('SQLite format 3\0');
    for (const bytes of [main, wal]) {
      expect(bytes.length).toBeGreaterThan(300_000);
      expect(bytes.includes('Zebedee')).toBe(false);
      expect(bytes.includes('CREATE TABLE')).toBe(false);
    }
    expect(deflateSync(main).length).toBeGreaterThan(main.length * 0.999);
    // The WAL's frame headers (24 bytes to a page of 4,096) are not encrypted, and hold page numbers only.
    expect(deflateSync(wal).length).toBeGreaterThan(wal.length * 0.99);
  });

  test('is SQLCipher 4: another implementation reads it with the same raw key', () => {
    const { file, key } = closed();
    const oracle = new Sqlcipher(file);
    oracle.pragma(`key = "x'${Buffer.from(key).toString('hex')}'"`);
    oracle.pragma('cipher_compatibility = 4');
    expect(oracle.prepare('SELECT value FROM meta').all()).toEqual([{ value: 'Zebedee Quackenbush' }]);
    oracle.close();
  });

  test('is readable for its owner alone', () => {
    const { file, db } = made();
    const mode = (path: string) => statSync(path).mode & 0o777;
    expect(mode(join(file, '..'))).toBe(0o700);
    for (const suffix of ['', '-wal', '-shm', '.kcv']) expect(mode(`${file}${suffix}`)).toBe(0o600);
    db.close();
  });

  test.runIf(process.platform === 'linux')('does not spill sorts to temporary files', () => {
    const { db } = made();
    db.exec(`CREATE TABLE big AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
             SELECT hex(randomblob(8)) AS k, hex(randomblob(250)) AS v FROM n`);
    const rows = db.prepare('SELECT * FROM big ORDER BY k').iterate();
    rows.next();
    const open = readdirSync('/proc/self/fd').map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return '';
      }
    });
    rows.return?.();
    expect(open.some((path) => path.includes('cache.db'))).toBe(true);
    expect(open.filter((path) => path.includes('etilqs'))).toEqual([]);
    db.close();
  });
});

describe('opening', () => {
  test('sets every safeguard', () => {
    const { db } = made();
    const pragmas = ['cipher', 'legacy', 'temp_store', 'journal_mode', 'synchronous', 'secure_delete', 'foreign_keys'];
    const more = ['trusted_schema', 'cell_size_check', 'mmap_size', 'recursive_triggers', 'busy_timeout', 'query_only'];
    const values = [...pragmas, ...more].map((name) => String(db.pragma(name, { simple: true })));
    expect(values).toEqual(['sqlcipher', '4', '2', 'wal', '2', '1', '1', '0', '1', '0', '1', '10000', '0']);
    db.close();
  });

  test('tells a wrong key, damage, absence and a newer schema apart, and changes nothing', () => {
    const { file, key } = closed();
    const before = hashes(file);
    expect(codeOf({ file, key: keyOf(4) })).toBe('cache-key-wrong');
    expect(codeOf({ file, key: keyOf(4), mode: 'create' })).toBe('cache-key-wrong');
    expect(codeOf({ file, key: keyOf(4), mode: 'read' })).toBe('cache-key-wrong');
    expect(codeOf({ file, key: key.subarray(0, 31) })).toBe('cache-key-wrong');
    expect(codeOf({ file, key: new Uint8Array(0) })).toBe('cache-key-wrong');
    expect(codeOf({ file, key: new Uint8Array(64) })).toBe('cache-key-wrong');
    expect(codeOf({ file, key, migrations: [] })).toBe('cache-newer-schema');
    expect(codeOf({ file: `${file}.other`, key })).toBe('cache-missing');
    expect(codeOf({ file: `${file}.other`, key, mode: 'read' })).toBe('cache-missing');
    expect(hashes(file)).toEqual(before);
    expect(codeOf({ file, key })).toBe('ok');
  });

  test.each(['the first page', 'every page'])('calls a file damaged in %s damaged, and keeps it', (where) => {
    const { file, key } = closed();
    const bytes = readFileSync(file);
    const end = where === 'every page' ? bytes.length : 4_096;
    for (let at = 100; at < end; at += 512) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    writeFileSync(file, bytes);
    const before = hashes(file);
    expect(codeOf({ file, key })).toBe('cache-damaged');
    expect(codeOf({ file, key, mode: 'create' })).toBe('cache-damaged');
    expect(codeOf({ file, key: keyOf(4) })).toBe('cache-key-wrong');
    expect(hashes(file)).toEqual(before);
  });

  test('refuses a plaintext database in its place', () => {
    const { file, key } = closed();
    writeFileSync(file, Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(8_176)]));
    expect(codeOf({ file, key })).toBe('cache-damaged');
  });

  test('never takes what a cut-off creation left behind for a cache, and can finish the creation', () => {
    const { file, key } = closed();
    writeFileSync(file, '');
    expect(codeOf({ file, key })).toBe('cache-missing');
    expect(statSync(file).size).toBe(0);
    unlinkSync(file);
    expect(codeOf({ file, key })).toBe('cache-missing');
    expect(codeOf({ file, key: keyOf(4), mode: 'create' })).toBe('cache-key-wrong');
    expect(codeOf({ file, key, mode: 'create' })).toBe('ok');
    expect(codeOf({ file, key })).toBe('ok');
  });

  test('takes a file whose tables were never made for no cache either', () => {
    const file = join(temporaryDirectory(), 'cache.db');
    const key = keyOf(3);
    expect(codeOf({ file, key, mode: 'create', migrations: [] })).toBe('ok');
    expect(statSync(file).size).toBeGreaterThan(0);
    expect(codeOf({ file, key })).toBe('cache-missing');
    expect(codeOf({ file, key, mode: 'create' })).toBe('ok');
    expect(codeOf({ file, key })).toBe('ok');
  });

  test('writes a lost key-check value again once the key has proved right', () => {
    const { file, key } = closed();
    unlinkSync(`${file}.kcv`);
    expect(codeOf({ file, key: keyOf(4) })).toBe('cache-damaged');
    expect(codeOf({ file, key })).toBe('ok');
    expect(codeOf({ file, key: keyOf(4) })).toBe('cache-key-wrong');
  });

  test('says so when the disk is full, and keeps what was there', () => {
    const { file, key } = closed();
    const fails = openDatabase({
      file,
      key,
      mode: 'write',
      migrations: [
        ...migrations,
        (db) => {
          db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true })}`);
          db.exec('CREATE TABLE more (a); INSERT INTO more VALUES (zeroblob(1000000))');
        },
      ],
    });
    expect(fails).toEqual({ ok: false, error: { code: 'disk-full' } });
    expect(codeOf({ file, key })).toBe('ok');
  });

  test.each([
    ['SQLITE_READONLY_DBMOVED', 'disk-read-only'],
    ['EROFS', 'disk-read-only'],
    ['EACCES', 'disk-read-only'],
    ['ENOSPC', 'disk-full'],
    ['SQLITE_CORRUPT_VTAB', 'cache-damaged'],
    ['SQLITE_IOERR_READ', 'store-failed'],
    ['toString', 'store-failed'],
  ])('gives %s the code %s', (code, expected) => {
    expect(storeErrorOf(Object.assign(new Error(), { code }))).toBe(expected);
  });
});

describe('handles', () => {
  test('a reader cannot write, and is no writer to the compiler', () => {
    const { reader } = openCache();
    expect(() => reader.exec(`INSERT INTO meta VALUES ('a', 'b')`)).toThrow(/readonly/);
    const takesWriter = (db: WriteDb) => db.open;
    const takesReader = (db: ReadDb) => db.open;
    // @ts-expect-error a read handle is not a write handle
    expect(takesWriter(reader)).toBe(true);
    expect(takesReader(reader)).toBe(true);
  });
});
