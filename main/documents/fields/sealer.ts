import type { Result } from '../../../preload/contract/channel.ts';
import type { Encryption } from '../../audit/events/entry.ts';
import type { Written } from '../../writing/resource.ts';
import type { DocumentKeys } from '../keys/keys.ts';
import type { FieldContext } from './context.ts';
import type { Mark } from './elements.ts';

/** What stands for a value of a field in the names that are hashed. */
export function valueName(type: string, path: string, value: string): string {
  return JSON.stringify([type, path, value]);
}

/** Keys of the workstation, as far as fields need them. */
export type FieldKeys = Pick<DocumentKeys, 'recipientsFor' | 'pseudonym'>;

export interface SealerOptions {
  readonly fields: readonly Mark[];
  /** Null where the organisation has set nothing up. */
  readonly keys: () => FieldKeys | null;
  /** `Practitioner/<id>`. */
  readonly practitioner: string;
  /** Version of the access policy in force. */
  readonly policy: string;
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

export function createSealer({ fields, keys, practitioner, policy }: SealerOptions): Sealer {
  return {
    async seal(written, about) {
      const { type, patientId } = about;
      const ofType = fields.filter((field) => field.type === type);
      if (ofType.length === 0) return { ok: true, value: written };
      const known = keys();
      const context = known && (await contextOf(known, about, practitioner, policy));
      if (!known || !context) return refused;
      const recipients = await known.recipientsFor(patientId);
      if (!recipients.ok) return refused;
      const blind = (path: string, value: string) => named(known, 'value', valueName(type, path, value));
      const sealing = { fields: ofType, recipients: recipients.value, context, blind };
      // With the library, which nobody needs before.
      const { sealFields } = await import('./seal.ts');
      const sealed = await sealFields(written.body, sealing);
      if (!sealed.ok) return refused;
      if (sealed.value === written.body) return { ok: true, value: written };
      const keyId = recipients.value.flatMap((one) => (one.kind === 'rsa' ? [one.thumbprint] : [])).join(' ');
      const encryption = { context: { ...context }, keyId, algorithm: 'RSA-OAEP-256 A256GCM' };
      return { ok: true, value: { body: sealed.value, title: titleOf(written, sealed.value), encryption } };
    },
  };
}

async function contextOf(
  keys: FieldKeys,
  { type, id, patientId, purpose, role, now }: About,
  practitioner: string,
  policy: string,
): Promise<FieldContext | null> {
  const record = await named(keys, 'record', `${type}/${id}`);
  const patient = await named(keys, 'patient', `Patient/${patientId}`);
  const author = await named(keys, 'author', practitioner);
  if (record === null || patient === null || author === null) return null;
  return { v: '1', type, record, patient, author, role, purpose, policy, created: new Date(now).toISOString() };
}

/** HMAC of a name under the organisation's context key; null while that key isn't here. */
export async function named(
  keys: Pick<FieldKeys, 'pseudonym'>,
  field: 'record' | 'patient' | 'author' | 'value',
  name: string,
): Promise<string | null> {
  const pseudonym = await keys.pseudonym(field, name);
  return pseudonym.ok ? pseudonym.value : null;
}

/** The title stands beside the record, and is made of its elements: one that isn't left in it tells what is sealed. */
function titleOf({ title }: Written, sealed: string): string {
  return sealed.includes(JSON.stringify(title).slice(1, -1)) ? title : SEALED_TITLE;
}
