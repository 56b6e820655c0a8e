import type { Openability } from '../../preload/contract/documents.ts';
import { type EncryptedFile, readEnvelope } from '../writing/envelope.ts';
import { listOf, objectOf, parseResource, textOf } from '../writing/resource.ts';
import { parseHeader } from './format/header.ts';
import { PROVIDER, SUITE_SIGNED } from './format/limits.ts';

/** A document as its DocumentReference tells of it: nothing of it is believed before the message itself was verified. */
export interface ReadDocument extends EncryptedFile {
  /** The id that it was given where it was made; a server gives it another one. */
  readonly localId: string;
  /** `Practitioner/<id>`. */
  readonly author: string;
  /** Thumbprints of the keys for which it is encrypted. */
  readonly recipients: readonly string[];
  /** The suite, such as `0x0478`. */
  readonly algorithm: string;
}

/** What a DocumentReference says of its file and of how that is encrypted; null where it can't be used. */
export function readDocument(text: string): ReadDocument | null {
  const file = readEnvelope(text);
  if (!file) return null;
  const header = parseHeader(Buffer.from(file.envelope.header, 'base64'));
  const resource = parseResource(text);
  const localId = localIdOf(resource['identifier'], textOf(resource['id']));
  const author = textOf(objectOf(listOf(resource['author'])[0])['reference']);
  if (!header.ok || localId === null || author === undefined) return null;
  const { suite, keys } = header.value;
  return {
    ...file,
    localId,
    author: author.replace(/\/_history\/[^/]+$/, '').replace(/^.*\/(Practitioner\/[^/]+)$/, '$1'),
    recipients: keys.filter(({ provider }) => provider === PROVIDER).map(({ info }) => info),
    algorithm: suite === SUITE_SIGNED ? '0x0578' : '0x0478',
  };
}

const UUID_SYSTEM = 'urn:ietf:rfc:3986';

/** By the identifier that each create carries; what was never sent has its id only. */
function localIdOf(identifiers: unknown, id: string | undefined): string | null {
  const uuid = listOf(identifiers)
    .filter(({ system }) => system === UUID_SYSTEM)
    .flatMap(({ value }) => /^urn:uuid:([0-9a-f-]{36})$/.exec(textOf(value) ?? '')?.[1] ?? []);
  return uuid[0] ?? id ?? null;
}

export interface OpenabilityFacts {
  /** Thumbprints of this device's keys. */
  readonly own: ReadonlySet<string>;
  readonly online: boolean;
  /** Its ciphertext is on this workstation. */
  readonly here: boolean;
}

/** Whether a document can be opened, as far as that is known before it is tried. */
export function openabilityOf(
  document: Pick<ReadDocument, 'recipients'>,
  { own, online, here }: OpenabilityFacts,
): Extract<Openability, 'openable' | 'ask' | 'ask-offline' | 'not-downloaded'> {
  const isOwn = document.recipients.some((one) => own.has(one));
  if (!isOwn) return online ? 'ask' : 'ask-offline';
  return here || online ? 'openable' : 'not-downloaded';
}
