import type { Openability } from '../../preload/contract/documents.ts';
import type { AttachedFile } from '../writing/envelope.ts';
import { parseHeader } from './format/header.ts';
import { PROVIDER, SUITE_SIGNED } from './format/limits.ts';

/** A document as its DocumentReference tells of it: nothing of it is believed before the message itself was verified. */
export interface ReadDocument extends AttachedFile {
  /** Thumbprints of the keys for which it is encrypted. */
  readonly recipients: readonly string[];
  /** The suite, such as `0x0478`. */
  readonly algorithm: string;
}

/** Makes what reads of a DocumentReference how its file is encrypted; it answers null where that can't be used. */
export function createReadDocument(
  readAttached: (text: string) => AttachedFile | null,
): (text: string) => ReadDocument | null {
  return (text) => {
    const file = readAttached(text);
    const header = file && parseHeader(Buffer.from(file.envelope.header, 'base64'));
    if (!file || !header?.ok) return null;
    const { suite, keys } = header.value;
    return {
      ...file,
      recipients: keys.filter(({ provider }) => provider === PROVIDER).map(({ info }) => info),
      algorithm: suite === SUITE_SIGNED ? '0x0578' : '0x0478',
    };
  };
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
