import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DocumentReference } from 'fhir/r4';
import { onTestFinished } from 'vitest';
import { type DevServer, startServer } from '../../../server/index.ts';
import { createdFrom } from '../../outbox/support.ts';
import { openStation, PATIENT, type Station, type StationOptions } from './station.ts';

export type Fetch = typeof globalThis.fetch;

/** The development server, with uploads by tus or without. */
export async function serverWith(files: boolean | string, options: Parameters<typeof startServer>[0] = {}) {
  const server = await startServer({ patients: 1, seed: 5, files, ...options });
  server.store.put({ resourceType: 'Patient', id: PATIENT, name: [{ family: 'Ng' }] });
  return server;
}

export function folderOfTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wardlight-queue-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Lived extends Station {
  readonly folder: string;
  /** The same files, opened by another life of the program: after an orderly end, or one in which nothing was closed. */
  again(options?: Partial<StationOptions>, how?: 'closed' | 'died'): Promise<Lived>;
}

export async function stationAt(server: DevServer, options: Partial<StationOptions> = {}): Promise<Lived> {
  const folder = options.folder ?? folderOfTest();
  const token = await server.issueToken('osei');
  const all = { folder, create: true, url: server.url, token, ...options };
  const station = openStation(all);
  let isClosed = false;
  const close = () => {
    if (!isClosed) station.close();
    isClosed = true;
  };
  onTestFinished(close);
  return {
    ...{ ...station, folder, close },
    async again(changed = {}, how = 'closed') {
      if (how === 'closed') close();
      return stationAt(server, { ...options, ...changed, folder, create: false });
    },
  };
}

/** What the server has of a document that was made here: each DocumentReference, and the bytes that it names. */
export async function stored(server: DevServer, localId: string): Promise<{ url: string; bytes: Buffer }[]> {
  const token = await server.issueToken('osei');
  const found = createdFrom(server, 'DocumentReference', localId).map((id) =>
    JSON.parse(server.store.versions('DocumentReference', id).at(-1)?.text ?? '{}'),
  ) as DocumentReference[];
  return Promise.all(
    found.map(async ({ content: [first] }) => {
      const url = first?.attachment.url ?? '';
      const headers = { Authorization: `Bearer ${token}`, Accept: 'application/octet-stream' };
      const answer = await fetch(new URL(url, `${server.url}/`), { headers });
      return { url, bytes: Buffer.from(await answer.arrayBuffer()) };
    }),
  );
}

/** Files that were uploaded by tus, by their bytes. */
export function uploads(server: DevServer): Buffer[] {
  const folder = server.filesFolder;
  return folder === null ? [] : filesIn(folder).map((name) => readFileSync(join(folder, name)));
}

export function filesIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => /^[0-9a-f]{32}$/.test(name));
}

/** A fetch that asks `change` about each request first. */
export const answering =
  (change: (request: { method: string; url: string; init: RequestInit }) => Promise<Response | null>): Fetch =>
  async (input, init = {}) =>
    (await change({ method: init.method ?? 'GET', url: String(input), init })) ?? fetch(input, init);
