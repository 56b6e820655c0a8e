import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Cache, createCache } from '../../../main/cache/client.ts';
import { openDatabase, type WriteDb } from '../../../main/cache/open.ts';
import type { OpenRequest } from '../../../main/cache/operations.ts';
import { createReads } from '../../../main/cache/reads/index.ts';
import { type ChildPort, type Operations, type Port, serve } from '../../../main/cache/rpc.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import { storeErrorOf } from '../../../main/cache/store-error.ts';
import { createWrites } from '../../../main/cache/writes/index.ts';
import { createFhirClient, type FhirClient } from '../../../main/fhir/client.ts';
import { type Progress, type RunResult, runSync } from '../../../main/sync/engine.ts';
import type { DevServer, RequestLogEntry } from '../../server/index.ts';

/** The operations of the cache's process on one encrypted database, in this process: a test of sync needs no second one. */
function databaseOperations(): Operations {
  let db: WriteDb | null = null;
  const operations: Record<string, (args: never) => unknown> = {
    open({ file, key, create }: OpenRequest) {
      const opened = openDatabase({ file, key, mode: create ? 'create' : 'write', migrations: cacheMigrations });
      if (!opened.ok) return opened;
      db = opened.value;
      Object.assign(operations, createReads(db), createWrites(db));
      return { ok: true, value: null };
    },
    close() {
      db?.close();
      db = null;
    },
  };
  return operations;
}

/** Two ends of a channel that copies what passes, as one between processes does. */
function inMemoryProcess(operations: Operations): ChildPort {
  const [toChild, toParent] = [new EventEmitter(), new EventEmitter()];
  const send = (to: EventEmitter) => (message: unknown) => {
    const copy = structuredClone(message);
    setImmediate(() => to.emit('message', copy));
  };
  const child: Port = {
    postMessage: send(toParent),
    on: (event, listener) => toChild.on(event, listener),
  };
  serve(child, operations, storeErrorOf);
  return {
    postMessage: send(toChild),
    on: (event: 'message' | 'exit', listener: (value: never) => void) =>
      toParent.on(event, listener as (value: unknown) => void),
    kill: () => toParent.emit('exit', 0),
  };
}

/** The real cache on a file of its own, which goes with the test. */
export async function openCache(): Promise<Cache> {
  const folder = mkdtempSync(join(tmpdir(), 'wardlight-sync-'));
  const cache = createCache({ fork: () => inMemoryProcess(databaseOperations()) });
  onTestFinished(async () => {
    await cache.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const opened = await cache.open({ file: join(folder, 'cache.db'), key: new Uint8Array(32).fill(7), create: true });
  if (!opened.ok) throw new Error(opened.error.code);
  return cache;
}

export type Fetch = typeof globalThis.fetch;

/** A fetch that changes what the server says, before the client sees it. */
export const changing = (change: (url: URL, text: string) => string): Fetch => {
  return async (input, init) => {
    const response = await fetch(input, init);
    const url = new URL(input instanceof Request ? input.url : String(input));
    return new Response(change(url, await response.text()), response);
  };
};

export async function fhirFor(
  server: DevServer,
  options: { user?: string; scope?: string; fetch?: Fetch } = {},
): Promise<FhirClient> {
  const token = await server.issueToken(options.user ?? 'osei', options.scope);
  let count = 0;
  return createFhirClient({
    base: server.url,
    fetch: options.fetch ?? globalThis.fetch,
    accessToken: async () => ({ ok: true, value: token }),
    requestId: () => `r${++count}`,
  });
}

export interface Run {
  cache: Cache;
  fhir: FhirClient;
  user?: string;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  onChanged?: (patients: readonly string[]) => void;
}

export function run({ cache, fhir, user = 'osei', ...rest }: Run): Promise<RunResult> {
  return runSync({
    cache,
    fhir,
    practitioner: `Practitioner/dev-${user}`,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onChanged: () => undefined,
    onAnswer: () => undefined,
    ...rest,
  });
}

const RECORDS = [
  'AllergyIntolerance',
  'MedicationRequest',
  'MedicationStatement',
  'Condition',
  'Flag',
  'Encounter',
  'Observation',
  'DiagnosticReport',
  'DocumentReference',
  'Immunization',
  'Procedure',
  'CarePlan',
  'Goal',
  'FamilyMemberHistory',
  'ServiceRequest',
];
const SHARED = ['Location', 'Organization', 'Practitioner', 'PractitionerRole', 'Medication'];

/** Ids of the patients of whose active care teams the user is a member, worked out from the server's own store. */
export function panelOf(server: DevServer, user = 'osei'): string[] {
  const member = `Practitioner/dev-${user}`;
  const teams = server.store.list('CareTeam').filter((team) => team.resourceType === 'CareTeam');
  return teams
    .filter(
      ({ status, participant }) => status === 'active' && participant?.some((one) => one.member?.reference === member),
    )
    .map(({ subject }) => subject?.reference?.slice('Patient/'.length) ?? '')
    .sort();
}

/** `Type/id version` of every record that the user's cache should hold: read from the server's store, not over HTTP. */
export function expectedRecords(server: DevServer, user = 'osei'): string[] {
  const panel = new Set(panelOf(server, user));
  return ['Patient', ...RECORDS]
    .flatMap((type) =>
      server.store.list(type).flatMap(({ id = '' }) => {
        const version = server.store.versions(type, id).at(-1)!;
        const mine = type === 'Patient' ? panel.has(id) : version.patients.some((patient) => panel.has(patient));
        return mine ? [`${type}/${id} ${version.versionId}`] : [];
      }),
    )
    .sort();
}

/** The same of what the cache holds; care teams and shared resources apart. */
export async function cachedRecords(cache: Cache): Promise<string[]> {
  const versions = await cache.read.versions();
  return versions
    .filter(({ type }) => type !== 'CareTeam' && !SHARED.includes(type))
    .map(({ type, id, versionId }) => `${type}/${id} ${versionId}`)
    .sort();
}

/** Paths of FHIR requests, in order; without the base and whatever is asked of the authorization server. */
export function searches(requests: readonly RequestLogEntry[]): string[] {
  return requests.filter(({ path }) => path.startsWith('/fhir/')).map(({ path }) => decodeURIComponent(path.slice(6)));
}
