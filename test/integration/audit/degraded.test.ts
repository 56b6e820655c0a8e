import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3-multiple-ciphers';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Audit } from '../../../main/audit/audit.ts';
import type { AuditEntry } from '../../../main/audit/events/entry.ts';
import { localPort } from '../../../main/audit/local-port.ts';
import { createReserve } from '../../../main/audit/reserve.ts';
import { openAuditStore } from '../../../main/audit/store.ts';
import type { AuditStatus } from '../../../preload/contract/audit.ts';
import { auditWith, eventsInFile } from '../../support/audit.ts';
import { memoryKeyStore, temporaryFolder } from '../../unit/vault/support.ts';
import { DATABASE_KEY, NOW } from './support.ts';

/** A workstation whose disk can be full: the log's database then takes no page more, and says so as SQLite does. */
function station() {
  const folder = join(temporaryFolder(), 'audit');
  const keyStore = memoryKeyStore();
  const connections: Database[] = [];
  const prototype = Sqlite.prototype as Database;
  const original = Object.getOwnPropertyDescriptor(prototype, 'key') as PropertyDescriptor;
  Object.defineProperty(prototype, 'key', {
    configurable: true,
    value(this: Database, key: Buffer) {
      connections.push(this);
      return (original.value as (key: Buffer) => number).call(this, key);
    },
  });
  onTestFinished(() => {
    Object.defineProperty(prototype, 'key', original);
  });
  const told: AuditStatus[] = [];
  const start = (): Audit =>
    auditWith({
      open: (damaged) =>
        openAuditStore(
          {
            fork: localPort,
            folder,
            keyStore,
            binding: undefined,
            now: () => NOW,
            newId: () => crypto.randomUUID(),
          },
          damaged,
        ),
      reserve: createReserve({ file: join(folder, 'reserve'), keyStore, room: 65_536 }),
      onStatus: (status) => told.push(status),
    });
  return {
    start,
    told,
    keyStore,
    file: join(folder, 'audit.db'),
    events: () =>
      eventsInFile(join(folder, 'audit.db'), Buffer.from(keyStore.entries.get(DATABASE_KEY) ?? '', 'base64')),
    setFull(isFull: boolean) {
      const db = connections.filter(({ open }) => open).at(-1);
      const pages = Number(db?.pragma('page_count', { simple: true }));
      db?.pragma(`max_page_count = ${isFull ? pages : 1_000_000}`);
    },
  };
}

const about = { practitioner: 'Practitioner/a', server: 'https://s' } as const;
const read: AuditEntry = { action: 'read', ...about, patientId: 'p', view: 'chart.read' };
const urgent: AuditEntry = { ...read, emergency: true, purpose: 'ETREAT', reason: 'Found unconscious' };
const list: AuditEntry = { action: 'search', ...about, view: 'patients.list' };
const degraded = { ok: false, error: { code: 'audit-degraded' } };

/** Until the database has no page left. */
async function fill(audit: Audit): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) if (!(await audit.record({ ...read, view: 'x'.repeat(500) })).ok) return;
  throw new Error('never full');
}

describe('security: a log that can’t be written', () => {
  it('security: opens charts by emergency access only, and has all of it in the record once there is room', async () => {
    const { start, setFull, told, events } = station();
    const audit = start();
    expect((await audit.record(read)).ok).toBe(true);
    setFull(true);
    await fill(audit);
    expect(told).toMatchObject([{ degraded: 'disk-full' }]);
    expect(audit.status()).toMatchObject({ degraded: 'disk-full' });
    expect(await audit.record(read)).toEqual(degraded);
    // Who is to declare an emergency has to find the patient first, but not what is in the charts of all.
    expect((await audit.record(list)).ok).toBe(true);
    for (const found of [{}, { patientId: 'p' }]) {
      expect(await audit.record({ ...list, view: 'find.inPanel', ...found })).toEqual(degraded);
    }
    for (const action of ['emergency-alert', 'emergency'] as const) {
      expect((await audit.record({ ...urgent, action })).ok).toBe(true);
    }
    expect((await audit.record(urgent)).ok).toBe(true);
    setFull(false);
    expect((await audit.record(read)).ok).toBe(true);
    expect(audit.status().degraded).toBeNull();
    expect(told.at(-1)).toMatchObject({ degraded: null });
    await audit.close();
    const codes = events().map((event) => (event as { subtype: [{ code: string }] }).subtype[0].code);
    const kept = ['110133', 'search', '110127', 'read', 'read'];
    expect(codes.filter((code) => !['110134', '110135'].includes(code)).slice(-kept.length)).toEqual(kept);
    expect(JSON.stringify(events())).toContain('Found unconscious');
  });

  it('security: keeps what was kept beside it over the end of the program', async () => {
    const { start, setFull, events } = station();
    const audit = start();
    await audit.record(read);
    setFull(true);
    await fill(audit);
    expect((await audit.record(urgent)).ok).toBe(true);
    // As by SIGKILL: nothing is closed in order. The next start finds room.
    const next = start();
    expect((await next.record(read)).ok).toBe(true);
    await next.close();
    expect(JSON.stringify(events())).toContain('Found unconscious');
    await audit.close();
  });

  it('security: whose file doesn’t open for the keychain still lets emergencies in', async () => {
    const { start, keyStore } = station();
    const before = start();
    await before.record(read);
    await before.close();
    keyStore.entries.delete(DATABASE_KEY);
    const audit = start();
    expect(await audit.record(read)).toEqual(degraded);
    expect(audit.status().degraded).toBe('keyring-entry-missing');
    expect((await audit.record(urgent)).ok).toBe(true);
    await audit.close();
  });

  it('security: whose file is found damaged while it is open is set aside, and a new one begins', async () => {
    const { start, file, events } = station();
    const audit = start();
    await audit.record(read);
    await audit.close();
    writeFileSync(file, 'no database any more '.repeat(1_000));
    const again = start();
    expect((await again.record(read)).ok).toBe(true);
    await again.close();
    const text = JSON.stringify(events());
    expect(text).toContain('log-damaged');
    expect(text).toContain('chart.read');
  });
});
