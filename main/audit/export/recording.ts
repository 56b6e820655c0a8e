import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../cache/open.ts';
import type { KeyStore } from '../../vault/key-store.ts';
import { createAnchorStore } from '../anchor.ts';
import type { AuditEntry, Recorder } from '../events/entry.ts';
import { auditEvent } from '../events/event.ts';
import { localPort } from '../local-port.ts';
import { canonical } from '../log/canonical.ts';
import { auditMigrations } from '../schema.ts';
import { DATABASE_KEY, openAuditStore } from '../store.ts';

export interface ExportRecording {
  /** Where the log lies. */
  readonly folder: string;
  readonly keyStore: Pick<KeyStore, 'get' | 'set'>;
  readonly recorder: Recorder;
  /** Account of the operating system that has asked for it. */
  readonly account: string;
  /** Whose entries, where only one patient's are asked for. */
  readonly patientId: string | undefined;
}

/**
 * Records in a log, which no program has open (`log-held`), that it is exported by somebody who isn't signed in. Null once that is on
 * disk and signed, else a code. `log-set-aside`: it could not be gone on with, as at the program's start. `log-elsewhere`: no
 * program has signed a log at this path, which would then be taken for one whose anchor was deleted.
 */
export async function recordExport({ folder, keyStore, ...by }: ExportRecording): Promise<string | null> {
  const anchor = await createAnchorStore(keyStore, folder).get();
  if (!anchor.ok) return anchor.error.code;
  if (anchor.value === null) return 'log-elsewhere';
  const held = await isHeld(join(folder, 'audit.db'), keyStore);
  if (held !== null) return held;
  const now = () => Date.now();
  const opened = await openAuditStore({
    fork: localPort,
    folder,
    keyStore,
    binding: undefined,
    now,
    newId: randomUUID,
  });
  if (!opened.ok) return opened.error.code;
  const store = opened.value;
  try {
    if (store.openedSize === 0) return 'log-set-aside';
    const context = { id: randomUUID(), requestId: randomUUID(), recorded: new Date(now()).toISOString() };
    const event = auditEvent(entryOf(by), { ...context, recorder: by.recorder });
    await store.append(canonical(event));
    await store.checkpoint();
    return null;
  } catch (error) {
    return String((error as { code?: unknown } | null)?.code ?? 'store-failed');
  } finally {
    await store.close();
  }
}

/**
 * Why entries can't be added from here; null where they can. SQLite's last one to close a database takes its WAL along:
 * one that is there after us is of a program that has the log open. If it starts just now, both can't write the same entry.
 */
async function isHeld(file: string, keyStore: ExportRecording['keyStore']): Promise<string | null> {
  const stored = await keyStore.get(DATABASE_KEY);
  if (!stored.ok) return stored.error.code;
  const key = Buffer.from(stored.value ?? '', 'base64');
  const migrations = auditMigrations({ origin: '', vkey: '', predecessor: null });
  const opened = openDatabase({ file, key, mode: 'read', migrations });
  key.fill(0);
  if (!opened.ok) return opened.error.code;
  opened.value.close();
  return existsSync(`${file}-wal`) ? 'log-held' : null;
}

function entryOf({ account, patientId }: Pick<ExportRecording, 'account' | 'patientId'>): AuditEntry {
  return {
    action: 'export',
    practitioner: null,
    server: '',
    view: 'audit.export',
    ...(patientId !== undefined && { patientId }),
    details: { recipient: account },
  };
}
