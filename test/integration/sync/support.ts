import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Cache, createCache } from '../../../main/cache/client.ts';
import { type ReadOperations, readNames } from '../../../main/cache/operations.ts';
import { createReads } from '../../../main/cache/reads/index.ts';
import { type ChildPort, type Operations, type Port, serve } from '../../../main/cache/rpc.ts';
import { CodedError, storeErrorOf } from '../../../main/cache/store-error.ts';
import { createWriter } from '../../../main/cache/writer-operations.ts';
import { createFhirClient, type FhirClient } from '../../../main/fhir/client.ts';
import { defaultPolicy, type Policy } from '../../../main/managed/policy.ts';
import { runSync } from '../../../main/sync/engine.ts';
import type { RunOptions, RunResult } from '../../../main/sync/run-options.ts';
import type { DevServer, RequestLogEntry } from '../../server/index.ts';

/** The operations of the cache's process on encrypted databases, in this process: a test of sync needs no second one. */
function databaseOperations(): Operations {
  const writer = createWriter();
  let reads: ReadOperations | null = null;
  const read = (name: keyof ReadOperations) => (args: never) => {
    const db = writer.cache();
    if (!db) throw new CodedError('cache-closed');
    reads ??= createReads(db);
    return (reads[name] as (args: never) => unknown)(args);
  };
  return { ...writer.operations, ...Object.fromEntries(readNames.map((name) => [name, read(name)])) };
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
  const opened = await cache.open({
    file: join(folder, 'cache.db'),
    key: new Uint8Array(32).fill(7),
    create: true,
    outbox: { file: join(folder, 'outbox.db'), key: new Uint8Array(32).fill(8) },
  });
  if (!opened.ok) throw new Error(opened.error.code);
  return cache;
}

export type Fetch = typeof globalThis.fetch;

/** A fetch that changes what the server says, before the client sees it. */
export const changing = (change: (url: URL, text: string) => string): Fetch => {
  return async (input, init) => {
    const response = await fetch(input, init);
    const url = new URL(input instanceof Request ? input.url : String(input));
    if (response.status === 304) return response;
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

export interface Run extends Partial<Omit<RunOptions, 'cache' | 'fhir' | 'practitioner' | 'policy'>> {
  cache: Cache;
  fhir: FhirClient;
  user?: string;
  policy?: Partial<Policy>;
}

/** One whole run. Nothing waits: what a server asks to wait for passes at once. */
export function run({ cache, fhir, user = 'osei', policy, ...rest }: Run): Promise<RunResult> {
  let now = 0;
  return runSync({
    cache,
    fhir,
    practitioner: `Practitioner/dev-${user}`,
    policy: { ...defaultPolicy, ...policy },
    timers: {
      now: () => now,
      wait: async (ms) => {
        now += ms;
      },
    },
    random: () => 0.5,
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
  'Consent',
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
  'Appointment',
  'Task',
  'Device',
  'QuestionnaireResponse',
];
/** What says whose patients these are. */
const SCOPE = ['CareTeam', 'Group', 'List'];
const SHARED = ['Location', 'Organization', 'Practitioner', 'PractitionerRole', 'Medication', 'Questionnaire'];

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
    .filter(({ type }) => !SCOPE.includes(type) && !SHARED.includes(type))
    .map(({ type, id, versionId }) => `${type}/${id} ${versionId}`)
    .sort();
}

/** Paths of FHIR requests, in order; without the base and whatever is asked of the authorization server. */
export function searches(requests: readonly RequestLogEntry[]): string[] {
  return requests.filter(({ path }) => path.startsWith('/fhir/')).map(({ path }) => decodeURIComponent(path.slice(6)));
}
