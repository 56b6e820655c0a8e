import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3-multiple-ciphers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../main/cache/open.ts';
import type { OpenedStore, OpenRequest, OutboxOperations } from '../../../main/cache/operations.ts';
import { copyOf, createUpgrade } from '../../../main/cache/upgrade.ts';
import { createWriter } from '../../../main/cache/writer-operations.ts';
import type { Result } from '../../../preload/contract/channel.ts';
import { bundledProgram } from '../../support/bundle.ts';
import { folderInMemory } from '../../support/memory.ts';
import { addNote } from '../vault/support.ts';
import { type More, type Task, withMore } from './next-version.ts';

/*
 * A profile with a note that was never sent, and a version of the program that has one more migration for cache and outbox.
 * "Before" is the version that has made the profile, "next" the one that comes.
 */

const root = folderInMemory('wardlight-upgrade-');
const program = bundledProgram(join(import.meta.dirname, 'kill-child.ts'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const keys = { cache: randomBytes(32), outbox: randomBytes(32) };
const made = join(root, 'made');
let places = 0;

/** Each test has the profile as it was made. */
function placeOf(): string {
  places += 1;
  const place = join(root, `place-${places}`);
  cpSync(made, place, { recursive: true });
  return place;
}

const requestIn = (place: string, version: string, create = false): OpenRequest => ({
  file: join(place, 'cache.db'),
  key: Uint8Array.from(keys.cache),
  create,
  version,
  outbox: { file: join(place, 'outbox.db'), key: Uint8Array.from(keys.outbox) },
});

/** Opens the profile as a version does; answers the titles of what was not sent, or the code and what it needs. */
function openedBy(place: string, version: string, more: More | null = null, create = false) {
  const open = ((options: Parameters<typeof openDatabase>[0]) =>
    openDatabase(
      (more ? withMore(options, more) : options) as Parameters<typeof openDatabase>[0] & { mode: 'write' },
    )) as typeof openDatabase;
  const operations = createWriter({ open }).operations as Record<string, (args?: unknown) => unknown>;
  const opened = operations['open']?.(requestIn(place, version, create)) as Result<OpenedStore>;
  if (!opened.ok) return opened.error;
  const outbox = operations as unknown as OutboxOperations;
  if (create)
    addNote({ outbox, rebuilt: false, rows: () => 0, rootPage: () => 0, close: () => undefined }, 'potassium 6.1');
  const titles = outbox.list({ limit: 10 }).items.map(({ title }) => title);
  operations['close']?.();
  return titles;
}

const BEFORE = ['note'];
const NEXT = ['as the next version has it'];
/** The step at which both databases are changed, and the note still says that they are being changed. */
const BOTH_CHANGED = 13;
const leftOver = (place: string) => readdirSync(place).filter((name) => /before|upgrade|part$|new$/.test(name));

/** The next version's first opening, killed at a step. */
function killedAt(place: string, kill: number, more: More = 'works'): Promise<'killed' | 'lived'> {
  const child = fork(program, { serialization: 'advanced' });
  child.send({ request: requestIn(place, '0.2.0'), more, kill } satisfies Task);
  return new Promise((resolve, reject) => {
    child.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve('killed');
      else if (code === 0) resolve('lived');
      else reject(new Error(`the child ended with ${code}`));
    });
  });
}

beforeAll(() => {
  mkdirSync(made);
  expect(openedBy(made, '0.1.0', null, true)).toEqual(BEFORE);
});

it('comes through an upgrade, and leaves no copy behind', () => {
  const place = placeOf();
  expect(openedBy(place, '0.2.0', 'works')).toEqual(NEXT);
  expect(leftOver(place)).toEqual([]);
  expect(openedBy(place, '0.2.0', 'works')).toEqual(NEXT);
  expect(openedBy(place, '0.1.0')).toMatchObject({ code: 'cache-newer-schema' });
});

describe('security: an upgrade that is killed', () => {
  it('security: at any step leaves the profile to the version before or to the next one, with all of the unsent work', {
    timeout: 300_000,
  }, async () => {
    const found: string[] = [];
    for (let step = 0; ; step += 1) {
      const place = placeOf();
      const outcome = await killedAt(place, step);
      if (outcome === 'lived') {
        expect(step).toBeGreaterThan(15);
        break;
      }
      const again = `${place}-again`;
      cpSync(place, again, { recursive: true });
      const before = openedBy(place, '0.1.0');
      found.push(Array.isArray(before) ? 'before' : 'next');
      if (Array.isArray(before)) expect(before, `step ${step}`).toEqual(BEFORE);
      else expect(before, `step ${step}`).toMatchObject({ code: 'cache-newer-schema' });
      // Whatever was cut off, the next version goes on by itself.
      expect(openedBy(again, '0.2.0', 'works'), `step ${step}`).toEqual(NEXT);
      expect(leftOver(again), `step ${step}`).toEqual([]);
      for (const one of [place, again]) rmSync(one, { recursive: true });
    }
    expect(found.join(' ')).toMatch(/^(before ){12,}(next ?)+$/);
  });

  it('security: again and again, also while it is taken back, loses nothing', { timeout: 300_000 }, async () => {
    for (let step = 0; step < 8; step += 1) {
      const place = placeOf();
      expect(await killedAt(place, BOTH_CHANGED)).toBe('killed');
      expect(await killedAt(place, step)).toBe('killed');
      expect(openedBy(place, '0.1.0'), `step ${step}`).toEqual(BEFORE);
    }
  });

  it('security: three times is not tried a fourth time; the version before opens the profile', async () => {
    const place = placeOf();
    for (let attempt = 0; attempt < 3; attempt += 1) expect(await killedAt(place, 6)).toBe('killed');
    expect(openedBy(place, '0.2.0', 'works')).toEqual({ code: 'upgrade-failed', detail: '0.1.0' });
    expect(openedBy(place, '0.1.0')).toEqual(BEFORE);
  });
});

describe.each<More>(['cache-fails', 'outbox-fails'])('a migration that fails (%s)', (more) => {
  it('leaves everything as it was, and says which version is needed', () => {
    const place = placeOf();
    expect(openedBy(place, '0.2.0', more)).toEqual({ code: 'upgrade-failed', detail: '0.1.0' });
    expect(leftOver(place)).toEqual(['upgrade.json-failed']);
    expect(openedBy(place, '0.1.0')).toEqual(BEFORE);
    expect(leftOver(place)).toEqual([]);
  });

  it('is not tried again by the same version, and is by one that can', () => {
    const place = placeOf();
    openedBy(place, '0.2.0', more);
    expect(openedBy(place, '0.2.0', 'works')).toEqual({ code: 'upgrade-failed', detail: '0.1.0' });
    expect(openedBy(place, '0.2.1', 'works')).toEqual(NEXT);
    expect(leftOver(place)).toEqual([]);
  });
});

it('security: a note of an upgrade that can’t be read counts as one that was cut off', async () => {
  const place = placeOf();
  expect(await killedAt(place, BOTH_CHANGED)).toBe('killed');
  writeFileSync(join(place, 'upgrade.json'), '{"vers');
  expect(openedBy(place, '0.1.0')).toEqual(BEFORE);
});

it('security: copies are encrypted as what they are of', async () => {
  const place = placeOf();
  expect(await killedAt(place, BOTH_CHANGED)).toBe('killed');
  for (const name of ['cache.db.before', 'outbox.db.before']) {
    expect(existsSync(join(place, name))).toBe(true);
    const wrong = openDatabase({ file: join(place, name), key: randomBytes(32), mode: 'write', migrations: [] });
    expect(wrong).toEqual({ ok: false, error: { code: 'cache-damaged' } });
  }
});

it('security: copies no database of which a part still lies in the log beside it', () => {
  const file = join(root, 'read.db');
  const db = new Database(file, { timeout: 0 });
  db.pragma('journal_mode = WAL');
  db.exec('CREATE TABLE note (text); INSERT INTO note VALUES (1)');
  const reader = new Database(file, { readonly: true });
  reader.exec('BEGIN; SELECT * FROM note');
  db.exec("INSERT INTO note VALUES ('potassium 6.1')");
  const upgrade = createUpgrade({ files: [file], note: join(root, 'read.json'), version: '0.2.0' });
  expect(upgrade.begin()).toBeNull();
  expect(() => upgrade.beforeChange(file, db, '0.1.0')).toThrow('store-failed');
  expect(existsSync(copyOf(file))).toBe(false);
  reader.exec('COMMIT');
  upgrade.beforeChange(file, db, '0.1.0');
  expect(existsSync(copyOf(file))).toBe(true);
  for (const one of [reader, db]) one.close();
});
