import { exifOf, orientationOf } from './exif.ts';
import { broken, need, type Reader } from './passage.ts';

const KEPT = new Set(['VP8X', 'VP8 ', 'VP8L', 'ALPH', 'ANIM', 'ANMF', 'ICCP']);
const EXIF = 'Exif\0\0';
const METADATA_MAX = 16 << 20;

/**
 * Empties what of a WebP is neither picture, animation nor colour profile. The chunks stay as long as they were, because
 * the container says its length before anything else; of Exif the orientation is left.
 */
export const webp: Reader = function* (emit) {
  const start = yield* need(12);
  if (start.toString('latin1', 0, 4) !== 'RIFF' || start.toString('latin1', 8) !== 'WEBP') throw broken();
  emit(start);
  let left = start.readUInt32LE(4) - 4;
  while (left >= 8) {
    const head = yield* need(8);
    const type = head.toString('latin1', 0, 4);
    const length = head.readUInt32LE(4);
    const padded = length + (length % 2);
    left -= 8 + padded;
    if (left < 0) throw broken();
    emit(head);
    if (KEPT.has(type)) {
      yield { copy: padded };
    } else {
      if (padded > METADATA_MAX) throw broken();
      emit(emptied(type, yield* need(padded)));
    }
  }
};

function emptied(type: string, data: Buffer): Buffer {
  const blank = Buffer.alloc(data.length, type === 'XMP ' ? ' ' : 0);
  if (type !== 'EXIF') return blank;
  const begin = data.toString('latin1', 0, EXIF.length) === EXIF ? EXIF.length : 0;
  const orientation = orientationOf(data.subarray(begin));
  // One that says something of the orientation has room for it.
  if (orientation !== null) exifOf(orientation).copy(blank);
  return blank;
}
