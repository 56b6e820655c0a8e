import { exifOf, orientationOf } from './exif.ts';
import { broken, need, type Reader, type Wish } from './passage.ts';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
const EXIF = 'Exif\0\0';

/** Markers without a segment: restart markers, and TEM. */
function standsAlone(marker: number): boolean {
  return (marker >= 0xd0 && marker <= 0xd7) || marker === 0x01;
}

/** Frames, tables, scans (ITU-T T.81, table B.1): what the picture is made of. */
function isPicture(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xdf && marker !== 0xc8 && marker !== SOI;
}

/**
 * Keeps of a JPEG what its picture is made of: JFIF without its thumbnail, the colour profile, Adobe's note on colours,
 * and of Exif the orientation. Comments, XMP, IPTC, makers' notes, further pictures and what follows the end go. A
 * photo that ends too early keeps what there is of it.
 */
export const jpeg: Reader = function* (emit) {
  const start = yield* need(2);
  if (start.readUInt16BE() !== 0xff00 + SOI) throw broken();
  emit(start);
  for (;;) {
    const marker = yield* nextMarker();
    if (marker === null) return;
    if (marker === EOI || standsAlone(marker)) emit(Buffer.from([0xff, marker]));
    if (marker === EOI) return;
    if (standsAlone(marker)) continue;
    const length = (yield* need(2)).readUInt16BE();
    if (length < 2) throw broken();
    const kept = keptOf(marker, yield* need(length - 2));
    if (kept) emit(segment(marker, kept));
    if (marker === SOS) yield { copyUntil: scanEnd, overlap: 1 };
  }
};

/** The next marker; null at the end of the bytes. Fill bytes before it are left out. */
function* nextMarker(): Generator<Wish, number | null, Buffer> {
  const begin = yield { take: 1 };
  if (begin.length === 0) return null;
  if (begin[0] !== 0xff) throw broken();
  for (;;) {
    const [marker] = yield { take: 1 };
    if (marker === undefined) return null;
    if (marker === 0) throw broken();
    if (marker !== 0xff) return marker;
  }
}

/** Where a scan ends: at a marker that is neither a stuffed byte nor a restart. */
function scanEnd(bytes: Buffer): number {
  for (let at = bytes.indexOf(0xff); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1] ?? 0;
    if (next !== 0 && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return -1;
}

function keptOf(marker: number, body: Buffer): Buffer | null {
  const name = body.toString('latin1', 0, 12);
  if (isPicture(marker)) return body;
  if (marker === APP2) return name === 'ICC_PROFILE\0' ? body : null;
  if (marker === APP14) return name.startsWith('Adobe') ? body : null;
  if (marker === APP0 && name.startsWith('JFIF\0') && body.length >= 14) return withoutThumbnail(body);
  if (marker !== APP1 || !name.startsWith(EXIF)) return null;
  const orientation = orientationOf(body.subarray(EXIF.length));
  return orientation === null ? null : Buffer.concat([Buffer.from(EXIF, 'latin1'), exifOf(orientation)]);
}

function withoutThumbnail(jfif: Buffer): Buffer {
  const kept = Buffer.from(jfif.subarray(0, 14));
  kept.writeUInt16BE(0, 12);
  return kept;
}

function segment(marker: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}
