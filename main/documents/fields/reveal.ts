import { parse } from 'lossless-json';
import type { AuditError } from '../../../preload/contract/audit.ts';
import type { Result } from '../../../preload/contract/channel.ts';
import type { Access } from '../../access/access.ts';
import type { Audit } from '../../audit/audit.ts';
import type { AuditEntry, Encryption } from '../../audit/events/entry.ts';
import type { Cache } from '../../cache/client.ts';
import type { FieldRead } from '../../cache/operations.ts';
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
    readonly outbox: Pick<Cache['outbox'], 'resolveId'>;
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
    { patientId, type, path }: RevealRequest,
    id: string,
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
        const encryption = { context: { type, path }, keyId: 'cache', algorithm: CACHE_LAYER };
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

  return {
    async revealField(request) {
      const { patientId, type, path } = request;
      const id = await cache.outbox.resolveId({ type, id: request.id });
      const subject = await cache.read.subject({ type, id });
      // Another patient's record is none, whoever may read it.
      const isThere = subject !== null && subject.patientId === patientId;
      const decision = await access.decide({ action: 'read', patientId, ...(isThere && { subjects: [subject] }) });
      const about = { patientId, view: 'documents.revealField', practitioner, server, ...decision.grounds };
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
      const found = isThere ? await cache.read.field({ type, id, path, wrapping: wrapping() }) : null;
      if (!found || found.fields.length === 0) return withheld('not-found');
      const opened = await openAll(request, id, found, decision.basis.emergency === true);
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
    },
  };
}
