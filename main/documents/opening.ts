import type { Contract, ErrorCode } from '../../preload/contract/index.ts';
import type { Files, PermittedFile } from '../access/files.ts';
import { namesOf } from './context.ts';
import type { DocumentKeys } from './keys/keys.ts';
import type { ReadDocument } from './reading.ts';
import type { Answer, DocumentsProcess, ExcessLimits, FileKind, WrappedKey } from './types.ts';

/** A document that stands open. */
export interface OpenDocument {
  readonly handle: string;
  readonly kind: FileKind;
  readonly contentType: string;
  readonly size: number;
}

export interface OpeningOptions {
  readonly files: Pick<Files, 'open' | 'export'>;
  readonly keys: Pick<DocumentKeys, 'thumbprints' | 'sealedKeys' | 'pseudonym' | 'rewrap'>;
  readonly process: Pick<DocumentsProcess, 'open' | 'read' | 'save' | 'close' | 'cancel'>;
  /** What a DocumentReference says of its encryption; null where it can't be used. */
  readonly readDocument: (resource: string) => ReadDocument | null;
  /** The ciphertext as a file of this workstation: its spool, or fetched. */
  readonly ciphertextOf: (
    file: PermittedFile,
    document: ReadDocument,
    signal: AbortSignal,
    onProgress: (done: number, total: number) => void,
  ) => Promise<Answer<string, OpenCode>>;
  /** A ciphertext that is not what its record names is thrown away, where it can be fetched again. */
  readonly forget: (document: ReadDocument) => Promise<void>;
  /** An encrypted temporary of an opened document. */
  readonly temporaryOf: (handle: string) => string;
  readonly limits: ExcessLimits;
  readonly onProgress: (progress: { patientId: string; documentId: string; done: number; total: number }) => void;
  readonly newId: () => string;
}

type OpenCode = ErrorCode<Contract['documents']['calls']['open']>;

/** Opens files of patients, and keeps account of what stands open. */
export interface Opening {
  open(request: { patientId: string; documentId: string }): Promise<Answer<OpenDocument, OpenCode>>;
  cancel(request: { patientId: string; documentId: string }): Promise<void>;
  close(handle: string): Promise<void>;
  /** Bytes of a document that stands open; null where it doesn't, or the access has ended. */
  read(handle: string, offset: number, length: number): Promise<Uint8Array | null>;
  find(handle: string): (OpenDocument & Pick<PermittedFile, 'patientId' | 'documentId'>) | null;
  /** Whether any document stands open. */
  isAny(): boolean;
  closeAll(): Promise<void>;
}

interface Standing extends OpenDocument {
  readonly file: PermittedFile;
}

export function createOpening(options: OpeningOptions): Opening {
  const { files, keys, process, onProgress, newId } = options;
  const open = new Map<string, Standing>();
  const running = new Map<string, { task: string; aborter: AbortController }>();

  /** What the key service has wrapped for this device, where none of its keys is a recipient. */
  async function grantedFor(
    document: ReadDocument,
    emergency: boolean,
    signal: AbortSignal,
  ): Promise<Answer<readonly WrappedKey[], OpenCode>> {
    const own = new Set(await keys.thumbprints());
    if (document.recipients.some((one) => own.has(one))) return { ok: true, value: [] };
    const granted = await keys.rewrap(document.envelope.header, { emergency, signal });
    return granted.ok ? { ok: true, value: [granted.value] } : granted;
  }

  async function decrypt(file: PermittedFile, document: ReadDocument, task: string, signal: AbortSignal) {
    const { patientId, documentId } = file;
    const { envelope, author, localId } = document;
    const expected = await namesOf(keys, { documentId: localId, patientId, author, kind: envelope.kind });
    if (!expected.ok) return expected;
    const granted = await grantedFor(document, file.emergency, signal);
    if (!granted.ok) return granted;
    const recorded = await file.recordOpening({
      context: { ...document.context },
      keyId: document.recipients.join(' '),
      algorithm: document.algorithm,
    });
    if (!recorded.ok) return recorded;
    const report = (done: number, total: number) => onProgress({ patientId, documentId, done, total });
    const ciphertext = await options.ciphertextOf(file, document, signal, report);
    if (!ciphertext.ok) return ciphertext;
    return process.open({
      task,
      ciphertext: ciphertext.value,
      temporary: options.temporaryOf(task),
      envelope,
      expected: expected.value,
      keys: await keys.sealedKeys(),
      granted: granted.value,
      limits: options.limits,
    });
  }

  async function openOne(
    file: PermittedFile,
    task: string,
    signal: AbortSignal,
  ): Promise<Answer<OpenDocument, OpenCode>> {
    const document = options.readDocument(file.resource);
    if (!document) return failed('not-openable');
    const opened = await decrypt(file, document, task, signal);
    if (!opened.ok) {
      if (/^ciphertext-/.test(opened.error.code)) await options.forget(document);
      return opened;
    }
    const { handle, kind, contentType, size } = opened.value;
    if (signal.aborted || !file.holds()) {
      await process.close({ handle });
      return failed(signal.aborted ? 'cancelled' : 'not-permitted');
    }
    open.set(handle, { handle, kind, contentType, size, file });
    return { ok: true, value: { handle, kind, contentType, size } };
  }

  async function close(handle: string): Promise<void> {
    if (open.delete(handle)) await process.close({ handle });
  }

  const keyOf = ({ patientId, documentId }: { patientId: string; documentId: string }) => `${patientId}/${documentId}`;

  return {
    async open(request) {
      const permitted = await files.open(request.patientId, request.documentId);
      if (!permitted.ok) return permitted;
      const [task, aborter] = [newId(), new AbortController()];
      running.get(keyOf(request))?.aborter.abort();
      running.set(keyOf(request), { task, aborter });
      try {
        const opened = await openOne(permitted.value, task, aborter.signal);
        if (!opened.ok && opened.error.code !== 'cancelled') await permitted.value.recordFailure(opened.error.code);
        return opened;
      } finally {
        if (running.get(keyOf(request))?.task === task) running.delete(keyOf(request));
      }
    },
    async cancel(request) {
      const one = running.get(keyOf(request));
      one?.aborter.abort();
      if (one) await process.cancel({ task: one.task });
    },
    close,
    async read(handle, offset, length) {
      const one = open.get(handle);
      if (!one) return null;
      if (one.file.holds()) return process.read({ handle, offset, length });
      // What was opened for a time is over.
      await close(handle);
      return null;
    },
    find(handle) {
      const one = open.get(handle);
      if (!one) return null;
      const { file, ...document } = one;
      return { ...document, patientId: file.patientId, documentId: file.documentId };
    },
    isAny: () => open.size > 0,
    async closeAll() {
      for (const { aborter } of running.values()) aborter.abort();
      await Promise.all([...open.keys()].map(close));
    },
  };
}

function failed<Code extends string>(code: Code): Answer<never, Code> {
  return { ok: false, error: { code } };
}
