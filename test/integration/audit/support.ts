import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { localPort } from '../../../main/audit/local-port.ts';
import { type AuditStore, openAuditStore } from '../../../main/audit/store.ts';
import type { ChildPort } from '../../../main/cache/rpc.ts';
import { openLogFile } from '../../support/audit.ts';
import { type MemoryKeyStore, memoryKeyStore, temporaryFolder } from '../../unit/vault/support.ts';

export const DATABASE_KEY = 'audit/database-key';
export const NOW = Date.parse('2026-03-04T05:06:07Z');

/** The audit process as an ordinary child process. */
export function forkAudit(): ChildPort & { child: ChildProcess } {
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

/**
 * A workstation: a data folder and a keychain, on which the log's process is started again and again; `isLocal`: within
 * this one.
 */
export function workstation({ isLocal = false } = {}) {
  const folder = join(temporaryFolder(), 'audit');
  const keyStore = memoryKeyStore();
  const ports: ReturnType<typeof forkAudit>[] = [];
  const options = {
    fork: () => {
      if (isLocal) return localPort();
      const port = forkAudit();
      ports.push(port);
      return port;
    },
    folder,
    keyStore,
    binding: undefined,
    now: () => NOW,
    newId: () => crypto.randomUUID(),
  };
  const open = (damaged = false) => openAuditStore(options, damaged);
  return {
    folder,
    file: join(folder, 'audit.db'),
    keyStore,
    ports,
    open,
    async opened(): Promise<AuditStore> {
      const result = await open();
      if (!result.ok) throw new Error(result.error.code);
      return result.value;
    },
  };
}

/** A log's file, opened with its key as somebody would who has it. */
export function openFile(file: string, keyStore: MemoryKeyStore) {
  return openLogFile(file, Buffer.from(keyStore.entries.get(DATABASE_KEY) ?? '', 'base64'));
}

/** What an event of a test looks like. */
export function eventOf(number: number, patient = `p${number % 7}`): string {
  return JSON.stringify({
    resourceType: 'AuditEvent',
    id: `event-${number}`,
    type: { code: 'rest' },
    subtype: [{ code: number % 2 === 0 ? 'read' : 'search' }],
    recorded: new Date(NOW + number * 1_000).toISOString(),
    agent: [{ who: { reference: `Practitioner/d${number % 3}` }, requestor: true }],
    entity: [{ what: { reference: `Patient/${patient}` } }],
  });
}
