const ORIENTATION = 0x0112;
const SHORT = 3;
const ENTRY = 12;

/** How a photo is to be turned (TIFF 6.0, tag 274), 2 to 8; null where it is upright or nothing says. */
export function orientationOf(tiff: Buffer): number | null {
  const order = tiff.toString('latin1', 0, 4);
  const little = order === 'II*\0';
  if ((!little && order !== 'MM\0*') || tiff.length < 8) return null;
  const word = (at: number) => (at + 2 > tiff.length ? 0 : little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const first = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  const count = word(first);
  for (let at = first + 2, seen = 0; seen < count && at + ENTRY <= tiff.length; at += ENTRY, seen += 1) {
    if (word(at) !== ORIENTATION) continue;
    const value = word(at + 8);
    return word(at + 2) === SHORT && value >= 2 && value <= 8 ? value : null;
  }
  return null;
}

/** An Exif block that says how a photo is to be turned, and nothing else. */
export function exifOf(orientation: number): Buffer {
  const tiff = Buffer.alloc(26);
  tiff.write('MM\0*', 0, 'latin1');
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(1, 8);
  tiff.writeUInt16BE(ORIENTATION, 10);
  tiff.writeUInt16BE(SHORT, 12);
  tiff.writeUInt32BE(1, 14);
  tiff.writeUInt16BE(orientation, 18);
  return tiff;
}
