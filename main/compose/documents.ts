import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CapabilityStatement } from 'fhir/r4';
import type { Files } from '../access/files.ts';
import type { Reads } from '../access/reads.ts';
import type { Writer } from '../access/write.ts';
import type { Cache } from '../cache/client.ts';
import { isSetAside } from '../cache/set-aside.ts';
import { createAttaching } from '../documents/attaching.ts';
import { createDocuments } from '../documents/documents.ts';
import type { Sealer } from '../documents/fields/sealer.ts';
import { removeLeftovers } from '../documents/files.ts';
import { createDocumentKeys, type DocumentKeys } from '../documents/keys/keys.ts';
import { createLeaving, HANDED_OVER } from '../documents/leaving.ts';
import { createOpening } from '../documents/opening.ts';
import { createPhotos } from '../documents/photos.ts';
import { createDocumentsClient } from '../documents/process-client.ts';
import { createAddresses } from '../documents/queue/addresses.ts';
import { createDownloads } from '../documents/queue/download.ts';
import { createDocumentQueue } from '../documents/queue/queue.ts';
import { createReadDocument } from '../documents/reading.ts';
import { SCANIMAGE } from '../documents/scanner.ts';
import { createScans } from '../documents/scans.ts';
import { createTransfers } from '../documents/transfers.ts';
import { createWorking } from '../documents/working.ts';
import { createRawClient } from '../fhir/raw.ts';
import type { Profile } from '../identity/profiles.ts';
import type { Handlers } from '../ipc/bind.ts';
import type { DocumentsPolicy } from '../managed/documents.ts';
import type { CameraUse } from '../shell/camera-use.ts';
import type { ReadContent } from '../shell/viewer-content.ts';
import { createRunTimers } from '../sync/sync.ts';
import { makePrivateFolder } from '../vault/durable.ts';
import { newDocument } from '../writing/documents.ts';
import { readAttached } from '../writing/envelope.ts';
import type { Around } from './around.ts';
import { endAll } from './ending.ts';
import type { ProfileServer } from './profile-server.ts';

export interface DocumentParts {
  readonly profile: Profile;
  readonly cache: Cache;
  readonly files: Files;
  readonly reads: Pick<Reads, 'documents'>;
  readonly ofServer: ProfileServer;
  readonly documents: DocumentsPolicy;
  /** Version of the access policy in force. */
  readonly accessPolicy: string;
  /** The outbox was made anew: what is in the spool may belong to the one before. */
  readonly outboxAnew: boolean;
  readonly online: () => boolean;
  readonly onWritten: (patients: readonly string[]) => void;
  /** The Provenance of a document's record. */
  readonly attested: Writer['attested'];
  /** Encrypts what policy marks in a document's record. */
  readonly sealer: Sealer;
}

/** Documents of the profile that is open. */
export interface OpenDocuments {
  readonly handlers: Handlers['documents'];
  readonly keys: DocumentKeys;
  /** Bytes of a document that stands open, for the viewer. */
  readonly content: ReadContent;
  /** By which the frame that takes photos has the camera, and sends them. */
  readonly camera: CameraUse;
  /** A document stands open, or a photo is being taken. */
  isShowing(): boolean;
  /** The server can be reached, or can't any more. */
  reached(online: boolean): void;
  /** A run of sync has ended well: what is due of the keys is done, and files are sent. */
  synced(): void;
  close(): Promise<void>;
}

const DAY_MS = 24 * 60 * 60_000;

/** Makes them; what has to be cleared away first is done while the page is drawn, and waited for by what needs it. */
export function composeDocuments(around: Around, parts: DocumentParts): OpenDocuments {
  const { emit, log, now, newId, after, fork, workstation, servers, fileDialogs } = around;
  const { profile, cache, files, reads, ofServer, documents: policy, onWritten } = parts;
  const { fhir, accessToken } = ofServer;
  const { fetch } = servers;
  const folder = (name: string) => join(profile.folder, 'documents', name);
  const readDocument = createReadDocument(readAttached);
  const closing = new AbortController();
  const { signal } = closing;
  const waiting = { wait: createRunTimers({ now, after }).wait, random: Math.random };

  const process = createDocumentsClient({ fork: fork('documents/process.js') });
  const keys = createDocumentKeys({
    cache,
    process,
    fhir,
    policy,
    fetch,
    accessToken,
    practitioner: profile.practitioner,
    workstation,
    now,
  });
  const addresses = createAddresses({
    base: profile.server,
    uploads: policy.uploads,
    clientAt: (base) => createRawClient({ base, fetch, accessToken, requestId: newId, after }),
  });
  const queue = createDocumentQueue({
    outbox: cache.outbox,
    addresses,
    spoolFolder: folder('spool'),
    newId,
    ...waiting,
    announce: async (transfer) => (await files.upload(transfer)).ok,
    // What is told before an end may find everything closed.
    onState: () => void transfers.tell().catch(() => undefined),
    onChanged: onWritten,
  });
  const downloads = createDownloads({ folder: folder('downloads'), addresses, now, ...waiting });

  async function prepare(): Promise<void> {
    for (const name of ['spool', 'downloads', 'opened']) await makePrivateFolder(folder(name));
    await removeLeftovers({ opened: folder('opened'), spool: folder('spool') });
    await leaving.clear().catch(() => log.warn('documents.handed-over'));
    await queue.open({ outboxAside: parts.outboxAnew || (await isSetAside(join(profile.folder, 'outbox.db'))) });
    // As long as records of patients who left the panel stay.
    await downloads.sweep(now() - around.policy.retentionDays * DAY_MS);
  }

  const attaching = createAttaching({
    files,
    keys,
    process,
    policy,
    accessPolicy: parts.accessPolicy,
    pick: fileDialogs.pick,
    spoolOf: queue.spoolPath,
    async compose({ kind, title, spooled, context }, { writing, purpose, role }) {
      const written = newDocument({ kind, title, file: spooled.kind, spooled, context }, writing);
      const { id, patientId } = writing;
      const about = { type: 'DocumentReference', id, patientId, purpose, role, now: writing.now };
      const sealed = await parts.sealer.seal(written, about);
      return sealed.ok ? sealed : { ok: false, error: { code: 'keys-not-ready' } };
    },
    async keep({ documentId, patientId, title, body: record, spooled, changedAt }, { decided }) {
      const author = profile.practitioner;
      const about = { activity: 'create', type: 'DocumentReference', baseVersionId: null, reason: null } as const;
      const attested = await parts.attested({ ...about, ...decided, patientId, resourceId: documentId });
      const written = { documentId, patientId, title, author, changedAt, record, ...attested };
      const added = await queue.add({ ...written, spooled });
      if (added.ok) return { ok: true, value: null };
      return { ok: false, error: { code: added.error.code === 'disk-full' ? 'disk-full' : 'store-failed' } };
    },
    discard: (spool) => rm(spool, { force: true }),
    newId,
    after,
  });
  const photos = createPhotos({ files, keys, process, attaching, policy, newId });
  const scans = createScans({
    files,
    keys,
    process,
    attaching,
    // SANE is there on Linux alone.
    mayScan: policy.scanner && policy.kinds.includes('image') && existsSync(SCANIMAGE),
    newId,
    onProgress: (percent) => emit('documents', 'scanProgress', { percent }),
    after,
  });
  const transfers = createTransfers(
    () => attaching,
    () => queue,
    files,
    (items) => emit('documents', 'transfersChanged', { items }),
  );
  const opening = createOpening({
    files,
    keys,
    process,
    readDocument,
    async ciphertextOf({ documentId }, { url, envelope: { size, sha256 } }, aborted, onProgress) {
      const spooled = await queue.spoolOf(documentId);
      if (spooled !== null) return { ok: true, value: spooled };
      if (url === null) return { ok: false, error: { code: 'not-downloaded' } };
      return downloads.fetchCiphertext({ url, size, sha256 }, aborted, (done) => onProgress(done, size));
    },
    forget: ({ envelope }) => downloads.forget(envelope),
    temporaryOf: (handle) => join(folder('opened'), handle),
    limits: policy,
    onProgress: (progress) => emit('documents', 'openProgress', progress),
    newId,
  });
  const leaving = createLeaving({
    files,
    opening,
    process,
    policy,
    askWhere: fileDialogs.save,
    openPath: fileDialogs.openPath,
    folder: join(profile.folder, HANDED_OVER),
    makeFolder: makePrivateFolder,
  });
  async function statement(): Promise<CapabilityStatement | null> {
    const answer = await fhir.get('metadata', signal);
    if (!answer.ok) return null;
    try {
      return JSON.parse(answer.value.text) as CapabilityStatement;
    } catch {
      return null;
    }
  }

  const working = createWorking({
    prepare,
    keys,
    queue,
    statement,
    online: parts.online,
    onStanding: () => emit('documents', 'standingChanged', {}),
    log,
    signal,
  });
  const { wake, whenReady } = working;
  let isOnline = false;
  const handlers = createDocuments({
    reads,
    readDocument,
    files,
    policy,
    keys,
    queue,
    attaching,
    photos,
    scans,
    opening,
    leaving,
    async isHere(document) {
      const { size, sha256 } = document.envelope;
      return (await downloads.find({ size, sha256 })) !== null;
    },
    online: parts.online,
    onWritten,
    transfers,
    wake,
  });

  return {
    handlers: {
      ...handlers,
      pick: whenReady(handlers.pick),
      scan: whenReady(handlers.scan),
      beginPhoto: whenReady(handlers.beginPhoto),
      attach: whenReady(handlers.attach),
      open: whenReady(handlers.open),
    },
    keys,
    camera: photos,
    isShowing: () => opening.isAny() || photos.isTaking(),
    async content(handle, { offset, length }) {
      const total = opening.find(handle)?.size;
      const bytes = total === undefined ? null : await opening.read(handle, offset, length);
      return bytes && total !== undefined ? { bytes, total } : null;
    },
    reached(online) {
      if (online !== isOnline) emit('documents', 'standingChanged', {});
      isOnline = online;
    },
    synced: wake,
    async close() {
      closing.abort();
      // Before anything that takes time: nobody has a use for the camera any more.
      const ended = photos.close().catch(() => undefined);
      const steps = {
        prepared: () => working.prepared(),
        camera: () => ended,
        opening: () => opening.closeAll(),
        process: () => process.end(),
        'handed-over': () => leaving.clear(),
        working: () => working.ended(),
      };
      await endAll(steps, log);
    },
  };
}
