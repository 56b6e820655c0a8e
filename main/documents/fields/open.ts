import type { JWK } from 'jose';
import { parse, stringify } from 'lossless-json';
import type { Answer } from '../types.ts';
import type { ExpectedField, SealedContext } from './context.ts';
import { type Content, contentOf, isObject, type JsonObject, maskedBy, placesMasked, put, SEALED } from './elements.ts';
import { type FieldError, type OpenedText, openText } from './jwe.ts';
import { narrativeIn, putNarrative, unlabelMasked } from './whole.ts';

export type OpenFieldsError = FieldError | 'record-unreadable';

export interface OpenedField {
  readonly content: Content;
  /** Thumbprint of the key that has opened it. */
  readonly kid: string;
  readonly context: SealedContext;
}

/** Opens what an extension carries: base64 of a JWE. */
async function openField(
  carried: string,
  keys: readonly JWK[],
  expected: ExpectedField & { readonly path: string },
): Promise<Answer<OpenedField, FieldError>> {
  return fieldOf(await openText(Buffer.from(carried, 'base64').toString(), keys, expected));
}

/** The element that a JWE holds. */
export function fieldOf(opened: Answer<OpenedText, FieldError>): Answer<OpenedField, FieldError> {
  if (!opened.ok) return opened;
  const { text, kid, context } = opened.value;
  // Authenticated: a recipient's public key is no secret, so that others than we may have written it.
  const content = read(text);
  if (!isObject(content)) return { ok: false, error: { code: 'field-damaged' } };
  return { ok: true, value: { content, kid, context } };
}

function read(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return null;
  }
}

/**
 * The text of a resource as it was before `sealFields`, to the digit; all of it or nothing. A field that belongs to
 * another record, patient or element is refused by its code, with the names of what differs.
 */
export async function openFields(
  text: string,
  keys: readonly JWK[],
  expected: Omit<ExpectedField, 'type'>,
): Promise<Answer<string, OpenFieldsError>> {
  const resource = read(text);
  if (!isObject(resource)) return { ok: false, error: { code: 'record-unreadable' } };
  const type = String(resource['resourceType']);
  let places = placesMasked(resource, SEALED);
  const narrative = narrativeIn(resource, SEALED);
  if (places.length === 0 && narrative === undefined) return { ok: true, value: text };
  // Within what was opened there may be what was sealed before it.
  for (; places.length > 0; places = placesMasked(resource, SEALED)) {
    for (const place of places) {
      const carried = maskedBy(contentOf(place), SEALED) ?? '';
      const opened = await openField(carried, keys, { ...expected, type, path: place.path });
      if (!opened.ok) return opened;
      put(place, opened.value.content);
    }
  }
  const whole = await openNarrative(resource, narrative, keys, { ...expected, type, path: 'text' });
  if (!whole.ok) return whole;
  unlabelMasked(resource);
  return { ok: true, value: stringify(resource) ?? '' };
}

async function openNarrative(
  resource: JsonObject,
  carried: string | undefined,
  keys: readonly JWK[],
  expected: ExpectedField & { readonly path: string },
): Promise<Answer<null, FieldError>> {
  if (carried === undefined) return { ok: true, value: null };
  const opened = await openField(carried, keys, expected);
  if (!opened.ok) return opened;
  putNarrative(resource, SEALED, opened.value.content.value);
  return { ok: true, value: null };
}
