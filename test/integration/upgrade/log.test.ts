import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { entriesIn } from '../../../main/audit/entries.ts';
import { originOf } from '../../../main/audit/log/entry.ts';
import { createSigner } from '../../../main/audit/log/note.ts';
import { createAuditLog } from '../../../main/audit/log.ts';
import { auditMigrations } from '../../../main/audit/schema.ts';
import { openDatabase } from '../../../main/cache/open.ts';
import { temporaryFolder } from '../../unit/vault/support.ts';
import { eventOf, NOW } from '../audit/support.ts';

/* The log of accesses as a version before has left it, whose last migration is this version's. */

const key = () => new Uint8Array(32).fill(3);
const seed = () => new Uint8Array(32).fill(4);
const ID = 'log-1';

function logBefore(spoil = '') {
  const file = join(temporaryFolder(), 'audit', 'audit.db');
  const origin = originOf(ID);
  const identity = { origin, vkey: createSigner(origin, seed()).vkey, predecessor: null };
  const migrations = auditMigrations(identity).slice(0, -1);
  const made = openDatabase({ file, key: key(), mode: 'create', migrations });
  if (!made.ok) throw new Error(made.error.code);
  if (spoil) made.value.exec(spoil);
  made.value.close();
  const open = (version: string) => {
    const log = createAuditLog();
    const request = { file, key: key(), seed: seed(), anchor: null, logId: ID, version, damaged: false };
    return { log, opened: log.open({ ...request, time: new Date(NOW).toISOString(), nativeBinding: undefined }) };
  };
  const versionOf = () => {
    const read = openDatabase({ file, key: key(), mode: 'read', migrations });
    if (!read.ok) return read.error.code;
    read.value.close();
    return 'as before';
  };
  const names = () => readdirSync(dirname(file)).filter((name) => /before|upgrade|aside/.test(name));
  return { file, open, versionOf, names };
}

it('comes through an upgrade, and leaves no copy behind', async () => {
  const { file, open, names } = logBefore();
  const { log, opened } = open('0.2.0');
  expect(opened.ok).toBe(true);
  await log.append(eventOf(1));
  log.close();
  expect(names()).toEqual([]);
  const identity = { origin: '', vkey: '', predecessor: null };
  const read = openDatabase({ file, key: key(), mode: 'read', migrations: auditMigrations(identity) });
  if (!read.ok) throw new Error(read.error.code);
  expect([...entriesIn(read.value, 0, 9)]).toHaveLength(1);
  read.value.close();
});

it('security: is neither changed, set aside nor begun anew where an upgrade fails', () => {
  // What stands in the way of the migration is gone for a version that knows of it.
  const { open, versionOf, names } = logBefore('CREATE TABLE packed_entry (x)');
  expect(open('0.2.0').opened).toEqual({ ok: false, error: { code: 'upgrade-failed' } });
  expect(versionOf()).toBe('as before');
  expect(open('0.2.0').opened).toEqual({ ok: false, error: { code: 'upgrade-failed' } });
  expect(names()).toEqual(['audit.db.upgrade-failed']);
});
