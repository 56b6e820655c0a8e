import { no } from '../errors.ts';
import type { DocumentKeys } from '../keys/keys.ts';
import type { ServiceError } from '../keys/service.ts';
import type { KeysProblem } from '../keys/types.ts';
import type { Answer } from '../types.ts';
import type { ExpectedField } from './context.ts';
import type { FieldError } from './jwe.ts';
import { fieldOf, type OpenedField } from './open.ts';

/** Why a field doesn't open. Nobody stops it, so that `cancelled` is none of them. */
export type AskingError = FieldError | KeysProblem | Exclude<ServiceError, 'cancelled'>;

export interface Asking {
  readonly keys: Pick<DocumentKeys, 'rewrapField' | 'openField'>;
  /** The clinician has declared one. */
  readonly emergency: boolean;
}

/**
 * Opens a field by a key of this device, or else by what the organisation's key service wraps for it. The service is
 * asked only for a field that belongs where it stands.
 */
export async function openOrAsk(
  carried: string,
  { keys, emergency }: Asking,
  expected: ExpectedField & { readonly path: string },
): Promise<Answer<OpenedField, AskingError>> {
  const jwe = Buffer.from(carried, 'base64').toString();
  const own = fieldOf(await keys.openField(jwe, expected));
  if (own.ok || own.error.code !== 'field-not-recipient') return own;
  const granted = await keys.rewrapField(jwe, { emergency });
  if (!granted.ok) return no(granted.error.code === 'cancelled' ? 'key-service-unreachable' : granted.error.code);
  const opened = fieldOf(await keys.openField(jwe, expected, [granted.value]));
  // The service has opened the same field: what it wrapped is another key, and the field isn't to blame.
  return opened.ok || opened.error.code !== 'field-damaged' ? opened : no('key-service-answer-invalid');
}
