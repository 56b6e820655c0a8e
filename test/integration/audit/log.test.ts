import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { entriesIn } from '../../../main/audit/entries.ts';
import { readLeaf } from '../../../main/audit/log/entry.ts';
import { createAuditLog, type LogOperations } from '../../../main/audit/log.ts';
import { openDatabase } from '../../../main/cache/open.ts';
import { auditWith, eventsInFile } from '../../support/audit.ts';
import { memoryKeyStore, temporaryFolder } from '../../unit/vault/support.ts';
import { DATABASE_KEY, eventOf, NOW, openFile, workstation } from './support.ts';

const idsOf = (leaves: readonly { leaf: string }[]) =>
  leaves.map(({ leaf }) => (JSON.parse(readLeaf(leaf)?.event ?? '{}') as { id?: string }).id);

describe('the audit log', () => {
  it('security: an event that was acknowledged survives SIGKILL of its process', async () => {
    const { file, keyStore, opened, ports } = workstation();
    const store = await opened();
    for (const number of [1, 2, 3]) expect(await store.append(eventOf(number))).toEqual({ seq: number - 1 });
    ports[0]?.child.kill('SIGKILL');
    await expect(store.append(eventOf(4))).rejects.toThrow();
    await store.close();
    const db = openFile(file, keyStore);
    expect(idsOf(entriesIn(db, 0, 99))).toEqual(['event-1', 'event-2', 'event-3']);
    db.close();
  });

  it('security: an access is refused, not forgotten, once its process is gone', async () => {
    const { open, ports } = workstation();
    const opening = open();
    const audit = auditWith({ open: () => opening });
    const entry = { action: 'read', practitioner: 'Practitioner/a', server: 'https://s', patientId: 'p' } as const;
    expect((await audit.record(entry)).ok).toBe(true);
    ports[0]?.child.kill('SIGKILL');
    expect(await audit.record(entry)).toEqual({ ok: false, error: { code: 'audit-unavailable' } });
    expect(await audit.record(entry)).toEqual({ ok: false, error: { code: 'audit-unavailable' } });
    await audit.close();
  });

  it('security: a log whose key is missing is not opened, and no new key is made', async () => {
    const { file, keyStore, open, opened, ports } = workstation();
    await (await opened()).close();
    const key = keyStore.entries.get(DATABASE_KEY);
    keyStore.entries.delete(DATABASE_KEY);
    keyStore.calls.length = 0;
    const before = readFileSync(file);
    expect(await open()).toEqual({ ok: false, error: { code: 'keyring-entry-missing' } });
    expect(keyStore.calls.filter((call) => call.startsWith('set'))).toEqual([]);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(ports).toHaveLength(1);
    keyStore.entries.set(DATABASE_KEY, Buffer.alloc(32, 9).toString('base64'));
    expect(await open()).toEqual({ ok: false, error: { code: 'cache-key-wrong' } });
    for (const malformed of ['', 'AAAA', 'not base64']) {
      keyStore.entries.set(DATABASE_KEY, malformed);
      expect((await open()).ok).toBe(false);
    }
    expect(readFileSync(file).equals(before)).toBe(true);
    keyStore.entries.set(DATABASE_KEY, key ?? '');
    expect((await open()).ok).toBe(true);
  });

  it('writes what waits together, each at its place', async () => {
    const store = await workstation().opened();
    const answers = await Promise.all(Array.from({ length: 50 }, (_, number) => store.append(eventOf(number))));
    expect(answers.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, number) => number));
    const leaves = await store.range(0, 50);
    expect(leaves.map(({ leaf }) => readLeaf(leaf)?.seq)).toEqual(answers.map(({ seq }) => seq));
    await store.close();
  });

  it('writes what belongs together whole or not at all', async () => {
    const store = await workstation().opened();
    expect(await store.append(eventOf(0))).toEqual({ seq: 0 });
    await expect(store.appendAll([eventOf(1), 'no JSON', eventOf(2)])).rejects.toThrow();
    expect(await store.appendAll([eventOf(1), eventOf(2), eventOf(3)])).toEqual({ seq: 1 });
    expect(await store.append(eventOf(4))).toEqual({ seq: 4 });
    expect(await store.query({ limit: 10 })).toHaveLength(5);
    await store.close();
  });

  /** Entries are made findable with a checkpoint: until then they are looked through. */
  it.each([0, 13, 30])(
    'is asked by patient, agent, time and action, newest first, %d entries findable',
    async (findable) => {
      const store = await workstation().opened();
      for (let number = 0; number < 30; number += 1) {
        if (number === findable) await store.checkpoint();
        await store.append(eventOf(number));
      }
      if (findable === 30) await store.checkpoint();
      expect(idsOf(await store.query({ patient: 'p3' }))).toEqual(['event-24', 'event-17', 'event-10', 'event-3']);
      const page = await store.query({ agent: 'Practitioner/d1', limit: 2 });
      expect(idsOf(page)).toEqual(['event-28', 'event-25']);
      const next = await store.query({ agent: 'Practitioner/d1', limit: 6, before: page.at(-1)?.seq });
      expect(idsOf(next)).toEqual(['event-22', 'event-19', 'event-16', 'event-13', 'event-10', 'event-7']);
      const minute = { from: NOW + 10_000, to: NOW + 14_000 };
      expect(idsOf(await store.query(minute))).toEqual(['event-13', 'event-12', 'event-11', 'event-10']);
      expect(idsOf(await store.query({ ...minute, actions: ['search'] }))).toEqual(['event-13', 'event-11']);
      expect(idsOf(await store.query({ patient: 'p3', actions: ['read', '110122'] }))).toEqual([
        'event-24',
        'event-10',
      ]);
      expect(await store.query({ patient: 'nobody' })).toEqual([]);
      await store.close();
    },
  );

  it('of the version before becomes the first entries of the new one, in order', async () => {
    const { file, keyStore, opened } = workstation();
    const key = Buffer.alloc(32, 5);
    keyStore.entries.set(DATABASE_KEY, key.toString('base64'));
    const plain = openDatabase({
      file,
      key,
      mode: 'create',
      migrations: [(db) => db.exec('CREATE TABLE entry (seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL)')],
    });
    if (!plain.ok) throw new Error(plain.error.code);
    for (let number = 0; number < 300; number += 1) {
      plain.value.prepare('INSERT INTO entry (event) VALUES (?)').run(number === 7 ? 'no JSON' : eventOf(number));
    }
    plain.value.close();
    const store = await opened();
    expect(store.openedSize).toBe(300);
    const leaves = await store.range(0, 300);
    expect(idsOf(leaves).filter(Boolean)).toEqual(
      Array.from({ length: 300 }, (_, number) => `event-${number}`).filter((id) => id !== 'event-7'),
    );
    expect(leaves[7]?.leaf).toContain('{"carried":"no JSON"}');
    expect(await store.newestCheckpoint()).toMatchObject({ size: 300 });
    let progress = await store.verify(true);
    while (!progress.done) progress = await store.verify(false);
    expect(await store.findings()).toEqual([]);
    await store.close();
    expect(eventsInFile(file, key)).toHaveLength(300);
  });

  it('that can’t be gone on with is kept, and told of before all else in the new one', async () => {
    const { folder, keyStore, open, opened } = workstation();
    const audit = auditWith({ open });
    audit.prepare();
    await audit.close();
    keyStore.entries.delete('audit/device-key');
    const again = auditWith({ open });
    const entry = { action: 'read', practitioner: 'Practitioner/a', server: 'https://s', patientId: 'p' } as const;
    expect((await again.record(entry)).ok).toBe(true);
    await again.close();
    expect(readdirSync(folder)).toContain('audit.db.aside-1');
    const store = await opened();
    const [first, second] = (await store.range(0, 3)).map(({ leaf }) => leaf);
    expect(first).toContain('predecessor');
    expect(first).toContain(String(store.identity.origin));
    expect(second).toContain('device-key-changed');
    await store.close();
  });
});

describe('security: the audit log in this process', () => {
  /** The operations of the audit process, without one. */
  function local() {
    const folder = temporaryFolder();
    const file = join(folder, 'audit', 'audit.db');
    const keyStore = memoryKeyStore();
    keyStore.entries.set(DATABASE_KEY, Buffer.alloc(32, 3).toString('base64'));
    const log: LogOperations = createAuditLog();
    const request = () => ({
      file,
      key: new Uint8Array(32).fill(3),
      seed: new Uint8Array(32).fill(4),
      anchor: null,
      logId: crypto.randomUUID(),
      damaged: false,
      time: new Date(NOW).toISOString(),
      nativeBinding: undefined,
    });
    return { file, keyStore, log, request, open: () => log.open(request()) };
  }

  it('security: no entry, checkpoint or index can be changed, deleted or overwritten, and no number is used twice', async () => {
    const { file, keyStore, log, open } = local();
    expect(open().ok).toBe(true);
    await log.append(eventOf(0));
    await log.append(eventOf(1));
    log.checkpoint({ time: new Date(NOW).toISOString() });
    log.close();
    const db = openFile(file, keyStore);
    const before = db.prepare('SELECT * FROM entry').all();
    for (const statement of [
      "UPDATE entry SET leaf = x'01'",
      'UPDATE entry SET seq = 9 WHERE seq = 1',
      'DELETE FROM entry',
      'DELETE FROM entry WHERE seq = 1',
      "INSERT OR REPLACE INTO entry (seq, leaf, hash) VALUES (1, x'01', x'00')",
      "INSERT INTO entry (seq, leaf, hash) VALUES (1, x'02', x'00') ON CONFLICT (seq) DO UPDATE SET leaf = x'02'",
      "UPDATE checkpoint SET note = 'x'",
      'DELETE FROM checkpoint',
      "UPDATE about SET patient = 'x'",
      'DELETE FROM agent',
      "UPDATE log SET origin = 'x'",
    ]) {
      expect(() => db.exec(statement), statement).toThrow(/append only/);
    }
    expect(db.prepare('SELECT * FROM entry').all()).toEqual(before);
    db.close();
  });

  it('security: the files are encrypted and their owner’s alone', async () => {
    const { file, log, open } = local();
    open();
    const canary = 'CANARY-Patient-Name';
    for (let number = 0; number < 50; number += 1) await log.append(eventOf(number, canary));
    const folder = join(file, '..');
    const check = () => {
      for (const name of readdirSync(folder)) {
        const content = readFileSync(join(folder, name));
        expect(content.includes(canary), name).toBe(false);
        expect(content.includes('SQLite format'), name).toBe(false);
        if (process.platform !== 'win32') expect(statSync(join(folder, name)).mode & 0o077, name).toBe(0);
      }
    };
    check();
    log.close();
    check();
  });

  it('security: the keys are wiped where they were used', () => {
    const { log, request } = local();
    const mine = request();
    log.open(mine);
    expect(mine.key).toEqual(new Uint8Array(32));
    expect(mine.seed).toEqual(new Uint8Array(32));
    log.close();
  });

  it('finds what was written before it ended without a checkpoint, and what is written after', async () => {
    const { log, open } = local();
    open();
    await log.appendAll([eventOf(0), eventOf(1)]);
    log.close();
    open();
    await log.appendAll([eventOf(2), eventOf(3)]);
    log.checkpoint({ time: '2031-03-04T05:06:07.000Z' });
    for (let anew = true, done = false; !done; anew = false) {
      ({ done } = log.verify({ anew: anew ? { anchor: null } : null }));
    }
    expect(log.findings()).toEqual([]);
    const found = log.query({ limit: 10 }).map(({ seq }) => seq);
    expect(found).toEqual([3, 2, 1, 0]);
    log.close();
  });

  it('is made anew where its creation was cut off', async () => {
    const { file, keyStore, log, open } = local();
    open();
    log.close();
    truncateSync(file, 0);
    expect(open().ok).toBe(true);
    await log.append(eventOf(1));
    log.close();
    const db = openFile(file, keyStore);
    expect(db.prepare('SELECT seq FROM entry').pluck().all()).toEqual([0]);
    db.close();
  });

  it('sets what is no log aside, as it is, and says so', () => {
    const { file, log, open } = local();
    open();
    log.close();
    const content = 'something that is no database '.repeat(500);
    writeFileSync(file, content);
    expect(open().ok).toBe(true);
    expect(log.findings()).toMatchObject([{ code: 'log-damaged' }]);
    expect(readFileSync(`${file}.aside-1`, 'utf8')).toBe(content);
    log.close();
  });

  it('refuses events before it is opened, after it is closed, and what is no event', async () => {
    const { log, open } = local();
    await expect(log.append(eventOf(1))).rejects.toThrow();
    open();
    await expect(log.append('no JSON')).rejects.toThrow();
    await expect(log.append('1')).rejects.toThrow();
    expect(await log.append(eventOf(1))).toEqual({ seq: 0 });
    log.close();
    await expect(log.append(eventOf(2))).rejects.toThrow();
  });
});

describe('a log whose creation was cut off', () => {
  it('does not keep the program from recording for good', async () => {
    const { file, keyStore, opened } = workstation();
    await (await opened()).close();
    truncateSync(file, 0);
    for (const account of keyStore.entries.keys()) if (account.includes('anchor')) keyStore.entries.delete(account);
    const second = await opened();
    await second.append(eventOf(1));
    expect(await second.findings()).toEqual([]);
    await second.close();
  });
});
