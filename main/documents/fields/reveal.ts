import { parse } from 'lossless-json';
import type { AuditError } from '../../../preload/contract/audit.ts';
import type { Result } from '../../../preload/contract/channel.ts';
import type { Access } from '../../access/access.ts';
import type { Audit } from '../../audit/audit.ts';
import type { AuditEntry, Encryption } from '../../audit/events/entry.ts';
import type { Cache } from '../../cache/client.ts';
import type { ConflictSide, FieldRead, Subject } from '../../cache/operations.ts';
import type { DocumentKeys } from '../keys/keys.ts';
import type { AskingError } from './asking.ts';
import type { Content } from './elements.ts';
import { named } from './sealer.ts';
import { fieldText } from './words.ts';

export interface RevealRequest {
  readonly patientId: string;
  readonly type: string;
  readonly id: string;
  /** As policy names it: `note.text`, `value`. */
  readonly path: string;
}

export interface ConflictRequest {
  readonly changeId: string;
  readonly side: ConflictSide;
  /** Of the element. */
  readonly path: string;
}

export type RevealError = 'not-found' | 'not-permitted' | AskingError | AuditError;

export interface Revealed {
  /** The fields at the path, in order, as a person reads them. */
  readonly texts: string[];
}

export interface RevealOptions {
  readonly access: Pick<Access, 'decide'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly cache: {
    readonly read: Pick<Cache['read'], 'subject' | 'field'>;
    readonly outbox: Pick<Cache['outbox'], 'resolveId' | 'get' | 'subjects' | 'conflictElement'>;
  };
  /** A copy of what opens the cache's own layer (main/cache/fields/key.ts). */
  readonly wrapping: () => Uint8Array;
  /** Null where the organisation has set nothing up. */
  readonly keys: () => RevealKeys | null;
  readonly practitioner: string;
  readonly server: string;
}

type RevealKeys = Pick<DocumentKeys, 'openField' | 'pseudonym' | 'rewrapField'>;

/** Shows fields that are masked everywhere else, to the one view that has asked. */
export interface Reveal {
  revealField(request: RevealRequest): Promise<Result<Revealed, RevealError>>;
  /** Those of one version of a record that was changed on both sides. */
  revealConflict(request: ConflictRequest): Promise<Result<Revealed, RevealError>>;
}

/** A record that somebody has asked for. */
interface Asked {
  readonly patientId: string;
  readonly type: string;
  readonly id: string;
  readonly view: string;
  /** What access decides on; null where the record isn't the patient's, whoever may read it. */
  readonly subjects: readonly Subject[] | null;
  /** What is encrypted in it. */
  readonly read: () => Promise<FieldRead | null>;
}

interface Opened {
  readonly content: Content;
  readonly path: string;
  readonly encryption: Encryption;
}

const CACHE_LAYER = 'AES-256-GCM';

const failed = <Code extends string>(code: Code): { ok: false; error: { code: Code } } => ({
  ok: false,
  error: { code },
});

export function createReveal(options: RevealOptions): Reveal {
  const { access, audit, cache, wrapping, keys, practitioner, server } = options;

  async function openAll(
    { patientId, type, id }: Asked,
    { identifiers, fields }: FieldRead,
    emergency: boolean,
  ): Promise<Result<Opened[], AskingError>> {
    const known = keys();
    const patient = known && (await named(known, 'patient', `Patient/${patientId}`));
    const records: string[] = [];
    // By its id, and by the identifier that it was created under, before the server gave it an id.
    for (const one of known ? [id, ...identifiers] : []) {
      const record = known && (await named(known, 'record', `${type}/${one}`));
      if (record !== null) records.push(record);
    }
    const { openOrAsk } = await import('./asking.ts');
    const opened: Opened[] = [];
    for (const field of fields) {
      if (field.how === 'damaged') return failed('field-damaged');
      if (field.how === 'kept') {
        const encryption = { context: { type, path: field.path }, keyId: 'cache', algorithm: CACHE_LAYER };
        opened.push({ content: parse(field.content) as Content, path: field.path, encryption });
        continue;
      }
      if (!known || patient === null) return failed('keys-not-ready');
      const asking = { keys: known, emergency };
      const answer = await openOrAsk(field.sealed, asking, { type, patient, records, path: field.path });
      if (!answer.ok) return failed(answer.error.code);
      const { content, kid, context } = answer.value;
      const encryption = { context: { ...context }, keyId: kid, algorithm: 'RSA-OAEP-256 A256GCM' };
      opened.push({ content, path: field.path, encryption });
    }
    return { ok: true, value: opened };
  }

  async function show(asked: Asked): Promise<Result<Revealed, RevealError>> {
    const { patientId, type, id, view, subjects, read } = asked;
    const decision = await access.decide({ action: 'read', patientId, ...(subjects && { subjects }) });
    const about = { patientId, view, practitioner, server, ...decision.grounds };
    if (!decision.allowed) {
      await audit.record({ action: 'denied', attempted: 'decrypt', ...about });
      return failed(decision.reason === 'hidden' ? 'not-found' : 'not-permitted');
    }
    /** It was asked for, and there was a reason why it isn't shown. */
    const withheld = async <Code extends RevealError>(code: Code) => {
      const told = { resource: `${type}/${id}`, ...about, ...decision.basis, details: { code } };
      const recorded = await audit.record({ action: 'read', ...told });
      return failed(recorded.ok ? code : recorded.error.code);
    };
    const found = subjects ? await read() : null;
    if (!found || found.fields.length === 0) return withheld('not-found');
    const opened = await openAll(asked, found, decision.basis.emergency === true);
    if (!opened.ok) return withheld(opened.error.code);
    // Before it is shown, and each: another may have sealed it, for another purpose.
    const entries: AuditEntry[] = opened.value.map(({ encryption }) => ({
      action: 'decrypt',
      resource: `${type}/${id}`,
      ...about,
      ...decision.basis,
      encryption,
    }));
    const recorded = await audit.record(entries);
    if (!recorded.ok) return failed(recorded.error.code);
    if (!decision.holds()) return failed('not-permitted');
    return { ok: true, value: { texts: opened.value.map(({ content, path: own }) => fieldText(content, own)) } };
  }

  return {
    async revealField({ patientId, type, path, id: shownId }) {
      const id = await cache.outbox.resolveId({ type, id: shownId });
      const subject = await cache.read.subject({ type, id });
      return show({
        patientId,
        type,
        id,
        view: 'documents.revealField',
        // Another patient's record is none, whoever may read it.
        subjects: subject?.patientId === patientId ? [subject] : null,
        read: () => cache.read.field({ type, id, path, wrapping: wrapping() }),
      });
    },
    async revealConflict({ changeId, side, path }) {
      const change = await cache.outbox.get({ id: changeId });
      const subjects = change && (await cache.outbox.subjects({ id: changeId }))[changeId];
      if (!change || !subjects) return failed('not-found');
      const { patientId, resourceType: type, resourceId: id } = change;
      const read = () => cache.outbox.conflictElement({ id: changeId, side, path });
      return show({ patientId, type, id, view: 'sync.conflict', subjects, read });
    },
  };
}
