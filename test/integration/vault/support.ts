import { type ChildProcess, fork, spawn } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { createMaintenance } from '../../../main/cache/maintenance.ts';
import type { NewChange, OpenedStore, OpenRequest, OutboxOperations } from '../../../main/cache/operations.ts';
import type { ChildPort } from '../../../main/cache/rpc.ts';
import { createWriter } from '../../../main/cache/writer-operations.ts';
import { createDatabaseKeys } from '../../../main/vault/database-keys.ts';
import type { KeyStore } from '../../../main/vault/key-store.ts';
import type { ProfileKeys } from '../../../main/vault/slots.ts';
import type { Result } from '../../../preload/contract/channel.ts';
import { folderInMemory } from '../../support/memory.ts';
import { memoryKeyStore, vaultWith } from '../../unit/vault/support.ts';

export const PASSPHRASE = 'blue bicycle lantern';
export const PATIENT = 'p1';

/** A profile on disk: its folder, and the keychain that belongs to it. */
export interface Place {
  readonly profile: { readonly id: string; readonly folder: string };
  readonly keyStore: KeyStore;
}

export function newPlace(): Place {
  const root = folderInMemory('wardlight-vault-');
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const id = randomUUID();
  return { profile: { id, folder: join(root, id) }, keyStore: memoryKeyStore() };
}

/** Starts the maintenance process as a child of this one. */
export function forkMaintenance(): ChildPort {
  const child: ChildProcess = fork(join(import.meta.dirname, 'process-entry.ts'), { serialization: 'advanced' });
  return {
    postMessage: (message) => child.send(message as object),
    on: (event: string, listener: (value: never) => void) => child.on(event, listener as () => void),
    kill: () => child.kill('SIGKILL'),
  };
}

/** The vault of a profile, with the process that changes the keys of its databases. */
export function vaultOf({ keyStore }: Pick<Place, 'keyStore'>, recoveryKey: string | null = null) {
  const maintenance = createMaintenance({ fork: forkMaintenance, every: () => () => undefined });
  return vaultWith(keyStore, { policy: { recoveryKey }, databases: createDatabaseKeys(maintenance, undefined) });
}

export interface Databases {
  readonly rebuilt: boolean;
  readonly outbox: OutboxOperations;
  rows(): number;
  /** Number of the page of the cache's file at which a table begins. */
  rootPage(table: string): number;
  close(): void;
}

/** Opens cache and outbox of a profile in this process; answers the code where they don't open. */
export function openDatabases(
  { profile }: Pick<Place, 'profile'>,
  keys: ProfileKeys,
  create = false,
  how: Pick<OpenRequest, 'anew' | 'check'> = {},
): Databases | string {
  const writer = createWriter();
  const operations = writer.operations as Record<string, (args?: unknown) => unknown>;
  const opened = operations['open']!({
    file: join(profile.folder, 'cache.db'),
    key: Uint8Array.from(keys.cacheKey),
    create,
    ...how,
    outbox: { file: join(profile.folder, 'outbox.db'), key: Uint8Array.from(keys.outboxKey) },
  }) as Result<OpenedStore>;
  if (!opened.ok) return opened.error.code;
  return {
    rebuilt: opened.value.rebuilt,
    outbox: operations as unknown as OutboxOperations,
    rows: () => Number(writer.cache()?.prepare('SELECT count(*) FROM resource').pluck().get()),
    rootPage: (table) =>
      Number(writer.cache()?.prepare('SELECT rootpage FROM sqlite_master WHERE name = ?').pluck().get(table)),
    close: () => operations['close']!(),
  };
}

/** A profile with a note that was never sent, made by the vault itself. */
export async function profileWithNote(recoveryKey: string | null = null, place = newPlace()) {
  const vault = vaultOf(place, recoveryKey);
  const keys = await vault.enrol(place.profile, PASSPHRASE);
  if (!keys.ok) throw new Error(keys.error.code);
  const databases = openDatabases(place, keys.value, true);
  if (typeof databases === 'string') throw new Error(databases);
  addNote(databases, NOTE);
  databases.close();
  writeFileSync(join(place.profile.folder, 'profile.json'), JSON.stringify({ version: 1, id: place.profile.id }));
  return { ...place, vault, keys: keys.value };
}

export const NOTE = 'Unsent: potassium 6.1, told the ward.';

export function addNote({ outbox }: Databases, description: string, id: string = randomUUID()): void {
  const body = {
    resourceType: 'DocumentReference',
    id,
    status: 'current',
    subject: { reference: `Patient/${PATIENT}` },
    description,
    content: [{ attachment: { contentType: 'text/plain', data: 'AAAA' } }],
  };
  const change: NewChange = {
    patientId: PATIENT,
    type: 'DocumentReference',
    resourceId: id,
    action: 'create',
    baseVersionId: null,
    body: JSON.stringify(body),
    title: 'note',
    author: 'Practitioner/dr',
    changedAt: '2026-03-01T10:00:00Z',
  };
  const added = outbox.add(change);
  if (!added.ok) throw new Error(added.error.code);
}

/** A pair as an organisation would make it. */
export function recoveryPair(modulusLength = 3_072) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength });
  return { publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string, privateKey };
}

export interface ToolAnswer {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  /** The last line of what it said, as JSON. */
  readonly last: { ok: boolean; code?: string; changes?: number; out?: string; states?: Record<string, number> };
}

/** Runs the tool as IT does. */
export async function recoverOutbox(args: readonly string[], typed = ''): Promise<ToolAnswer> {
  const tool = join(import.meta.dirname, '..', '..', '..', 'main', 'recover-outbox.ts');
  const run = spawn(process.execPath, [tool, ...args, '--json'], { stdio: 'pipe' });
  run.stdin.end(typed);
  const [out, err, [exit]] = await Promise.all([text(run.stdout), text(run.stderr), once(run, 'exit')]);
  return { exit: Number(exit), out, err, last: JSON.parse(out.trim().split('\n').at(-1) ?? '{}') };
}

export function temporaryFile(name: string): string {
  const folder = mkdtempSync(join(folderInMemory('wardlight-recovery-'), 'f-'));
  onTestFinished(() => rmSync(join(folder, '..'), { recursive: true, force: true }));
  return join(folder, name);
}
