import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CapabilityStatement } from 'fhir/r4';
import { onTestFinished } from 'vitest';
import type { openDatabase } from '../../../main/cache/open.ts';
import {
  type NewChange,
  type OpenRequest,
  type OutboxOperations,
  outboxNames,
  type PageResult,
  type WriteOperations,
  writeNames,
} from '../../../main/cache/operations.ts';
import { createReads } from '../../../main/cache/reads/index.ts';
import { createWriter, type Writer } from '../../../main/cache/writer-operations.ts';
import type { FhirClient } from '../../../main/fhir/client.ts';
import { runUpload, type UploadOptions } from '../../../main/sync/upload/upload.ts';
import { type DevServer, startServer } from '../../server/index.ts';
import { type Fetch, fhirFor } from '../sync/support.ts';

export const PATIENT = 'p1';
export const cacheKey = () => new Uint8Array(32).fill(7);
export const outboxKey = () => new Uint8Array(32).fill(8);

/** A workstation: both encrypted databases, and what its writer thread answers. */
export interface Station {
  readonly folder: string;
  readonly outbox: OutboxOperations;
  readonly write: WriteOperations;
  /** The text that the chart shows of a resource, or null. */
  shown(type: string, id: string): string | null;
  /** 0 as the server has it, 1 waiting, 2 conflict, 3 parked; null: not there. */
  local(type: string, id: string): number | null;
  /** What the download would bring: the server's current text of these, by `Type/id`. */
  learn(server: DevServer, ...references: string[]): void;
  /** Answers what the page was stored as. */
  learnText(...texts: string[]): PageResult;
  /** The download finds a resource deleted, or that it may not be read. */
  learnGone(type: string, id: string, how?: 'gone' | 'unavailable'): void;
  /** Versions by which the station would know the server again. */
  witnesses(): ReturnType<ReturnType<typeof createReads>['witnesses']>;
  /** What the chart's views are read by. */
  reads(): ReturnType<typeof createReads>;
  /** The files opened again: after an orderly end, or after a death in which nothing was closed. */
  reopen(how?: 'closed' | 'died'): void;
  openedWith(request: Partial<OpenRequest>): ReturnType<typeof openDatabase>;
}

/** The development server of a test file, with the patient whom the changes are about. */
export async function outboxServer(): Promise<DevServer> {
  const server = await startServer({ patients: 1, seed: 5 });
  server.store.put({ resourceType: 'Patient', id: PATIENT, name: [{ family: 'Ng', given: ['Ana'] }] });
  return server;
}

/** A workstation that has fetched that patient. */
export function stationFor(server: DevServer, options: StationOptions = {}): Station {
  const station = openStation(options);
  station.learn(server, `Patient/${PATIENT}`);
  return station;
}

export interface StationOptions {
  open?: typeof openDatabase;
  neverMerge?: string[];
}

export function openStation({ open, neverMerge }: StationOptions = {}): Station {
  const folder = mkdtempSync(join(tmpdir(), 'wardlight-outbox-'));
  let writer = createWriter(open ? { open } : {});
  const writers: Writer[] = [writer];
  onTestFinished(() => {
    for (const one of writers) call(one, 'close', undefined);
    rmSync(folder, { recursive: true, force: true });
  });
  const request = (create: boolean): OpenRequest => ({
    file: join(folder, 'cache.db'),
    key: cacheKey(),
    create,
    outbox: { file: join(folder, 'outbox.db'), key: outboxKey(), neverMerge },
  });
  const openIt = (change: Partial<OpenRequest>, create = false) =>
    call(writer, 'open', { ...request(create), ...change }) as ReturnType<typeof openDatabase>;
  const opened = openIt({}, true);
  if (!opened.ok) throw new Error(opened.error.code);

  const named = <Operations>(names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, (args: unknown) => call(writer, name, args)])) as Operations;
  const write = named<WriteOperations>(writeNames);
  const row = (type: string, id: string) =>
    writer
      .cache()
      ?.prepare('SELECT body, local FROM resource WHERE type = (SELECT tid FROM term WHERE text = ?) AND id = ?')
      .get(type, id) as { body: string; local: number } | undefined;

  function learnText(...resources: string[]): PageResult {
    const task = { label: 'all', resourceType: 'Patient', url: 'Patient', patients: null };
    write.startRun({ tasks: [task] } as never);
    return write.applyPage({
      seq: tasksOf(writer)[0]?.seq ?? 0,
      resources,
      next: 'more',
      serverTime: '2026-03-01T10:00:00Z',
    });
  }

  return {
    folder,
    outbox: named<OutboxOperations>(outboxNames),
    write,
    shown: (type, id) => row(type, id)?.body ?? null,
    local: (type, id) => row(type, id)?.local ?? null,
    learnText,
    reads: () => createReads(openCache(writer)),
    witnesses: () => createReads(openCache(writer)).witnesses({ limit: 10 }),
    learnGone(type, id, how = 'gone') {
      const task = { label: 'one', resourceType: type, url: `${type}/${id}`, patients: null, kind: 'read' };
      write.startRun({ tasks: [task] } as never);
      write.applyGone({ seq: tasksOf(writer)[0]?.seq ?? 0, how, serverTime: '2026-03-01T10:00:00Z' });
    },
    learn(server, ...references) {
      const texts = references.map((reference) => {
        const [type = '', id = ''] = reference.split('/');
        return server.store.versions(type, id).at(-1)?.text ?? '';
      });
      learnText(...texts);
    },
    reopen(how = 'closed') {
      if (how === 'closed') call(writer, 'close', undefined);
      writer = createWriter(open ? { open } : {});
      writers.push(writer);
      const again = openIt({});
      if (!again.ok) throw new Error(again.error.code);
    },
    openedWith(change) {
      call(writer, 'close', undefined);
      writer = createWriter();
      writers.push(writer);
      return openIt(change);
    },
  };
}

function tasksOf(writer: Writer) {
  return createReads(openCache(writer)).tasks({});
}

function openCache(writer: Writer) {
  const db = writer.cache();
  if (!db) throw new Error('closed');
  return db;
}

function call(writer: Writer, name: string, args: unknown): unknown {
  return structuredClone((writer.operations[name] as (args: unknown) => unknown)(args));
}

export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A fetch that notes each request, and may stand in for the server. */
export function recording(sent: Sent[], answer: (request: Sent) => Promise<Response | null> = async () => null): Fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const body = await request.clone().text();
    const noted = { method: request.method, url: request.url, headers: request.headers, body };
    sent.push(noted);
    return (await answer(noted)) ?? fetch(request);
  };
}

export interface Upload extends Partial<Omit<UploadOptions, 'cache'>> {
  station: Station;
  server: DevServer;
  fetch?: Fetch;
  /** What the server is made not to offer. */
  without?: ('transaction' | 'history-instance' | 'history-type')[];
}

/** One upload of a station, as the sync engine makes it. */
export async function upload({ station, server, fetch, without = [], ...rest }: Upload) {
  const fhir: FhirClient = await fhirFor(server, fetch ? { fetch } : {});
  const capabilities = await capabilitiesOf(server, without);
  const remote = Object.fromEntries(
    outboxNames.map((name) => [name, async (args: never) => (station.outbox[name] as (args: never) => unknown)(args)]),
  ) as unknown as UploadOptions['cache']['outbox'];
  const signal = new AbortController().signal;
  return runUpload({ cache: { outbox: remote }, fhir, capabilities, serverTime: null, signal, ...rest });
}

async function capabilitiesOf(server: DevServer, without: readonly string[]): Promise<CapabilityStatement> {
  const response = await fetch(`${server.url}/metadata`);
  const statement = (await response.json()) as CapabilityStatement;
  const keep = <One extends { code: string }>(interactions: One[] | undefined) =>
    interactions?.filter(({ code }) => !without.includes(code)) ?? [];
  for (const rest of statement.rest ?? []) {
    rest.interaction = keep(rest.interaction);
    for (const resource of rest.resource ?? []) resource.interaction = keep(resource.interaction);
  }
  server.requests.length = 0;
  return statement;
}

let seconds = 0;

/** A change of the test patient, as main hands it over. */
export function change(given: Partial<NewChange> & Pick<NewChange, 'type' | 'action'>): NewChange {
  seconds += 1;
  return {
    patientId: PATIENT,
    resourceId: randomUUID(),
    baseVersionId: null,
    body: null,
    title: given.type,
    author: 'Practitioner/dev-osei',
    changedAt: new Date(Date.UTC(2026, 2, 1) + seconds * 1000).toISOString(),
    ...given,
  };
}

/** The heart rate of the test patient, decimals as given. */
export function heartRate(id: string, value: string, more = ''): string {
  return `{"resourceType":"Observation","id":"${id}","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}],"text":"Heart rate"},"subject":{"reference":"Patient/${PATIENT}"},"effectiveDateTime":"2026-03-01T09:00:00Z","valueQuantity":{"value":${value},"unit":"/min"}${more}}`;
}

/** A heart rate's text with another number; what it is made of may hold the digits elsewhere. */
export function withValue(text: string, value: string): string {
  return text.replace(/"value":[\d.]+/, `"value":${value}`);
}

export function newHeartRate(value: string, more = ''): NewChange {
  const resourceId = randomUUID();
  return change({ type: 'Observation', action: 'create', resourceId, body: heartRate(resourceId, value, more) });
}

/** Adds a change, which must be taken; its id. */
export function add(station: Station, made: NewChange): string {
  const added = station.outbox.add(made);
  if (!added.ok) throw new Error(added.error.code);
  return added.value.changeId;
}

/** Puts a resource on the server and into the station's cache; its version. */
export function known(station: Station, server: DevServer, text: string): { id: string; versionId: string } {
  const { id, versionId, type } = server.store.put(text);
  station.learn(server, `${type}/${id}`);
  return { id, versionId };
}

/** An edit of what the station shows. */
export function edit(station: Station, type: string, id: string, body: (shown: string) => string): string {
  const shown = station.shown(type, id) ?? '';
  const { meta } = JSON.parse(shown) as { meta?: { versionId?: string } };
  const baseVersionId = meta?.versionId ?? null;
  return add(station, change({ type, action: 'update', resourceId: id, baseVersionId, body: body(shown) }));
}

/** Version ids of a resource on the server, deletions with a minus. */
export function versions(server: DevServer, type: string, id: string): string[] {
  return server.store
    .versions(type, id)
    .map(({ text, versionId }) => (text === undefined ? `-${versionId}` : versionId));
}

/** Resources that were created on the server from a local one. */
export function createdFrom(server: DevServer, type: string, localId: string): string[] {
  return server.store
    .list(type)
    .filter((one) => {
      const { identifier } = one as { identifier?: { value?: string } | { value?: string }[] };
      return [identifier].flat().some((is) => is?.value === `urn:uuid:${localId}`);
    })
    .map(({ id }) => id ?? '');
}
