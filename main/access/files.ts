import type { AuditError } from '../../preload/contract/audit.ts';
import type { Result } from '../../preload/contract/channel.ts';
import type { Transfer } from '../../preload/contract/documents.ts';
import type { Audit } from '../audit/audit.ts';
import type { AuditEntry, Encryption } from '../audit/events/entry.ts';
import type { Cache } from '../cache/client.ts';
import type { Writing } from '../writing/resource.ts';
import type { Access, Decision } from './access.ts';
import { maskedTransfer } from './mask.ts';

const TYPE = 'DocumentReference';

type Refusal = 'not-permitted' | AuditError;
type Answer<Value, Code extends string> = Promise<Result<Value, Code>>;
type Allowed = Extract<Decision, { allowed: true }>;

/** A document that the clinician may read. */
export interface PermittedFile {
  readonly patientId: string;
  /** The id that the cache has it by. */
  readonly documentId: string;
  /** The DocumentReference as the cache has it. */
  readonly resource: string;
  /** Under emergency access. */
  readonly emergency: boolean;
  /** Whether she still may: what was opened for a time may be over before the file is there. */
  holds(): boolean;
  /** Records that it is decrypted: nothing is shown before this has answered well. */
  recordOpening(encryption: Encryption): Answer<null, AuditError>;
  /** Records that it was not opened after all, and why. */
  recordFailure(code: string): Answer<null, AuditError>;
}

/** A file that the clinician may attach. */
export interface PermittedAttachment {
  readonly writing: Writing;
  /** Purpose of use by which it was decided. */
  readonly purpose: string;
  /** Code of one of her roles; `unknown` where none is known. */
  readonly role: string;
  /** What was decided, for the Provenance of its record. */
  readonly decided: Pick<Allowed, 'grounds' | 'basis'>;
  /** Records that it is encrypted and will leave: nothing is kept before this has answered well. */
  record(encryption: Encryption): Answer<null, AuditError>;
}

/**
 * Who may attach, open and take out a patient's files. Each is decided, recorded durably, and only then done.
 */
export interface Files {
  mayAttach(patientId: string): Promise<boolean>;
  attach(patientId: string): Answer<PermittedAttachment, Refusal>;
  open(patientId: string, documentId: string): Answer<PermittedFile, Refusal | 'not-found'>;
  /** An opened document is about to leave Wardlight, for `recipient`: a file, or another program. */
  export(file: Pick<PermittedFile, 'patientId' | 'documentId'>, recipient: string): Answer<null, Refusal>;
  /** Its ciphertext is about to leave for the server. */
  upload(file: Pick<PermittedFile, 'patientId' | 'documentId'>): Answer<null, AuditError>;
  /** Files on their way, as they may be shown: a patient may be out of sight by now, or a record. */
  shown(transfers: readonly Transfer[]): Promise<Transfer[]>;
  /** A file that the server does not have yet is given up. */
  withdraw(file: Pick<PermittedFile, 'patientId' | 'documentId'>): Answer<null, AuditError>;
}

export interface FilesOptions {
  readonly access: Pick<Access, 'decide' | 'groundsOf' | 'toldOf'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly cache: Cache;
  /** `Practitioner/<id>` and name of who works here. */
  readonly practitioner: string;
  readonly display: string;
  readonly server: string;
  readonly now: () => number;
  /** Minutes by which the workstation's clock is ahead of UTC at a time. */
  readonly offsetMinutes: (time: number) => number;
  readonly newId: () => string;
}

export function createFiles(options: FilesOptions): Files {
  const { access, audit, cache, practitioner, display, server, now, offsetMinutes, newId } = options;

  async function record(entry: Omit<AuditEntry, 'practitioner' | 'server'>): Answer<null, AuditError> {
    const recorded = await audit.record({ ...entry, practitioner, server });
    return recorded.ok ? { ok: true, value: null } : recorded;
  }

  async function writingFor(patientId: string, { sight }: Allowed): Promise<Writing> {
    const time = now();
    // With a label that the decision didn't know there is doubt, and no encounter is named.
    const encounter = await cache.read.currentEncounter({ patientId, sight }).catch(() => null);
    return { patientId, practitioner, display, encounter, now: time, offsetMinutes: offsetMinutes(time), id: newId() };
  }

  /** A new DocumentReference is written, and a file leaves: both must be permitted. */
  async function decideAttachment(patientId: string): Promise<Decision> {
    const created = await access.decide({ action: 'create', patientId, type: TYPE });
    if (!created.allowed) return created;
    // Into a record that was replaced nothing is written.
    if (await cache.read.isReplaced({ patientId }))
      return { allowed: false, reason: 'policy', grounds: created.grounds };
    return access.decide({ action: 'upload', patientId, type: TYPE });
  }

  /** One of a patient; null where it isn't hers, or isn't there. */
  async function find(patientId: string, documentId: string) {
    const id = await cache.outbox.resolveId({ type: TYPE, id: documentId });
    const subject = await cache.read.subject({ type: TYPE, id });
    return subject?.patientId === patientId ? { id, subject } : null;
  }

  async function shown(transfer: Transfer): Promise<Transfer> {
    const { patientId, documentId } = transfer;
    // There is no record as long as it is being encrypted.
    const found = await find(patientId, documentId);
    const subjects = found ? [found.subject] : [];
    const { allowed } = await access.decide({ action: 'read', patientId, subjects });
    return allowed ? transfer : maskedTransfer(transfer);
  }

  return {
    mayAttach: async (patientId) => (await decideAttachment(patientId)).allowed,

    async attach(patientId) {
      const view = 'documents.attach';
      const decision = await decideAttachment(patientId);
      if (!decision.allowed) {
        await record({ action: 'denied', attempted: 'upload', patientId, view, ...decision.grounds });
        return failed('not-permitted');
      }
      const { basis, grounds } = decision;
      const writing = await writingFor(patientId, decision);
      const resource = `${TYPE}/${writing.id}`;
      const value: PermittedAttachment = {
        writing,
        purpose: basis.purpose ?? 'TREAT',
        role: grounds.roles?.[0]?.split('|').at(-1) || 'unknown',
        decided: { grounds, basis },
        record: (encryption) =>
          record({ action: 'create', patientId, resource, view, ...grounds, ...basis, encryption }),
      };
      return { ok: true, value };
    },

    async open(patientId, documentId) {
      const view = 'documents.open';
      const found = await find(patientId, documentId);
      const decision = await access.decide({ action: 'read', patientId, subjects: found ? [found.subject] : [] });
      const resource = `${TYPE}/${found?.id ?? documentId}`;
      if (!decision.allowed) {
        await record({ action: 'denied', attempted: 'decrypt', patientId, resource, view, ...decision.grounds });
        return failed(decision.reason === 'hidden' ? 'not-found' : 'not-permitted');
      }
      const text = found && (await cache.read.resource({ type: TYPE, id: found.id }));
      if (!found || text === null) return failed('not-found');
      const { basis, grounds } = decision;
      const value: PermittedFile = {
        patientId,
        documentId: found.id,
        resource: text,
        emergency: basis.emergency === true,
        holds: decision.holds,
        recordOpening: (encryption) =>
          record({ action: 'decrypt', patientId, resource, view, ...grounds, ...basis, encryption }),
        recordFailure: (code) =>
          record({
            ...{ action: 'denied', attempted: 'decrypt', patientId, resource, view },
            ...grounds,
            ...basis,
            details: { code },
          }),
      };
      return { ok: true, value };
    },

    async export({ patientId, documentId }, recipient) {
      const view = 'documents.export';
      const found = await find(patientId, documentId);
      if (!found) return failed('not-permitted');
      const resource = `${TYPE}/${found.id}`;
      const decision = await access.decide({ action: 'export', patientId, subjects: [found.subject] });
      if (!decision.allowed) {
        await record({ action: 'denied', attempted: 'export', patientId, resource, view, ...decision.grounds });
        return failed('not-permitted');
      }
      const { basis, grounds } = decision;
      return record({ action: 'export', patientId, resource, view, ...grounds, ...basis, details: { recipient } });
    },

    async upload({ patientId, documentId }) {
      const grounds = await access.groundsOf(patientId);
      const resource = `${TYPE}/${documentId}`;
      return record({ action: 'upload', patientId, resource, view: 'documents.upload', ...grounds });
    },

    shown: (transfers) => Promise.all(transfers.map(shown)),

    async withdraw({ patientId, documentId }) {
      const told = await access.toldOf(patientId);
      const resource = `${TYPE}/${documentId}`;
      return record({ action: 'withdraw', patientId, resource, view: 'documents.cancel', ...told });
    },
  };
}

function failed<Code extends string>(code: Code): Result<never, Code> {
  return { ok: false, error: { code } };
}
