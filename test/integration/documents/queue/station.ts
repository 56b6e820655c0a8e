import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CapabilityStatement } from 'fhir/r4';
import type { Cache } from '../../../../main/cache/client.ts';
import { openDatabase } from '../../../../main/cache/open.ts';
import { type OutboxOperations, outboxNames } from '../../../../main/cache/operations.ts';
import { createReads } from '../../../../main/cache/reads/index.ts';
import { createWriter } from '../../../../main/cache/writer-operations.ts';
import { createAddresses } from '../../../../main/documents/queue/addresses.ts';
import {
  createDocumentQueue,
  type DocumentQueue,
  type DocumentQueueOptions,
  type NewFile,
} from '../../../../main/documents/queue/queue.ts';
import type { EncryptionContext, Spooled } from '../../../../main/documents/types.ts';
import { createFhirClient } from '../../../../main/fhir/client.ts';
import { createRawClient } from '../../../../main/fhir/raw.ts';
import { runUpload } from '../../../../main/sync/upload/upload.ts';
import { newDocument } from '../../../../main/writing/documents.ts';
import type { Transfer } from '../../../../preload/contract/documents.ts';
import { type CommitHooks, watchCommits } from '../../../support/commits.ts';

export const PATIENT = 'p1';
export const AUTHOR = 'Practitioner/dev-osei';
export const CHUNK = 64 * 1024;

/** A workstation with the real outbox and queue, in this process. */
export interface Station {
  readonly queue: DocumentQueue;
  readonly outbox: Cache['outbox'];
  readonly spoolFolder: string;
  readonly addresses: ReturnType<typeof createAddresses>;
  /** What was told of the transfers. */
  readonly told: Transfer[][];
  /** Spools a stand-in for a ciphertext, and adds it; its document's id. */
  attach(bytes: Buffer, title?: string): Promise<string>;
  /** What `attach` hands to the queue. */
  file(bytes: Buffer, title?: string): NewFile;
  /** The same of what lies in the spool already. */
  described(documentId: string, spooled: Spooled, title: string): NewFile;
  /** Sends the files, then the changes, as a run of sync does. */
  sync(signal?: AbortSignal): Promise<{ files: Awaited<ReturnType<DocumentQueue['run']>>; changes: boolean }>;
  /** Sends the changes alone. */
  sendChanges(signal?: AbortSignal): Promise<boolean>;
  statement(): Promise<CapabilityStatement | null>;
  /** The text that the chart shows. */
  shown(id: string): string | null;
  spooled(): string[];
  close(): void;
}

export interface StationOptions {
  readonly folder: string;
  readonly create: boolean;
  readonly url: string;
  readonly token: string | (() => string);
  readonly fetch?: typeof globalThis.fetch;
  /** The tus server that policy names. */
  readonly uploads?: string | null;
  readonly chunk?: number;
  readonly binaryMax?: number;
  readonly hooks?: CommitHooks;
  readonly after?: (ms: number, callback: () => void) => () => void;
  readonly announce?: DocumentQueueOptions['announce'];
}

export const context: EncryptionContext = {
  v: '1',
  document: 'd',
  patient: 'p',
  author: 'a',
  resource: 'r',
  role: 'unknown',
  purpose: 'TREAT',
  policy: '1',
  created: '2026-03-01T00:00:00.000Z',
};

export function spooledOf(bytes: Buffer) {
  const hash = (name: string) => createHash(name).update(bytes).digest('base64');
  return {
    size: bytes.length,
    plainSize: bytes.length,
    sha256: hash('sha256'),
    sha1: hash('sha1'),
    header: bytes.subarray(0, 16).toString('base64'),
    headerLength: 16,
  };
}

const never = () => () => undefined;

export function openStation(options: StationOptions): Station {
  const { folder, create, url, token, fetch = globalThis.fetch, uploads = null, chunk = CHUNK, hooks } = options;
  const spoolFolder = join(folder, 'documents', 'spool');
  mkdirSync(spoolFolder, { recursive: true });
  let isOpen = false;
  const open = ((given: Parameters<typeof openDatabase>[0]) => {
    const opened = openDatabase(given as never);
    const guarded = { before: () => isOpen && hooks?.before(), after: () => isOpen && hooks?.after() };
    if (opened.ok && hooks) watchCommits(opened.value, guarded);
    return opened;
  }) as typeof openDatabase;
  const writer = createWriter({ open });
  const operations = writer.operations as Record<string, (args?: unknown) => unknown>;
  const answer = operations['open']!({
    file: join(folder, 'cache.db'),
    key: new Uint8Array(32).fill(7),
    create,
    outbox: { file: join(folder, 'outbox.db'), key: new Uint8Array(32).fill(8) },
  }) as { ok: boolean };
  if (!answer.ok) throw new Error(JSON.stringify(answer));
  if (create) learnPatient(operations, writer);
  isOpen = true;
  const outbox = Object.fromEntries(
    (outboxNames as readonly (keyof OutboxOperations)[]).map((name) => [
      name,
      async (args: unknown) => structuredClone(operations[name]!(structuredClone(args))),
    ]),
  ) as unknown as Cache['outbox'];
  const accessToken = async () => ({ ok: true as const, value: typeof token === 'string' ? token : token() });
  const common = { fetch, accessToken, requestId: randomUUID, after: options.after ?? never };
  const fhir = createFhirClient({ ...common, base: url });
  const addresses = createAddresses({ base: url, uploads, clientAt: (base) => createRawClient({ ...common, base }) });
  const told: Transfer[][] = [];
  const queue = createDocumentQueue({
    ...{ outbox, addresses, spoolFolder, chunk },
    ...(options.binaryMax !== undefined && { binaryMax: options.binaryMax }),
    newId: randomUUID,
    wait: async () => undefined,
    random: () => 0,
    ...(options.announce && { announce: options.announce }),
    onState: (items) => void told.push(items),
  });

  async function statement(): Promise<CapabilityStatement | null> {
    const got = await fhir.get('metadata');
    return got.ok ? (JSON.parse(got.value.text) as CapabilityStatement) : null;
  }

  function file(bytes: Buffer, title = 'Wound, left heel') {
    const documentId = randomUUID();
    writeFileSync(queue.spoolPath(documentId), bytes);
    return described(documentId, spooledOf(bytes), title);
  }

  function described(documentId: string, spooled: Spooled, title: string) {
    const writing = {
      ...{ patientId: PATIENT, practitioner: AUTHOR, display: 'Dr Amara Osei', encounter: null },
      ...{ now: Date.UTC(2026, 2, 1, 9), offsetMinutes: 0, id: documentId },
    };
    const { body } = newDocument({ kind: 'photo', title, file: 'image', spooled, context }, writing);
    const at = '2026-03-01T09:00:00.000Z';
    return { documentId, patientId: PATIENT, title, author: AUTHOR, changedAt: at, record: body, spooled };
  }

  async function sendChanges(signal = new AbortController().signal): Promise<boolean> {
    const sent = await runUpload({ cache: { outbox }, fhir, capabilities: await statement(), signal });
    await queue.tidy();
    return sent.ok;
  }

  return {
    ...{ queue, outbox, spoolFolder, addresses, told, file, described, sendChanges, statement },
    async attach(bytes, title) {
      const made = file(bytes, title);
      const added = await queue.add(made);
      if (!added.ok) throw new Error(added.error.code);
      return made.documentId;
    },
    async sync(signal = new AbortController().signal) {
      const files = await queue.run(await statement(), signal);
      return { files, changes: files.ok && (await sendChanges(signal)) };
    },
    shown(id) {
      const db = writer.cache();
      if (!db) throw new Error('closed');
      return createReads(db).resource({ type: 'DocumentReference', id });
    },
    spooled: () => readdirSync(spoolFolder).sort(),
    close() {
      isOpen = false;
      operations['close']!();
    },
  };
}

function learnPatient(
  operations: Record<string, (args?: unknown) => unknown>,
  writer: ReturnType<typeof createWriter>,
) {
  operations['startRun']!({ tasks: [{ label: 'all', resourceType: 'Patient', url: 'Patient', patients: null }] });
  const db = writer.cache();
  const seq = db ? (createReads(db).tasks({})[0]?.seq ?? 0) : 0;
  const patient = { resourceType: 'Patient', id: PATIENT, meta: { versionId: '1' }, name: [{ family: 'Ng' }] };
  const resources = [JSON.stringify(patient)];
  operations['applyPage']!({ seq, resources, next: 'more', serverTime: '2026-03-01T10:00:00Z' });
}

export const bytesOf = (size: number) => randomBytes(size);
