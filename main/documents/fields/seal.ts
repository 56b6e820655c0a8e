import { parse, stringify } from 'lossless-json';
import type { Answer, Recipient } from '../types.ts';
import type { FieldContext } from './context.ts';
import {
  type Content,
  contentOf,
  type JsonObject,
  type Mark,
  marksOf,
  mask,
  maskedBy,
  newestOf,
  type Place,
  placesAt,
  SEALED,
} from './elements.ts';
import { type SealError, type SealingKey, sealingKeys, sealText } from './jwe.ts';
import { dropNarrative, labelMasked, maskNarrative } from './whole.ts';

export interface Sealing {
  readonly fields: readonly Mark[];
  readonly recipients: readonly Recipient[];
  readonly context: FieldContext;
  /** Keyed hash by which a value is found, of those fields of which policy allows it. */
  readonly blind?: (path: string, value: string) => Promise<string | null>;
}

/**
 * The text of a resource with its marked elements as JWE, which any server stores and any client shows as masked. What is
 * sealed already stays as it is; a text without marked elements comes back the same.
 */
export async function sealFields(text: string, sealing: Sealing): Promise<Answer<string, SealError>> {
  const resource = parse(text) as JsonObject;
  const marks = marksOf(sealing.fields, resource);
  const places = marks.flatMap(({ path }) => placesAt(resource, path).filter(isOpen));
  if (places.length === 0) return { ok: true, value: text };
  const keys = await sealingKeys(sealing.recipients);
  if (!keys.ok) return keys;
  // Marks may name an element twice, or one within another: looked for anew for each.
  for (const { path, blindIndex } of marks) {
    for (const place of placesAt(resource, path).filter(isOpen)) {
      const content = newestOf(contentOf(place));
      const isFound = blindIndex && typeof content.value === 'string';
      const hash = isFound ? ((await sealing.blind?.(path, String(content.value))) ?? null) : null;
      mask(place, SEALED, await carried(content, place.path, sealing.context, keys.value), hash);
    }
  }
  // What an older one said may be another thing than the record says now.
  dropNarrative(resource, SEALED);
  const narrative = resource['text'];
  if (narrative !== undefined) {
    maskNarrative(resource, SEALED, await carried({ value: narrative }, 'text', sealing.context, keys.value));
  }
  labelMasked(resource);
  return { ok: true, value: stringify(resource) ?? '' };
}

function isOpen(place: Place): boolean {
  return maskedBy(contentOf(place), SEALED) === undefined;
}

async function carried(
  content: Content,
  path: string,
  context: FieldContext,
  keys: readonly SealingKey[],
): Promise<string> {
  const jwe = await sealText(stringify(content) ?? '', { ...context, path }, keys);
  return Buffer.from(jwe).toString('base64');
}
