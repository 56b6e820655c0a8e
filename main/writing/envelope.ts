import { LosslessNumber } from 'lossless-json';
import type { EncryptionContext, Envelope, FileKind } from '../documents/types.ts';
import { type JsonObject, listOf, objectOf, parseResource, printResource, textOf } from './resource.ts';

/*
 * What a DocumentReference says of how its file is encrypted: an extension of the attachment. It comes back from the
 * server, so that nothing of it is believed before the message itself was verified; here it only has to be of the right
 * shape.
 */

/** Content type of a ciphertext. */
export const ENCRYPTED = 'application/vnd.wardlight.encrypted';
const EXTENSION = 'https://wardlight.org/fhir/StructureDefinition/encryption';
const FORMAT = 'aws-encryption-sdk-2';

const KINDS: readonly FileKind[] = ['image', 'pdf', 'text', 'dicom', 'other'];
const CONTEXT: readonly (keyof EncryptionContext)[] = [
  'author',
  'created',
  'document',
  'patient',
  'policy',
  'purpose',
  'resource',
  'role',
  'v',
];

export type EnvelopeParts = Omit<Envelope, 'format'> & { readonly context: EncryptionContext };

/** A file as its record tells of it. */
export interface EncryptedFile {
  readonly envelope: Envelope;
  readonly context: EncryptionContext;
  /** `Binary/<id>` or the address of a tus upload; null as long as it isn't stored. */
  readonly url: string | null;
}

/** The file with what it is bound to. */
export interface AttachedFile extends EncryptedFile {
  /** The id that its record was given where it was made; a server gives it another one. */
  readonly localId: string;
  /** `Practitioner/<id>`. */
  readonly author: string;
}

const HEADER_MAX = 1024 * 1024;
const TEXT_MAX = 1_000;

export function envelopeExtension({ size, sha256, header, headerLength, kind, context }: EnvelopeParts): JsonObject {
  const sorted = Object.fromEntries(CONTEXT.map((name) => [name, context[name]]));
  return {
    url: EXTENSION,
    extension: [
      { url: 'format', valueCode: FORMAT },
      { url: 'size', valueDecimal: number(size) },
      { url: 'sha256', valueBase64Binary: sha256 },
      { url: 'header', valueBase64Binary: header },
      { url: 'headerLength', valueUnsignedInt: number(headerLength) },
      { url: 'contentType', valueCode: kind },
      { url: 'context', valueString: JSON.stringify(sorted) },
    ],
  };
}

/** True where a record says that its file is encrypted by Wardlight, whether or not that can be used. */
export function claimsEncryption(text: string): boolean {
  return listOf(parseResource(text)['content'])
    .map(({ attachment }) => objectOf(attachment))
    .some((one) => one['contentType'] === ENCRYPTED || extensionsOf(one).length > 0);
}

/** The file of a record; null where what it says can't be used. */
export function readEnvelope(text: string): EncryptedFile | null {
  const [content, another] = listOf(parseResource(text)['content']);
  const attachment = objectOf(content?.['attachment']);
  const [extension, second] = extensionsOf(attachment);
  if (another || second || !extension || attachment['contentType'] !== ENCRYPTED) return null;
  const parts = partsOf(extension);
  const envelope = parts && envelopeOf(parts, attachment);
  const context = parts && contextOf(parts['context']);
  const url = attachment['url'] ?? null;
  if (!envelope || !context || !(url === null || isText(url))) return null;
  return { envelope, context, url };
}

/** The file of a record, with the record's own id and author; null where what it says can't be used. */
export function readAttached(text: string): AttachedFile | null {
  const file = readEnvelope(text);
  const resource = parseResource(text);
  const localId = localIdOf(resource);
  const author = /(?:^|\/)(Practitioner\/[^/]+)(?:\/_history\/[^/]+)?$/.exec(
    textOf(listOf(resource['author'])[0]?.['reference']) ?? '',
  )?.[1];
  return file && localId !== undefined && author !== undefined ? { ...file, localId, author } : null;
}

const UUID_SYSTEM = 'urn:ietf:rfc:3986';

/** By the identifier that each create carries; what was never sent may have its id only. */
function localIdOf(resource: JsonObject): string | undefined {
  const [uuid] = listOf(resource['identifier'])
    .filter(({ system }) => system === UUID_SYSTEM)
    .flatMap(({ value }) => /^urn:uuid:([0-9a-f-]{36})$/.exec(textOf(value) ?? '')?.[1] ?? []);
  return uuid ?? textOf(resource['id']);
}

/** The record with another header of the same file: the data key is wrapped anew, and the file stays as it is. */
export function rewrapped(text: string, header: string): string | null {
  if (!readEnvelope(text)) return null;
  const resource = parseResource(text);
  const [content] = listOf(resource['content']);
  const attachment = objectOf(content?.['attachment']);
  const changed = listOf(attachment['extension']).map((one) =>
    one['url'] === EXTENSION ? { ...one, extension: listOf(one['extension']).map(withHeader) } : one,
  );
  const withHeaders = { ...content, attachment: { ...attachment, extension: changed } };
  return printResource({ ...resource, content: [withHeaders] });

  function withHeader(part: JsonObject): JsonObject {
    return part['url'] === 'header' ? { ...part, valueBase64Binary: header } : part;
  }
}

function extensionsOf(attachment: JsonObject): JsonObject[] {
  return listOf(attachment['extension']).filter(({ url }) => url === EXTENSION);
}

const VALUES: Readonly<Record<string, string>> = {
  format: 'valueCode',
  size: 'valueDecimal',
  sha256: 'valueBase64Binary',
  header: 'valueBase64Binary',
  headerLength: 'valueUnsignedInt',
  contentType: 'valueCode',
  context: 'valueString',
};

/** Each part once, with a value of its type; null where one is missing or there twice. */
function partsOf(extension: JsonObject): Record<string, unknown> | null {
  const all = listOf(extension['extension']);
  const parts: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(VALUES)) {
    const [part, second] = all.filter(({ url }) => url === name);
    if (!part || second || part[value] === undefined) return null;
    parts[name] = part[value];
  }
  return parts;
}

function envelopeOf(parts: Record<string, unknown>, attachment: JsonObject): Envelope | null {
  const { format, sha256, header } = parts;
  const [size, headerLength] = [wholeOf(parts['size']), wholeOf(parts['headerLength'])];
  const kind = KINDS.find((one) => one === parts['contentType']);
  if (format !== FORMAT || !kind || !size || !headerLength || headerLength >= size) return null;
  const told = attachment['size'] === undefined ? size : wholeOf(attachment['size']);
  if (told !== size || headerLength > HEADER_MAX) return null;
  if (!isBase64(sha256) || Buffer.from(sha256, 'base64').length !== 32) return null;
  if (!isBase64(header) || header.length > (HEADER_MAX / 3) * 4) return null;
  return { format: FORMAT, size, sha256, header, headerLength, kind };
}

function contextOf(part: unknown): EncryptionContext | null {
  const given = typeof part === 'string' ? objectFrom(part) : null;
  if (!given || Object.keys(given).length !== CONTEXT.length || given['v'] !== '1') return null;
  return CONTEXT.every((name) => isText(given[name])) ? (given as unknown as EncryptionContext) : null;
}

function objectFrom(text: string): JsonObject | null {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return null;
  }
}

function number(value: number): LosslessNumber {
  return new LosslessNumber(String(value));
}

/** A whole number above 0, however it was written; null for anything else. */
function wholeOf(value: unknown): number | null {
  const whole = value instanceof LosslessNumber ? Number(value.value) : Number.NaN;
  return Number.isSafeInteger(whole) && whole > 0 ? whole : null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= TEXT_MAX;
}

/** In its one form (RFC 4648, section 3.5): what decodes alike must read alike. */
function isBase64(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && Buffer.from(value, 'base64').toString('base64') === value;
}
