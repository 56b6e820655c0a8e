import type { Result } from '../../preload/contract/channel.ts';
import type { Files } from '../access/files.ts';
import type { Reads } from '../access/reads.ts';
import { CodedError } from '../cache/store-error.ts';
import type { Handlers } from '../ipc/bind.ts';
import type { DocumentsPolicy } from '../managed/documents.ts';
import type { Attaching } from './attaching.ts';
import type { DocumentKeys } from './keys/keys.ts';
import type { Leaving } from './leaving.ts';
import type { Opening } from './opening.ts';
import { mayPhotograph, type Photos } from './photos.ts';
import type { DocumentQueue } from './queue/queue.ts';
import { openabilityOf, type ReadDocument } from './reading.ts';
import type { Scans } from './scans.ts';
import type { Transfers } from './transfers.ts';

export interface DocumentsOptions {
  readonly reads: Pick<Reads, 'documents'>;
  /** What a DocumentReference says of its encryption; null where it can't be used. */
  readonly readDocument: (resource: string) => ReadDocument | null;
  readonly files: Pick<Files, 'mayAttach' | 'withdraw'>;
  readonly policy: DocumentsPolicy;
  readonly keys: Pick<DocumentKeys, 'ready' | 'thumbprints'>;
  readonly queue: Pick<DocumentQueue, 'list' | 'pause' | 'resume' | 'cancel' | 'move'>;
  readonly attaching: Attaching;
  readonly photos: Photos;
  readonly scans: Scans;
  readonly transfers: Transfers;
  readonly opening: Opening;
  readonly leaving: Leaving;
  /** Whether the ciphertext of a document is on this workstation. */
  readonly isHere: (document: ReadDocument) => Promise<boolean>;
  readonly online: () => boolean;
  /** The page's records of these patients are other ones. */
  readonly onWritten: (patients: readonly string[]) => void;
  /** There is something to send, or the order is another one. */
  readonly wake: () => void;
}

const done: { readonly ok: true; readonly value: Record<string, never> } = { ok: true, value: {} };

/** What the page may ask of documents, for one unlocked profile. */
export function createDocuments(options: DocumentsOptions): Handlers['documents'] {
  const {
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
    transfers,
    wake,
  } = options;

  async function attachProblem(patientId: string) {
    if (!(await files.mayAttach(patientId))) return 'not-permitted' as const;
    const ready = await keys.ready();
    return ready.ok ? null : ready.error.code;
  }

  /** After what changes the queue: the page is told, and what can go on does. */
  async function settled<Code extends string>(
    change: Promise<Result<unknown, Code>>,
  ): Promise<Result<Record<string, never>, Code | StoreCode>> {
    const answer = await kept(change);
    if (!answer.ok) return answer;
    await transfers.tell();
    wake();
    return done;
  }

  async function withdrawn(id: string) {
    const cancelled = await queue.cancel(id);
    if (cancelled.ok) options.onWritten(cancelled.value.patients);
    return cancelled;
  }

  return {
    async list({ patientId }) {
      const listed = await reads.documents(patientId);
      if (!listed.ok) return listed;
      const { items, ...section } = listed.value;
      const own = new Set(await keys.thumbprints());
      const openability = async ({ encrypted, unsent }: (typeof items)[number]) => {
        if (encrypted === null) return 'not-encrypted' as const;
        const document = readDocument(encrypted);
        if (!document) return 'invalid' as const;
        // What waits is here in any case: its ciphertext goes once the server has it with its record.
        const here = unsent !== null || (await options.isHere(document));
        return openabilityOf(document, { own, online: options.online(), here });
      };
      return {
        ok: true,
        value: {
          ...section,
          items: await Promise.all(
            items.map(async ({ encrypted, ...item }) => ({
              ...item,
              openability: await openability({ ...item, encrypted }),
            })),
          ),
          attachProblem: await attachProblem(patientId),
          mayPhotograph: mayPhotograph(policy),
          mayScan: scans.mayScan,
          maySave: policy.saveAs,
          mayOpenWith: policy.openWith,
        },
      };
    },
    pick: ({ patientId }) => attaching.pick(patientId),
    beginPhoto: ({ patientId }) => photos.begin(patientId),
    photoTaken: ({ patientId, captureId }) => photos.taken(patientId, captureId),
    async endPhoto({ captureId }) {
      await photos.end(captureId);
      return done;
    },
    scanners: async () => ({ ok: true, value: { items: await scans.list() } }),
    scan: ({ patientId, scannerId }) => scans.scan(patientId, scannerId),
    async cancelScan() {
      await scans.cancel();
      return done;
    },
    async forget({ pickId }) {
      await attaching.forget(pickId);
      return done;
    },
    async attach(request) {
      const attached = await attaching.attach(request, () => void transfers.tell());
      await transfers.tell();
      if (!attached.ok) return attached;
      options.onWritten([request.patientId]);
      wake();
      return attached;
    },
    transfers: async () => ({ ok: true, value: { items: await transfers.list() } }),
    pause: async ({ id }) => settled(queue.pause(id)),
    resume: async ({ id }) => settled(queue.resume(id)),
    async cancel({ id }) {
      if (await attaching.cancel(id)) return done;
      const transfer = (await queue.list()).find((one) => one.id === id);
      if (!transfer) return { ok: false, error: { code: 'not-found' } };
      const recorded = await files.withdraw(transfer);
      if (!recorded.ok) return recorded;
      return settled(withdrawn(id));
    },
    async move({ id, place }) {
      const { length } = await attaching.running();
      return settled(queue.move(id, Math.max(1, place - length)));
    },
    open: (request) => opening.open(request),
    async cancelOpen(request) {
      await opening.cancel(request);
      return done;
    },
    async close({ handle }) {
      await opening.close(handle);
      return done;
    },
    saveAs: ({ handle }) => leaving.saveAs(handle),
    openWith: ({ handle }) => leaving.openWith(handle),
  };
}

type StoreCode = 'disk-full' | 'store-failed';

/** A change of the queue; what keeps it from being written is told by its code. */
async function kept<Value, Code extends string>(change: Promise<Result<Value, Code>>) {
  try {
    return await change;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const code: StoreCode = error.code === 'disk-full' ? 'disk-full' : 'store-failed';
    return { ok: false, error: { code } } as const;
  }
}
