/** What is to be written of a DICOM file: PS3.10, with elements as they come. */
export interface DicomOptions {
  readonly syntax?: string;
  readonly rows?: number;
  readonly columns?: number;
  readonly frames?: number | null;
  readonly bits?: number;
  readonly photometric?: string;
  /** Native pixels, or the fragments of compressed ones. */
  readonly pixels: Buffer | readonly Buffer[];
  readonly stored?: number;
  /** Elements before those that describe the pixels, and behind them. */
  readonly before?: Buffer;
  readonly after?: Buffer;
  /** What becomes of the data set behind the meta information. */
  readonly pack?: (dataSet: Buffer) => Buffer;
}

export const EXPLICIT = '1.2.840.10008.1.2.1';
export const DEFLATED = '1.2.840.10008.1.2.1.99';
export const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';

/** A grey picture of DICOM, explicit little endian. */
export function dicomFile(options: DicomOptions): Buffer {
  const { syntax = EXPLICIT, rows = 1, columns = 1, frames = null, bits = 8, pixels, pack } = options;
  const { stored = bits, before = Buffer.alloc(0), after = Buffer.alloc(0) } = options;
  const uid = Buffer.from(syntax.length % 2 === 0 ? syntax : `${syntax}\0`);
  const meta = element(2, 0x10, 'UI', uid);
  const count = frames === null ? Buffer.alloc(0) : element(0x28, 8, 'IS', even(String(frames)));
  const dataSet = Buffer.concat([
    before,
    element(0x28, 0x02, 'US', short(1)),
    element(0x28, 0x04, 'CS', even(options.photometric ?? 'MONOCHROME2')),
    count,
    element(0x28, 0x10, 'US', short(rows)),
    element(0x28, 0x11, 'US', short(columns)),
    element(0x28, 0x100, 'US', short(bits)),
    element(0x28, 0x101, 'US', short(stored)),
    element(0x28, 0x102, 'US', short(stored - 1)),
    element(0x28, 0x103, 'US', short(0)),
    after,
    Buffer.isBuffer(pixels) ? element(0x7fe0, 0x10, 'OW', pixels) : encapsulated(pixels as readonly Buffer[]),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(meta.length);
  const head = [Buffer.alloc(128), Buffer.from('DICM'), element(2, 0, 'UL', length), meta];
  return Buffer.concat([...head, pack ? pack(dataSet) : dataSet]);
}

export function short(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function even(text: string): Buffer {
  return Buffer.from(text.length % 2 === 0 ? text : `${text} `);
}

/** Fragments behind an empty table of offsets (PS3.5, A.4). */
function encapsulated(fragments: readonly Buffer[]): Buffer {
  const item = (data: Buffer) => {
    const head = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
    head.writeUInt32LE(data.length + (data.length % 2), 4);
    return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
  };
  return Buffer.concat([
    Buffer.from([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff]),
    item(Buffer.alloc(0)),
    ...fragments.map(item),
    Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]),
  ]);
}

/** An element of an explicit data set. */
export function element(group: number, number: number, kind: string, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  const isLong = /^O[BW]$|^SQ$|^UN$/.test(kind);
  const length = Buffer.alloc(isLong ? 6 : 2);
  if (isLong) length.writeUInt32LE(value.length, 2);
  else length.writeUInt16LE(value.length, 0);
  return Buffer.concat([head, Buffer.from(kind), length, value]);
}
