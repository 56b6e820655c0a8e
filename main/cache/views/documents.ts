import type { Unsent } from '../../../preload/contract/chart.ts';
import type { DocumentItem } from '../../../preload/contract/documents.ts';
import { encryptionOf } from '../ingest/buckets.ts';
import { digits, field, items, text } from '../json.ts';
import type { Lookup } from './medications.ts';
import { noteView } from './sections.ts';

/** A document that is a file, but for whether it can be opened. */
export interface StoredDocument extends Omit<DocumentItem, 'openability'> {
  /** The whole DocumentReference as stored where it is encrypted by us: whether it can be opened follows from it. */
  readonly encrypted: string | null;
}

/** Longer than the record of any file of ours; a text that is longer has something else in it. */
const ENCRYPTED_MAX = 1 << 18;

const KINDS: readonly DocumentItem['kind'][] = ['image', 'pdf', 'text', 'dicom', 'other'];

/** A DocumentReference as the list of files shows it. */
export function documentView(resource: unknown, body: string, lookup: Lookup, unsent: Unsent): StoredDocument {
  const attachments = items(resource, 'content').map((content) => field(content, 'attachment'));
  const ours = attachments.find((one) => encryptionOf(one) !== undefined);
  const attachment = ours ?? attachments[0];
  return {
    ...noteView(resource, lookup, unsent),
    kind: ours ? kindWithin(ours) : kindOf(text(attachment, 'contentType')),
    size: sizeOf(attachment),
    encrypted: ours && body.length <= ENCRYPTED_MAX ? body : null,
  };
}

/** What our extension says of the file that is encrypted. */
function kindWithin(attachment: unknown): DocumentItem['kind'] {
  const part = items(encryptionOf(attachment), 'extension').find((one) => field(one, 'url') === 'contentType');
  const said = text(part, 'valueCode') ?? text(part, 'valueString');
  return KINDS.find((kind) => kind === said) ?? null;
}

function kindOf(contentType: string | undefined): DocumentItem['kind'] {
  const type = contentType?.toLowerCase();
  if (!type) return null;
  if (type === 'application/pdf' || type === 'application/dicom') return type === 'application/pdf' ? 'pdf' : 'dicom';
  return type.startsWith('image/') ? 'image' : 'other';
}

function sizeOf(attachment: unknown): number | null {
  const size = Number(digits(attachment, 'size') ?? Number.NaN);
  return Number.isSafeInteger(size) && size >= 0 ? size : null;
}
