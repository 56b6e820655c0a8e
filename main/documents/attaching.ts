import { basename } from 'node:path';
import type { DocumentKind, Transfer } from '../../preload/contract/documents.ts';
import type { Contract, ErrorCode } from '../../preload/contract/index.ts';
import type { Files, PermittedAttachment } from '../access/files.ts';
import type { Encryption } from '../audit/events/entry.ts';
import type { DocumentsPolicy } from '../managed/documents.ts';
import type { Written } from '../writing/resource.ts';
import { contextOf } from './context.ts';
import type { DocumentKeys } from './keys/keys.ts';
import type {
  Answer,
  DocumentsProcess,
  EncryptionContext,
  FileKind,
  FileSource,
  Inspected,
  IntakeError,
  IntakeRules,
  Recipient,
  Spooled,
} from './types.ts';

type Calls = Contract['documents']['calls'];

/** What a person has picked, photographed or scanned; its path never reaches the page. */
export interface Picked {
  readonly pickId: string;
  readonly name: string;
  readonly size: number;
  readonly kind: FileKind;
}

export interface AttachingOptions {
  readonly files: Pick<Files, 'attach'>;
  readonly keys: Pick<DocumentKeys, 'ready' | 'recipientsFor' | 'pseudonym'>;
  readonly process: Pick<DocumentsProcess, 'inspect' | 'drop' | 'encrypt' | 'cancel' | 'progress'>;
  readonly policy: DocumentsPolicy;
  /** Version of the access policy in force. */
  readonly accessPolicy: string;
  /** The OS's dialog: the path that was chosen, with its size; null where none was. */
  readonly pick: () => Promise<{ path: string; size: number } | null>;
  /** Where the ciphertext of a document is kept until the server has it. */
  readonly spoolOf: (documentId: string) => string;
  /** The DocumentReference of a new document; what policy marks in it is sealed. */
  readonly compose: (
    document: NewDocument,
    permitted: PermittedAttachment,
  ) => Promise<Answer<Written, 'keys-not-ready'>>;
  /** Keeps the transfer and the record, in one transaction. */
  readonly keep: (
    document: KeptDocument,
    permitted: PermittedAttachment,
  ) => Promise<Answer<null, 'disk-full' | 'store-failed'>>;
  /** Nothing came of it: what there is of the ciphertext goes. */
  readonly discard: (spool: string) => Promise<void>;
  readonly newId: () => string;
  /** Calls back after `ms`; answers how to cancel that. */
  readonly after: (ms: number, callback: () => void) => () => void;
}

export interface NewDocument {
  readonly kind: DocumentKind;
  readonly title: string;
  readonly spooled: Spooled & Inspected;
  readonly context: EncryptionContext;
}

export interface KeptDocument extends Written {
  readonly patientId: string;
  readonly documentId: string;
  readonly spooled: Spooled;
  readonly changedAt: string;
}

interface Request {
  readonly patientId: string;
  readonly pickId: string;
  readonly kind: DocumentKind;
  readonly title: string;
}

type Attached = Answer<{ documentId: string }, ErrorCode<Calls['attach']>>;

/** What is held in the documents process. */
export interface Given {
  readonly held: string;
  readonly size: number;
  readonly name: string;
  /** What it may be, as far as policy takes that. */
  readonly kinds: readonly FileKind[];
}

/** Takes files into a patient's record. */
export interface Attaching {
  pick(patientId: string): Promise<Answer<Picked | null, ErrorCode<Calls['pick']>>>;
  /** Takes what a camera or scanner gave, which is dropped where it isn't taken. */
  offer(patientId: string, given: Given): Promise<Answer<Picked, IntakeError>>;
  /** Lets go of what was picked. */
  forget(pickId: string): Promise<void>;
  /** `onProgress`: `running` has something new to tell. */
  attach(request: Request, onProgress: () => void): Promise<Attached>;
  /** What is being encrypted now, by the ids of the picks. */
  running(): Promise<Transfer[]>;
  /** Ends one of them; false where there is none. */
  cancel(id: string): Promise<boolean>;
}

const MAX_PICKS = 16;
const PROGRESS_MS = 500;

export function createAttaching(options: AttachingOptions): Attaching {
  const { files, keys, process, policy, newId, after } = options;
  const rules: IntakeRules = { ...policy };
  const picked = new Map<string, { source: FileSource; patientId: string; size: number }>();
  const running = new Map<string, Omit<Transfer, 'done' | 'total' | 'place'>>();

  async function remember(source: FileSource, size: number, patientId: string): Promise<string> {
    const pickId = newId();
    // Who picks again and again has let go of what was before.
    const oldest = [...picked.keys()].find((one) => !running.has(one));
    if (picked.size >= MAX_PICKS && oldest !== undefined) await forget(oldest);
    picked.set(pickId, { source, size, patientId });
    return pickId;
  }

  async function forget(pickId: string): Promise<void> {
    const source = picked.get(pickId)?.source;
    // What is being encrypted is still needed; it goes when that has ended well, or with the next one.
    if (source === undefined || running.has(pickId)) return;
    picked.delete(pickId);
    if (typeof source !== 'string') await process.drop(source);
  }

  /** What a ciphertext is bound to, and for whom it is made. */
  async function bind(permitted: PermittedAttachment, kind: FileKind) {
    const recipients = await keys.recipientsFor(permitted.writing.patientId);
    if (!recipients.ok) return recipients;
    const context = await contextOf(keys, { ...permitted, kind, policy: options.accessPolicy });
    return context.ok
      ? { ok: true as const, value: { context: context.value, recipients: recipients.value } }
      : context;
  }

  /** Encrypts to the spool; told of as a transfer meanwhile. */
  async function encrypt(
    { patientId, pickId, title }: Request,
    request: Omit<Parameters<DocumentsProcess['encrypt']>[0], 'task' | 'rules' | 'signed' | 'strip'>,
    documentId: string,
    onProgress: () => void,
  ) {
    running.set(pickId, { id: pickId, patientId, documentId, title, state: 'encrypting', code: null });
    let stop: () => void = () => undefined;
    const again = () => {
      onProgress();
      stop = after(PROGRESS_MS, again);
    };
    again();
    try {
      const { signed, stripMetadata: strip } = policy;
      return await process.encrypt({ ...request, task: pickId, signed, strip, rules });
    } finally {
      stop();
      running.delete(pickId);
    }
  }

  async function keep(document: NewDocument, permitted: PermittedAttachment) {
    const { id: documentId, patientId, now } = permitted.writing;
    const written = await options.compose(document, permitted);
    if (!written.ok) return written;
    const { body, title } = written.value;
    const changedAt = new Date(now).toISOString();
    const { spooled } = document;
    return options.keep({ body, title, patientId, documentId, spooled, changedAt }, permitted);
  }

  async function attach(request: Request, source: FileSource, onProgress: () => void): Promise<Attached> {
    const { patientId, kind, title } = request;
    const inspected = await process.inspect({ source, rules });
    if (!inspected.ok) return inspected;
    const permitted = await files.attach(patientId);
    if (!permitted.ok) return permitted;
    const { writing, record } = permitted.value;
    const bound = await bind(permitted.value, inspected.value.kind);
    if (!bound.ok) return bound;
    const { context, recipients } = bound.value;
    const recorded = await record(encryptionOf(context, recipients, policy.signed));
    if (!recorded.ok) return recorded;
    const spool = options.spoolOf(writing.id);
    const made = await encrypt(request, { source, spool, recipients, context }, writing.id, onProgress);
    if (!made.ok) return made;
    const kept = await keep({ kind, title, spooled: made.value, context }, permitted.value);
    if (kept.ok) return { ok: true, value: { documentId: writing.id } };
    await options.discard(spool);
    return kept;
  }

  return {
    async pick(patientId) {
      const ready = await keys.ready();
      if (!ready.ok) return ready;
      const chosen = await options.pick();
      if (!chosen) return { ok: true, value: null };
      const { path, size } = chosen;
      const inspected = await process.inspect({ source: path, rules });
      if (!inspected.ok) return inspected;
      const { kind } = inspected.value;
      return { ok: true, value: { pickId: await remember(path, size, patientId), name: basename(path), size, kind } };
    },

    async offer(patientId, { held, size, name, kinds }) {
      const taken = { ...rules, kinds: rules.kinds.filter((kind) => kinds.includes(kind)) };
      const inspected = await process.inspect({ source: { held }, rules: taken });
      if (!inspected.ok) {
        await process.drop({ held });
        return inspected;
      }
      const { kind } = inspected.value;
      return { ok: true, value: { pickId: await remember({ held }, size, patientId), name, size, kind } };
    },

    forget,

    async attach(request, onProgress) {
      const source = picked.get(request.pickId);
      if (source?.patientId !== request.patientId || running.has(request.pickId)) return failed('not-found');
      const attached = await attach(request, source.source, onProgress);
      if (attached.ok) await forget(request.pickId);
      return attached;
    },

    running: () =>
      Promise.all(
        [...running.values()].map(async (one, at) => {
          const progress = await process.progress({ task: one.id }).catch(() => null);
          const { done, total } = progress ?? { done: 0, total: picked.get(one.id)?.size ?? 0 };
          return { ...one, done, total, place: at + 1 };
        }),
      ),

    async cancel(id) {
      if (!running.has(id)) return false;
      await process.cancel({ task: id });
      return true;
    },
  };
}

const SUITES = { unsigned: '0x0478', signed: '0x0578' } as const;

function encryptionOf(context: EncryptionContext, recipients: readonly Recipient[], signed: boolean): Encryption {
  const keyId = recipients.map((one) => (one.kind === 'aws-kms' ? one.arn : one.thumbprint)).join(' ');
  return { context: { ...context }, keyId, algorithm: signed ? SUITES.signed : SUITES.unsigned };
}

function failed<Code extends string>(code: Code): Answer<never, Code> {
  return { ok: false, error: { code } };
}
