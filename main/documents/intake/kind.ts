import { fileTypeFromBuffer } from 'file-type';
import type { FileKind, Inspected } from '../types.ts';
import { looksLikeText, textTypeOf } from './text.ts';

/** How many first bytes say what something is. */
export const SNIFFED = 4_100;

/** Where DICOM says that it is DICOM (PS3.10, 7.1). */
export const DICOM_PREAMBLE = 128;

export const UNKNOWN = 'application/octet-stream';

/**
 * Kinds by content type: pictures are those that can be shown and from which place and time can be taken. HEIC and TIFF
 * are none, as neither can be done; nor is SVG, which is a program as much as a picture.
 */
const kinds: ReadonlyMap<string, FileKind> = new Map(
  Object.entries({
    'image/png': 'image',
    'image/jpeg': 'image',
    'image/gif': 'image',
    'image/webp': 'image',
    'image/bmp': 'image',
    'application/pdf': 'pdf',
    'application/dicom': 'dicom',
    'text/plain': 'text',
  } as const),
);

/** What something is by its first bytes, never by a name. */
export async function kindOf(firstBytes: Uint8Array): Promise<Inspected> {
  const contentType = await contentTypeOf(Buffer.from(firstBytes.subarray(0, SNIFFED)));
  return { contentType, kind: kinds.get(contentType) ?? 'other' };
}

/** What a file has to begin with so that its kind is certain comes before what other people's tables say. */
async function contentTypeOf(head: Buffer): Promise<string> {
  const known = signatureOf(head);
  if (known) return known;
  if (looksLikeText(head)) return textTypeOf(head);
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  // What the table takes for one of our kinds by other bytes than ours isn't one.
  return found && !kinds.has(found.mime) ? found.mime : UNKNOWN;
}

function signatureOf(head: Buffer): string | null {
  const latin = head.toString('latin1', 0, DICOM_PREAMBLE + 4);
  if (latin.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  // 0xf7 is JPEG-LS.
  if (latin.startsWith('\xff\xd8\xff') && head[3] !== 0xf7) return 'image/jpeg';
  if (/^GIF8[79]a/.test(latin)) return 'image/gif';
  if (latin.startsWith('RIFF') && latin.startsWith('WEBP', 8)) return 'image/webp';
  if (isBitmap(head)) return 'image/bmp';
  if (latin.startsWith('%PDF-')) return 'application/pdf';
  return latin.startsWith('DICM', DICOM_PREAMBLE) ? 'application/dicom' : null;
}

const BITMAP_HEADERS = [12, 40, 52, 56, 64, 108, 124];

/** Two letters are too few: the size of the header behind them has to be one of the known. */
function isBitmap(head: Buffer): boolean {
  if (head.length < 18 || head.toString('latin1', 0, 2) !== 'BM') return false;
  return head.readUInt32LE(6) === 0 && BITMAP_HEADERS.includes(head.readUInt32LE(14));
}
