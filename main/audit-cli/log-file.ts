import { copyFileSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditMigrations, type LogIdentity } from '../audit/schema.ts';
import { DATABASE_KEY } from '../audit/store.ts';
import { openDatabase, type ReadDb } from '../cache/open.ts';
import { createSystemKeyStore } from '../vault/system-key-store.ts';
import { type Outcome, Refusal, USAGE, type Values } from './arguments.ts';

/** Records of accesses in the clear: for the owner alone, and never in the place of another file. */
export function createPrivately(file: string): number {
  try {
    return openSync(file, 'wx', 0o600);
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw exists
      ? new Refusal('out-exists', 'The file to write is there already.')
      : new Refusal('out-not-written', 'The file can’t be written.');
  }
}

/** Opens the log to read it, with the key that is in the keychain of this account. */
export async function withLog(
  values: Values,
  work: (db: ReadDb, identity: LogIdentity) => Promise<Outcome>,
): Promise<Outcome> {
  if (values.data === undefined) throw new Refusal('usage', USAGE);
  const stored = await createSystemKeyStore().get(DATABASE_KEY);
  if (!stored.ok) throw new Refusal(stored.error.code, 'The keychain doesn’t give the key of the log.');
  if (stored.value === null) throw new Refusal('keyring-entry-missing', 'The keychain has no key of a log.');
  const { file, remove } = placeFile(values.data);
  try {
    const key = Buffer.from(stored.value, 'base64');
    const migrations = auditMigrations({ origin: '', vkey: '', predecessor: null });
    const opened = openDatabase({ file, key, mode: 'read', migrations });
    if (!opened.ok) throw new Refusal(opened.error.code, 'The log does not open.');
    try {
      const identity = opened.value.prepare('SELECT origin, vkey, predecessor FROM log').get() as LogIdentity;
      return await work(opened.value, identity);
    } finally {
      opened.value.close();
    }
  } finally {
    remove();
  }
}

/** The log of a data folder, as it is; of one that was set aside, a copy under the names that SQLite wants. */
function placeFile(path: string): { file: string; remove: () => void } {
  const aside = /^(.*)(\.aside-\d+)$/.exec(path);
  if (!aside) {
    const inside = join(path, 'audit', 'audit.db');
    return { file: existsSync(inside) ? inside : path, remove: () => undefined };
  }
  const folder = mkdtempSync(join(tmpdir(), 'wardlight-audit-'));
  for (const part of ['', '-wal', '.kcv']) {
    const source = `${aside[1]}${part}${aside[2]}`;
    if (existsSync(source)) copyFileSync(source, join(folder, `audit.db${part}`));
  }
  return { file: join(folder, 'audit.db'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
