import { type ChildProcess, fork } from 'node:child_process';
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAudit } from '../../../main/audit/audit.ts';
import { createAuditLog } from '../../../main/audit/log.ts';
import { openAuditStore } from '../../../main/audit/store.ts';
import { openDatabase } from '../../../main/cache/open.ts';
import type { ChildPort } from '../../../main/cache/rpc.ts';
import { recorder } from '../../unit/audit/support.ts';
import { type MemoryKeyStore, memoryKeyStore, temporaryFolder } from '../../unit/vault/support.ts';

const ACCOUNT = 'audit/database-key';

function forkAudit(): ChildPort & { child: ChildProcess } {
  const child = fork(join(import.meta.dirname, 'process-entry.ts'), { serialization: 'advanced', stdio: 'inherit' });
  // A message to a process that was killed fails; its end is what counts.
  child.on('error', () => undefined);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return {
    child,
    postMessage: (message) => child.send(message as object, () => undefined),
    on: (event: 'message' | 'exit', listener: (value: never) => void) =>
      child.on(event, listener as (value: unknown) => void),
    kill: () => child.kill('SIGKILL'),
  };
}

function start() {
  const folder = join(temporaryFolder(), 'audit');
  const keyStore = memoryKeyStore();
  const ports: ReturnType<typeof forkAudit>[] = [];
  const open = () =>
    openAuditStore({
      fork: () => {
        const port = forkAudit();
        ports.push(port);
        return port;
      },
      folder,
      keyStore,
      binding: undefined,
    });
  return { folder, file: join(folder, 'audit.db'), keyStore, open, ports };
}

/** What stands in the log, read with its key and nothing of the code that wrote it. */
function eventsOf(file: string, keyStore: MemoryKeyStore): unknown[] {
  const db = openLog(file, keyStore);
  const rows = db.prepare('SELECT seq, event FROM entry ORDER BY seq').all() as { seq: number; event: string }[];
  db.close();
  return rows.map(({ seq, event }) => [seq, event]);
}

function openLog(file: string, keyStore: MemoryKeyStore) {
  const key = Buffer.from(keyStore.entries.get(ACCOUNT) ?? '', 'base64');
  const opened = openDatabase({ file, key, mode: 'write', migrations: [() => undefined] });
  if (!opened.ok) throw new Error(opened.error.code);
  return opened.value;
}

describe('the audit log', () => {
  it('security: an event that was acknowledged survives SIGKILL of its process', async () => {
    const { file, keyStore, open, ports } = start();
    const opened = await open();
    if (!opened.ok) throw new Error(opened.error.code);
    for (const event of ['first', 'second', 'third']) await opened.value.append(event);
    ports[0]?.child.kill('SIGKILL');
    await expect(opened.value.append('too late')).rejects.toThrow();
    await opened.value.close();
    expect(eventsOf(file, keyStore)).toEqual([
      [1, 'first'],
      [2, 'second'],
      [3, 'third'],
    ]);
  });

  it('security: an access is refused, not forgotten, once its process is gone', async () => {
    const { open, ports } = start();
    const opening = open();
    const audit = createAudit({ open: () => opening, recorder: async () => recorder, now: () => 0, newId: () => 'x' });
    const entry = { action: 'read', practitioner: 'Practitioner/a', server: 'https://s', patientId: 'p' } as const;
    expect((await audit.record(entry)).ok).toBe(true);
    ports[0]?.child.kill('SIGKILL');
    expect(await audit.record(entry)).toEqual({ ok: false, error: { code: 'audit-unavailable' } });
    expect(await audit.record(entry)).toEqual({ ok: false, error: { code: 'audit-unavailable' } });
    await audit.close();
  });

  it('security: a log whose key is missing is not opened, and no new key is made', async () => {
    const { file, keyStore, open, ports } = start();
    const opened = await open();
    if (opened.ok) await opened.value.close();
    const key = keyStore.entries.get(ACCOUNT);
    keyStore.entries.delete(ACCOUNT);
    keyStore.calls.length = 0;
    const before = readFileSync(file);
    expect(await open()).toEqual({ ok: false, error: { code: 'keyring-entry-missing' } });
    expect(keyStore.calls).toEqual([`get ${ACCOUNT}`]);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(ports).toHaveLength(1);
    keyStore.entries.set(ACCOUNT, Buffer.alloc(32, 9).toString('base64'));
    expect(await open()).toEqual({ ok: false, error: { code: 'cache-key-wrong' } });
    for (const malformed of ['', 'AAAA', 'not base64']) {
      keyStore.entries.set(ACCOUNT, malformed);
      expect((await open()).ok).toBe(false);
    }
    expect(readFileSync(file).equals(before)).toBe(true);
    keyStore.entries.set(ACCOUNT, key ?? '');
    expect((await open()).ok).toBe(true);
  });
});

describe('security: the audit log in this process', () => {
  /** The operations of the audit process, without one. */
  function local() {
    const folder = temporaryFolder();
    const file = join(folder, 'audit', 'audit.db');
    const keyStore = memoryKeyStore();
    keyStore.entries.set(ACCOUNT, Buffer.alloc(32, 3).toString('base64'));
    const log = createAuditLog() as unknown as {
      open(request: { file: string; key: Uint8Array; create: boolean }): { ok: boolean };
      append(event: string): void;
      close(): void;
    };
    const open = () => log.open({ file, key: new Uint8Array(32).fill(3), create: true });
    return { file, keyStore, log, open };
  }

  it('security: no entry can be changed, deleted or overwritten, and no number is used twice', () => {
    const { file, keyStore, log, open } = local();
    expect(open().ok).toBe(true);
    log.append('one');
    log.append('two');
    log.close();
    const db = openLog(file, keyStore);
    for (const statement of [
      "UPDATE entry SET event = 'x'",
      'UPDATE entry SET seq = 9 WHERE seq = 1',
      'DELETE FROM entry',
      'DELETE FROM entry WHERE seq = 2',
      "INSERT OR REPLACE INTO entry (seq, event) VALUES (1, 'x')",
      "REPLACE INTO entry (seq, event) VALUES (2, 'x')",
      "INSERT INTO entry (seq, event) VALUES (1, 'y') ON CONFLICT (seq) DO UPDATE SET event = 'y'",
    ]) {
      expect(() => db.exec(statement), statement).toThrow(/append only/);
    }
    db.close();
    expect(eventsOf(file, keyStore)).toEqual([
      [1, 'one'],
      [2, 'two'],
    ]);
  });

  it('security: the files are encrypted and their owner’s alone', () => {
    const { file, log, open } = local();
    open();
    const canary = 'CANARY-Patient-Name';
    for (let index = 0; index < 50; index += 1) log.append(`${canary} ${index}`);
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

  it('security: the key is wiped where it was used', () => {
    const { file, log } = local();
    const key = new Uint8Array(32).fill(3);
    log.open({ file, key, create: true });
    expect(key).toEqual(new Uint8Array(32));
    log.close();
  });

  it('is made anew where its creation was cut off, and never where anything is in it', () => {
    const { file, keyStore, log, open } = local();
    open();
    log.close();
    truncateSync(file, 0);
    expect(open().ok).toBe(true);
    log.append('after');
    log.close();
    expect(eventsOf(file, keyStore)).toEqual([[1, 'after']]);
    writeFileSync(file, 'something that is no database '.repeat(500));
    expect(open()).toEqual({ ok: false, error: { code: 'cache-damaged' } });
    expect(readFileSync(file, 'utf8')).toContain('something');
  });

  it('refuses events before it is opened and after it is closed', () => {
    const { log, open } = local();
    expect(() => log.append('early')).toThrow();
    open();
    log.close();
    expect(() => log.append('late')).toThrow();
  });
});

describe('a log whose creation was cut off', () => {
  it('does not keep the program from recording for good', async () => {
    const { file, open } = start();
    const first = await open();
    if (first.ok) await first.value.close();
    truncateSync(file, 0);
    const second = await open();
    if (!second.ok) throw new Error(second.error.code);
    await second.value.append('recorded');
  });
});
