import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isSetAside, setAside } from '../../../main/cache/set-aside.ts';
import { type Databases, openDatabases, profileWithNote, temporaryFile } from './support.ts';

/*
 * Real files that were damaged or removed while the program was away. Nothing of them is ever deleted, and unsent work
 * outlives the loss of the records.
 */

async function lost() {
  const { profile, keys } = await profileWithNote();
  const file = (name: string) => join(profile.folder, name);
  const open = (...how: ('cache' | 'outbox' | 'check')[]) => {
    const anew = how.filter((one) => one !== 'check');
    return openDatabases({ profile }, keys, false, { anew, check: how.includes('check') });
  };
  const opened = (...anew: ('cache' | 'outbox')[]): Databases => {
    const databases = open(...anew);
    if (typeof databases === 'string') throw new Error(databases);
    return databases;
  };
  const asides = () => readdirSync(profile.folder).filter((name) => name.includes('aside'));
  return { file, open, opened, asides };
}

const PAGE_BYTES = 4_096;

function damage(file: string): Buffer {
  const bytes = readFileSync(file);
  bytes.fill(0x5a, 0, PAGE_BYTES);
  writeFileSync(file, bytes);
  return bytes;
}

/** What is waiting, and that it is in the chart as well. */
function expectNote(databases: Databases, rebuilt: boolean): void {
  expect(databases.outbox.counts()).toEqual({ waiting: 1, conflicts: 0, parked: 0 });
  expect([databases.rows(), databases.rebuilt]).toEqual([1, rebuilt]);
  databases.close();
}

describe('a cache that is lost', () => {
  it('is told, kept beside when it is made anew, and shows the unsent work at once', async () => {
    const { file, open, opened, asides } = await lost();
    const bytes = damage(file('cache.db'));
    expect(open()).toBe('cache-damaged');
    expect(asides()).toEqual([]);
    expectNote(opened('cache'), true);
    expect(readFileSync(file('cache.db.aside-1')).equals(bytes)).toBe(true);
    expect(asides()).toEqual(['cache.db.aside-1', 'cache.db.kcv.aside-1']);
    expect([await isSetAside(file('cache.db')), await isSetAside(file('outbox.db'))]).toEqual([true, false]);
    // It is known to be a new one as long as it is there.
    expectNote(opened(), true);
  });

  it('is noticed to be missing', async () => {
    const { file, open, opened } = await lost();
    rmSync(file('cache.db'));
    expect(open()).toBe('cache-missing');
    expectNote(opened('cache'), true);
  });

  it('security: is not made anew where the unsent work is missing too, which is told instead', async () => {
    const { file, open, asides } = await lost();
    damage(file('cache.db'));
    rmSync(file('outbox.db'));
    expect(open('cache')).toBe('outbox-missing');
    expect(asides()).toEqual([]);
    expect(existsSync(file('outbox.db'))).toBe(false);
  });

  it.each(['cache', 'outbox'] as const)(
    'is noticed in the middle of a file where that is looked through (%s)',
    async (name) => {
      const { file, open, opened } = await lost();
      const before = opened();
      const page = before.rootPage('search_text_data');
      before.close();
      const bytes = readFileSync(file(`${name}.db`));
      // A page of no table that an opening reads: that of a table in the cache, the last one in the outbox.
      const from = name === 'cache' ? (page - 1) * PAGE_BYTES : bytes.length - PAGE_BYTES;
      bytes.fill(0x5a, from, from + PAGE_BYTES);
      writeFileSync(file(`${name}.db`), bytes);
      opened().close();
      expect(open('check')).toBe(`${name}-damaged`);
    },
  );

  it('security: no WAL of it is left for the new one', async () => {
    const { file, opened } = await lost();
    damage(file('cache.db'));
    writeFileSync(file('cache.db-wal'), 'of the old one');
    expectNote(opened('cache'), true);
    expect(readFileSync(file('cache.db-wal.aside-1'), 'utf8')).toBe('of the old one');
  });
});

describe('an outbox that is lost', () => {
  it.each(['outbox-damaged', 'outbox-missing'])('security: is made anew by an explicit act only (%s)', async (code) => {
    const { file, open, opened } = await lost();
    if (code === 'outbox-damaged') damage(file('outbox.db'));
    else rmSync(file('outbox.db'));
    expect(open()).toBe(code);
    expect(open('cache')).toBe(code);
    const databases = opened('outbox');
    expect(databases.outbox.counts()).toEqual({ waiting: 0, conflicts: 0, parked: 0 });
    databases.close();
    expect(existsSync(file('outbox.db.aside-1'))).toBe(code === 'outbox-damaged');
    opened().close();
  });
});

it('setting aside never takes the place of what was set aside before', () => {
  const file = temporaryFile('cache.db');
  for (const content of ['first', 'second']) {
    writeFileSync(file, content);
    writeFileSync(`${file}-wal`, content);
    setAside(file);
  }
  const kept = [1, 2].map((number) => readFileSync(`${file}-wal.aside-${number}`, 'utf8'));
  expect(kept).toEqual(['first', 'second']);
});
