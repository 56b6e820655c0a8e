import type { PermittedAttachment } from '../access/files.ts';
import type { DocumentKeys } from './keys/keys.ts';
import type { KeysProblem } from './keys/types.ts';
import type { Answer, EncryptionContext, FileKind } from './types.ts';

type Named = Pick<EncryptionContext, 'document' | 'patient' | 'author' | 'resource'>;

/** Whom and what a document is of, as its DocumentReference tells it. */
export interface Bound {
  /** The id that it was given where it was made: its identifier, since a server gives it another id. */
  readonly documentId: string;
  readonly patientId: string;
  /** `Practitioner/<id>`. */
  readonly author: string;
  readonly kind: FileKind;
}

/** The part of the context by which a ciphertext is known to belong to one record of one patient. */
export async function namesOf(
  keys: Pick<DocumentKeys, 'pseudonym'>,
  { documentId, patientId, author, kind }: Bound,
): Promise<Answer<Named, KeysProblem>> {
  const document = await keys.pseudonym('document', documentId);
  const patient = await keys.pseudonym('patient', `Patient/${patientId}`);
  const by = await keys.pseudonym('author', author);
  const resource = await keys.pseudonym('resource', `DocumentReference ${documentId} ${kind}`);
  if (!document.ok) return document;
  if (!patient.ok) return patient;
  if (!by.ok) return by;
  if (!resource.ok) return resource;
  return {
    ok: true,
    value: { document: document.value, patient: patient.value, author: by.value, resource: resource.value },
  };
}

/** What a new ciphertext is bound to. */
export async function contextOf(
  keys: Pick<DocumentKeys, 'pseudonym'>,
  {
    writing,
    role,
    purpose,
    kind,
    policy,
  }: Pick<PermittedAttachment, 'writing' | 'role' | 'purpose'> & {
    readonly kind: FileKind;
    /** Version of the access policy in force. */
    readonly policy: string;
  },
): Promise<Answer<EncryptionContext, KeysProblem>> {
  const { id: documentId, patientId, practitioner: author } = writing;
  const names = await namesOf(keys, { documentId, patientId, author, kind });
  if (!names.ok) return names;
  const created = new Date(writing.now).toISOString();
  return { ok: true, value: { v: '1', ...names.value, role, purpose, policy, created } };
}
