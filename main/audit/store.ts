import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../../preload/contract/channel.ts';
import type { KeyringError, StoreError } from '../../preload/contract/session.ts';
import { type ChildPort, createCaller } from '../cache/rpc.ts';
import type { KeyStore } from '../vault/key-store.ts';
import type { AuditStore } from './audit.ts';

const ACCOUNT = 'audit/database-key';

export interface AuditStoreOptions {
  fork: () => ChildPort;
  folder: string;
  keyStore: Pick<KeyStore, 'get' | 'set'>;
  binding: string | undefined;
}

type OpenError = KeyringError | StoreError;

/** The log's own key, of no clinician. A new one is made only where there is no log yet. */
async function databaseKey(
  keyStore: AuditStoreOptions['keyStore'],
  exists: boolean,
): Promise<Result<Buffer, OpenError>> {
  const stored = await keyStore.get(ACCOUNT);
  if (!stored.ok) return stored;
  if (stored.value !== null) return { ok: true, value: Buffer.from(stored.value, 'base64') };
  if (exists) return { ok: false, error: { code: 'keyring-entry-missing' } };
  const key = randomBytes(32);
  const kept = await keyStore.set(ACCOUNT, key.toString('base64'));
  return kept.ok ? { ok: true, value: key } : kept;
}

/** Opens the audit log in its own process; makes it where there is none. */
export async function openAuditStore(options: AuditStoreOptions): Promise<Result<AuditStore, OpenError>> {
  const file = join(options.folder, 'audit.db');
  const exists = existsSync(file);
  const key = await databaseKey(options.keyStore, exists);
  if (!key.ok) return key;
  const port = options.fork();
  const caller = createCaller(port);
  const ended = new Promise<void>((resolve) => {
    port.on('exit', () => {
      caller.fail('process-ended');
      resolve();
    });
  });
  // `create` also where a file is: one whose creation was cut short is empty. What holds anything is opened as it is.
  const request = { file, key: key.value, create: true, nativeBinding: options.binding };
  const opened = (await caller.call('open', request).catch(() => ({
    ok: false,
    error: { code: 'store-failed' },
  }))) as Result<null, StoreError>;
  key.value.fill(0);
  if (!opened.ok) {
    port.kill();
    return opened;
  }
  return {
    ok: true,
    value: {
      append: async (event) => {
        await caller.call('append', event);
      },
      async close() {
        await caller.call('close').catch(() => undefined);
        port.kill();
        await ended;
      },
    },
  };
}
