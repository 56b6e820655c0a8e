import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openDatabase } from '../../../main/cache/open.ts';
import type { WriteOperations } from '../../../main/cache/operations.ts';
import { createReads } from '../../../main/cache/reads/index.ts';
import type { ChildPort } from '../../../main/cache/rpc.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import type { ListSight } from '../../../main/cache/sight.ts';
import { createWrites } from '../../../main/cache/writes/index.ts';

export { seesAll } from '../../support/sees-all.ts';

/** A directory that is removed when the test is over. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'wardlight-cache-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A key that no two tests share. */
export function keyOf(seed: number): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => (seed * 31 + index * 7) & 255);
}

/** Starts the cache process as a child of this one. */
export function forkCacheProcess(): ChildPort & { readonly child: ChildProcess } {
  const child = fork(join(import.meta.dirname, 'process-entry.ts'), { serialization: 'advanced', stdio: 'inherit' });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return {
    child,
    postMessage: (message) => child.send(message as object),
    on: (event: string, listener: (value: never) => void) => child.on(event, listener as () => void),
    kill: () => child.kill('SIGKILL'),
  };
}

/** A cache in this process: its file, its operations and its connections. */
export function openCache(file = join(temporaryDirectory(), 'cache.db'), key = keyOf(1)) {
  const written = openDatabase({ file, key, mode: 'create', migrations: cacheMigrations });
  const read = openDatabase({ file, key, mode: 'read', migrations: cacheMigrations });
  if (!written.ok || !read.ok) throw new Error('the test database could not be opened');
  onTestFinished(() => {
    read.value.close();
    written.value.close();
  });
  const write: WriteOperations = createWrites(written.value);
  return {
    file,
    key,
    db: written.value,
    reader: read.value,
    write,
    read: createReads(read.value),
  };
}

const row = { labels: [0], location: true, updated: true };

/** Every patient of the panel. */
export const listsAll = {
  sight: { newest: 0, careTeam: row, panel: row },
  practitioner: 'Practitioner/a',
  unfinished: [],
} satisfies { readonly sight: ListSight; readonly practitioner: string; readonly unfinished: readonly string[] };

export type TestCache = ReturnType<typeof openCache>;

export const SERVER_TIME = '2026-03-01T10:00:00Z';

/** Stores resources as one finished run for the patients given: their sections of these types are complete. */
export function fill(
  { write, read }: Pick<TestCache, 'write' | 'read'>,
  patients: readonly string[],
  resources: readonly object[],
): void {
  const types = [
    ...new Set([...sectionTypes, ...resources.map((one) => (one as { resourceType: string }).resourceType)]),
  ];
  const tasks = types.map((type) => ({ label: type, resourceType: type, url: type, patients }));
  write.startRun({ tasks: [{ label: 'first', resourceType: 'CareTeam', url: 'CareTeam', patients: null }] });
  const first = read.tasks({})[0]?.seq ?? 0;
  write.applyPage({ seq: first, resources: [], next: null, serverTime: SERVER_TIME });
  write.expandRun({ panel: patients, tasks });
  types.forEach((type, index) => {
    const bodies = resources.filter((one) => (one as { resourceType: string }).resourceType === type);
    write.applyPage({
      seq: first + 1 + index,
      resources: bodies.map((one) => JSON.stringify(one)),
      next: null,
      serverTime: SERVER_TIME,
    });
  });
  write.finishRun({ asOf: SERVER_TIME });
}

const sectionTypes = [
  'Patient',
  'AllergyIntolerance',
  'Condition',
  'MedicationRequest',
  'Flag',
  'Observation',
  'Encounter',
  'DocumentReference',
];
