import type { Bytes, Excess, ExcessLimits, Inspected } from '../../types.ts';
import { archiveBursts } from './archives.ts';
import { createReader, Endless, type ReadBytes } from './bytes.ts';
import { declaredDicom } from './dicom.ts';
import { pdfBursts } from './pdf.ts';
import { declaredPixels } from './pictures.ts';
import { pngBursts } from './png.ts';

/**
 * What of a file is more than anybody should have to unpack or to draw; null where nothing is. It goes by what the file
 * declares, and unpacks without keeping, so that looking takes no more memory than an honest file does.
 */
export async function excessOf(source: Bytes, inspected: Inspected, limits: ExcessLimits): Promise<Excess | null> {
  try {
    return await find(source, createReader(source), inspected, limits);
  } catch (error) {
    if (error instanceof Endless) return 'bomb';
    throw error;
  }
}

async function find(source: Bytes, read: ReadBytes, { kind, contentType }: Inspected, limits: ExcessLimits) {
  if (kind === 'dicom') return dicomExcess(source, read, limits);
  if (kind === 'pdf') return (await pdfBursts(source, limits.maxPixels)) ? 'bomb' : null;
  if (((await declaredPixels(contentType, read)) ?? 0) > limits.maxPixels) return 'too-many-pixels';
  if (contentType === 'image/png') return (await pngBursts(source, read)) ? 'bomb' : null;
  return kind === 'other' && (await archiveBursts(source, limits.maxBytes)) ? 'bomb' : null;
}

/** Pictures of DICOM are drawn one at a time, and each is in the file: more than fit into it are a lie. */
async function dicomExcess(source: Bytes, read: ReadBytes, limits: ExcessLimits): Promise<Excess | null> {
  const declared = await declaredDicom(source, read, limits.maxBytes);
  if (declared === 'bomb') return 'bomb';
  const { rows, columns, frames, frameBytes, pixelBytes } = declared;
  if (rows * columns > limits.maxPixels) return 'too-many-pixels';
  // A compressed picture has a byte, at the least.
  return pixelBytes !== null && frames * (frameBytes ?? 1) > pixelBytes ? 'not-there' : null;
}
