import type { Result } from '../../../preload/contract/channel.ts';
import type { Encryption } from '../../audit/events/entry.ts';
import type { Written } from '../../writing/resource.ts';
import type { Recipient } from '../types.ts';
import type { FieldContext } from './context.ts';
import type { Mark } from './elements.ts';
import { sealFields } from './seal.ts';

/** What stands for a value of a field in the names that are hashed. */
export function valueName(type: string, path: string, value: string): string {
  return JSON.stringify([type, path, value]);
}

/** HMAC of a name under the organisation's context key, its kind put before it; null while that key isn't here. */
export type Pseudonym = (kind: 'record' | 'patient' | 'author' | 'field', name: string) => string | null;

export interface SealerOptions {
  readonly fields: readonly Mark[];
  /** For whom fields are sealed. */
  readonly recipients: () => Promise<readonly Recipient[]>;
  readonly pseudonym: Pseudonym;
  /** `Practitioner/<id>`. */
  readonly practitioner: string;
  /** Version of the access policy in force. */
  readonly policy: () => string;
}

export interface SealedWriting extends Written {
  /** What was sealed is bound to, for the record of access; absent where nothing was. */
  readonly encryption?: Encryption;
}

export interface Sealer {
  /**
   * Seals what policy marks in a record before it is kept. Without the keys it answers `fields-not-sealed`, and nothing
   * may be kept.
   */
  seal(written: Written, about: About): Promise<Result<SealedWriting, 'fields-not-sealed'>>;
}

export interface About {
  readonly type: string;
  readonly id: string;
  readonly patientId: string;
  readonly purpose: string;
  /** Of who writes, a code. */
  readonly role: string;
  /** Workstation time in milliseconds. */
  readonly now: number;
}

/** In the place of a title that tells what is sealed. */
const SEALED_TITLE = 'Encrypted record';
const refused = { ok: false, error: { code: 'fields-not-sealed' } } as const;

export function createSealer(options: SealerOptions): Sealer {
  const { fields, recipients, pseudonym, practitioner, policy } = options;

  function contextOf({ type, id, patientId, purpose, role, now }: About): FieldContext | null {
    const record = pseudonym('record', `${type}/${id}`);
    const patient = pseudonym('patient', `Patient/${patientId}`);
    const author = pseudonym('author', practitioner);
    if (record === null || patient === null || author === null) return null;
    const created = new Date(now).toISOString();
    return { v: '1', type, record, patient, author, role, purpose, policy: policy(), created };
  }

  return {
    async seal(written, about) {
      const ofType = fields.filter(({ type }) => type === about.type);
      if (ofType.length === 0) return { ok: true, value: written };
      const context = contextOf(about);
      if (!context) return refused;
      const all = await recipients();
      const blind = (path: string, value: string) => pseudonym('field', valueName(about.type, path, value));
      const sealed = await sealFields(written.body, { fields: ofType, recipients: all, context, blind });
      if (!sealed.ok) return refused;
      if (sealed.value === written.body) return { ok: true, value: written };
      const keyId = all.flatMap((one) => (one.kind === 'rsa' ? [one.thumbprint] : [])).join(' ');
      const encryption = { context: { ...context }, keyId, algorithm: 'RSA-OAEP-256 A256GCM' };
      return { ok: true, value: { body: sealed.value, title: titleOf(written, sealed.value), encryption } };
    },
  };
}

/** The title stands beside the record, and is made of its elements: one that isn't left in it tells what is sealed. */
function titleOf({ title }: Written, sealed: string): string {
  return sealed.includes(JSON.stringify(title).slice(1, -1)) ? title : SEALED_TITLE;
}
