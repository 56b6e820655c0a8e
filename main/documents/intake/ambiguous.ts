import { fileTypeFromBuffer } from 'file-type';
import type { Inspected } from '../types.ts';
import { DICOM_PREAMBLE } from './kind.ts';
import type { Source } from './source.ts';
import { createStrip } from './strip/strip.ts';
import { createTextCheck } from './text.ts';
import { zipEndOf } from './zip.ts';

/** Where readers of PDF still look for its beginning. */
const PDF_REACH = 1_024;
/** What browsers and servers run, wherever near the beginning it stands. */
const ACTIVE = /<(?:script|html|svg|iframe|\?php|!doctype\s+html)|javascript:/i;

/** Whether a file is another kind of file too, or not to its end what it begins as. */
export async function isAmbiguous(source: Source, head: Buffer, { contentType, kind }: Inspected): Promise<boolean> {
  const begin = head.toString('latin1', 0, PDF_REACH);
  if (contentType !== 'application/pdf' && begin.includes('%PDF-')) return true;
  if (kind !== 'text' && kind !== 'other' && ACTIVE.test(begin)) return true;
  if (kind !== 'other' && (await zipEndOf(source))) return true;
  if (kind === 'dicom') return hidesInPreamble(head.subarray(0, DICOM_PREAMBLE));
  if (kind === 'image') return !(await holdsTogether(source, contentType));
  return kind === 'text' && !(await isTextThroughout(source));
}

/** The preamble of DICOM may be that of a TIFF of the same picture; programs and archives have been put there. */
async function hidesInPreamble(preamble: Buffer): Promise<boolean> {
  if (preamble.every((byte) => byte === 0)) return false;
  const found = await fileTypeFromBuffer(preamble).catch(() => undefined);
  const start = preamble.toString('latin1', 0, 4);
  return (found !== undefined && found.mime !== 'image/tiff') || /^(?:MZ|#!|<|%!|PK)/.test(start);
}

/** The picture can be gone through to its end. */
async function holdsTogether(source: Source, contentType: string): Promise<boolean> {
  const strip = createStrip(contentType);
  if (!strip) return true;
  try {
    for await (const _ of source.stream().pipe(strip));
    return true;
  } catch {
    return false;
  }
}

async function isTextThroughout(source: Source): Promise<boolean> {
  const isText = createTextCheck();
  for await (const chunk of source.stream()) {
    if (!isText(chunk as Buffer)) return false;
  }
  return isText(Buffer.alloc(0), false);
}
