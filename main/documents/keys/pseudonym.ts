import { createHmac } from 'node:crypto';

/** What names somebody or something in the context of a file or a field (`record`, `value`), and so is kept as HMAC. */
export type NamedField = 'document' | 'patient' | 'author' | 'resource' | 'record' | 'value';

/**
 * A value as it stands in the context, where everybody can read it. The field is hashed too, so that a patient who is a
 * practitioner isn't seen to be the same.
 */
export function pseudonymOf(contextKey: Uint8Array, field: NamedField, value: string): string {
  return createHmac('sha256', contextKey).update(`${field}:${value}`).digest('base64url');
}
