import { createHmac } from 'node:crypto';
import type { EncryptionContext } from '../types.ts';

/** Fields of the context that name somebody or something, and so are kept as HMACs. */
export type NamedField = 'document' | 'patient' | 'author' | 'resource';

/**
 * A value as it stands in the context, where everybody can read it. The field is hashed too, so that a patient who is a
 * practitioner isn't seen to be the same.
 */
export function pseudonymOf(contextKey: Uint8Array, field: NamedField, value: string): EncryptionContext[NamedField] {
  return createHmac('sha256', contextKey).update(`${field}:${value}`).digest('base64url');
}
