import dicomParser, { type DataSet } from 'dicom-parser';

const IMPLICIT = '1.2.840.10008.1.2';
const EXPLICIT = '1.2.840.10008.1.2.1';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';
export const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';
/** More pixels than any detector has. */
const PIXELS_MAX = 1 << 27;

/** Why there is nothing to draw. */
export type NoPicture = 'none' | 'too-many-pixels';

export function isUncompressed(syntax: string): boolean {
  return syntax === IMPLICIT || syntax === EXPLICIT || syntax === BIG_ENDIAN;
}

/** What of a DICOM data set is needed to draw it (PS3.3, C.7.6.3). */
export interface Picture {
  readonly syntax: string;
  readonly rows: number;
  readonly columns: number;
  /** How many pictures it says that there are, and how many of them can be there. */
  readonly declared: number;
  readonly frames: number;
  /** 1 for grey, 3 for red, green and blue. */
  readonly samples: number;
  readonly bits: number;
  readonly stored: number;
  readonly signed: boolean;
  /** The lowest value is white. */
  readonly inverted: boolean;
  readonly slope: number;
  readonly intercept: number;
  /** What of the values is drawn from black to white; null: all that there are. */
  readonly window: { readonly centre: number; readonly width: number } | null;
  readonly offset: number;
  readonly length: number;
  /** A compressed frame. */
  encapsulated(index: number): Uint8Array<ArrayBuffer> | null;
}

/** What a data set holds as a picture, or why it has none that can be drawn. */
export function pictureOf(data: DataSet): Picture | NoPicture {
  const pixels = data.elements['x7fe00010'];
  const syntax = data.string('x00020010') ?? IMPLICIT;
  const photometric = data.string('x00280004') ?? '';
  const [rows, columns] = [data.uint16('x00280010') ?? 0, data.uint16('x00280011') ?? 0];
  const samples = data.uint16('x00280002') ?? 1;
  const bits = data.uint16('x00280100') ?? 0;
  const grey = samples === 1 && /^MONOCHROME[12]$/.test(photometric) && (bits === 8 || bits === 16);
  const colour = samples === 3 && photometric === 'RGB' && bits === 8 && (data.uint16('x00280006') ?? 0) === 0;
  const isJpeg = syntax === JPEG_BASELINE && bits === 8;
  if (rows * columns > PIXELS_MAX) return 'too-many-pixels';
  if (!pixels || rows * columns === 0) return 'none';
  if (!isJpeg && !(isUncompressed(syntax) && (grey || colour))) return 'none';
  const declared = Math.max(1, data.intString('x00280008') ?? 1);
  const there = isJpeg
    ? (pixels.fragments?.length ?? 0)
    : Math.floor(pixels.length / (rows * columns * samples * (bits / 8)));
  return {
    syntax,
    rows,
    columns,
    declared,
    frames: Math.min(declared, there),
    samples,
    bits,
    stored: Math.min(bits, data.uint16('x00280101') ?? bits),
    signed: data.uint16('x00280103') === 1,
    inverted: photometric === 'MONOCHROME1',
    slope: data.floatString('x00281053') ?? 1,
    intercept: data.floatString('x00281052') ?? 0,
    window: windowOf(data),
    offset: pixels.dataOffset,
    length: pixels.length,
    encapsulated: (index) => encapsulated(data, index),
  };
}

function windowOf(data: DataSet): Picture['window'] {
  const [centre, width] = [data.floatString('x00281050'), data.floatString('x00281051')];
  return centre === undefined || width === undefined || width < 1 ? null : { centre, width };
}

function encapsulated(data: DataSet, index: number): Uint8Array<ArrayBuffer> | null {
  const element = data.elements['x7fe00010'];
  if (!element?.encapsulatedPixelData) return null;
  const parser = dicomParser;
  try {
    const offsets = element.basicOffsetTable?.length ? undefined : parser.createJPEGBasicOffsetTable(data, element);
    return new Uint8Array(parser.readEncapsulatedImageFrame(data, element, index, offsets));
  } catch {
    return null;
  }
}

/** Pixels of an uncompressed frame for the screen; null where there are fewer than the picture has. */
export function windowed(picture: Picture, bytes: Uint8Array, index: number): Uint8ClampedArray<ArrayBuffer> | null {
  const { rows, columns, samples, bits, offset, length } = picture;
  const size = rows * columns * samples * (bits / 8);
  const begin = offset + index * size;
  if ((index + 1) * size > length || begin + size > bytes.length) return null;
  const pixels = new Uint8ClampedArray(rows * columns * 4).fill(255);
  if (samples === 3) {
    for (let at = 0; at < rows * columns; at += 1)
      pixels.set(bytes.subarray(begin + 3 * at, begin + 3 * at + 3), 4 * at);
    return pixels;
  }
  const value = valueAt(picture, bytes, begin);
  const grey = greyOf(picture, value);
  for (let at = 0; at < rows * columns; at += 1) pixels.fill(grey(value(at)), 4 * at, 4 * at + 3);
  return pixels;
}

/** Stored values as they are meant: signed or not, in the unit of the modality. */
function valueAt(picture: Picture, bytes: Uint8Array, begin: number): (at: number) => number {
  const { bits, stored, signed, slope, intercept, syntax } = picture;
  const view = new DataView(bytes.buffer, bytes.byteOffset + begin);
  const little = syntax !== BIG_ENDIAN;
  const [mask, sign] = [2 ** stored - 1, 2 ** (stored - 1)];
  return (at) => {
    const raw = (bits === 8 ? view.getUint8(at) : view.getUint16(2 * at, little)) & mask;
    return (signed && raw >= sign ? raw - 2 * sign : raw) * slope + intercept;
  };
}

/** From a value to its grey (PS3.3, C.11.2.1.2). */
function greyOf(picture: Picture, valueAt: (at: number) => number): (value: number) => number {
  const { window, inverted, rows, columns } = picture;
  const { centre, width } = window ?? wholeOf(rows * columns, valueAt);
  return (value) => {
    const share = (value - (centre - 0.5)) / Math.max(1, width - 1) + 0.5;
    const grey = 255 * Math.min(1, Math.max(0, share));
    return inverted ? 255 - grey : grey;
  };
}

function wholeOf(count: number, valueAt: (at: number) => number): { centre: number; width: number } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < count; at += 1) {
    const value = valueAt(at);
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { centre: (low + high + 1) / 2, width: high - low + 1 };
}
