import { constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { numbers } from '../unit/documents/intake/archives.ts';
import { bmp, gif, jpeg, PNG_SIGNATURE, pngChunk, webp } from '../unit/documents/intake/pictures.ts';
import { DEFLATED, dicomFile } from './dicom.ts';

/* Files that are small, and become large where they are opened. */

const EDGE = 60_000;
const MIB = 1 << 20;

function ihdr(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // One bit a pixel, grey.
  header[8] = 1;
  return pngChunk('IHDR', header);
}

/** A PNG that is whole: each of its pixels is there, packed. */
export function pngBomb(width: number, height: number): Buffer {
  const pixels = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height));
  return pngWith(ihdr(width, height), pngChunk('IDAT', pixels));
}

function pngWith(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([PNG_SIGNATURE, ...parts, pngChunk('IEND', Buffer.alloc(0))]);
}

const dot = () => pngChunk('IDAT', deflateSync(Buffer.alloc(2)));
const block = deflateSync(Buffer.alloc(MIB), { finishFlush: constants.Z_FULL_FLUSH });
/** Zeros as zlib packs them, the same block again and again; without an end, which comes too late to matter. */
export function packed(mib: number): Buffer {
  return Buffer.concat([block, ...Array<Buffer>(mib - 1).fill(block.subarray(2))]);
}

function patched(bytes: Buffer, at: number, values: readonly number[]): Buffer {
  const changed = Buffer.from(bytes);
  for (const [index, value] of values.entries()) changed.writeUInt16LE(value, at + 2 * index);
  return changed;
}

function jpegBomb(): Buffer {
  const bytes = jpeg();
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0, 0, 11])) + 5;
  bytes.writeUInt16BE(EDGE, frame);
  bytes.writeUInt16BE(EDGE, frame + 2);
  return bytes;
}

function bmpBomb(): Buffer {
  const bytes = bmp();
  bytes.writeInt32LE(EDGE, 18);
  // From the top.
  bytes.writeInt32LE(-EDGE, 22);
  return bytes;
}

function gifBomb(): Buffer {
  const bytes = gif();
  return patched(bytes, bytes.indexOf(Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0])) + 5, [EDGE, EDGE]);
}

function webpBomb(): Buffer {
  const bytes = webp();
  bytes.writeUIntLE(EDGE, 24, 3);
  bytes.writeUIntLE(EDGE, 27, 3);
  return bytes;
}

function tiffBomb(): Buffer {
  const entry = (tag: number, value: number) => numbers([tag, 2], [4, 2], [1, 4], [value, 4]);
  const directory = Buffer.concat([numbers([2, 2]), entry(256, EDGE), entry(257, EDGE), numbers([0, 4])]);
  return Buffer.concat([Buffer.from('II*\0\x08\0\0\0', 'latin1'), directory, Buffer.alloc(64)]);
}

interface Packed {
  readonly name?: string;
  readonly data: Buffer;
  /** What it is said to be, unpacked. */
  readonly size?: number;
}

/** A ZIP of deflated files; `again` lists the first one so often. */
export function zipOf(files: readonly Packed[], again = 1): Buffer {
  const parts: Buffer[] = [];
  const listed: Buffer[] = [];
  let at = 0;
  for (const { name = 'a', data, size = data.length } of files) {
    const bytes = deflateRawSync(data);
    const fields = [
      [0, 2],
      [8, 2],
      [0, 8],
      [bytes.length, 4],
      [size, 4],
      [name.length, 2],
      [0, 2],
    ] as const;
    parts.push(Buffer.concat([numbers([0x04034b50, 4], [20, 2], ...fields), Buffer.from(name), bytes]));
    const rest = numbers([0, 2], [0, 2], [0, 2], [0, 4], [at, 4]);
    listed.push(Buffer.concat([numbers([0x02014b50, 4], [20, 2], [20, 2], ...fields), rest, Buffer.from(name)]));
    at += parts.at(-1)?.length ?? 0;
  }
  const directory = Buffer.concat([...Array<Buffer>(again - 1).fill(listed[0] ?? Buffer.alloc(0)), ...listed]);
  const count = files.length + again - 1;
  const end = numbers([0x06054b50, 4], [0, 4], [count, 2], [count, 2], [directory.length, 4], [at, 4], [0, 2]);
  return Buffer.concat([...parts, directory, end]);
}

function zipWithin(depth: number): Buffer {
  const inner = depth > 1 ? zipWithin(depth - 1) : Buffer.from('text');
  return zipOf([{ name: 'a.zip', data: inner }]);
}

function pdfWith(stream: Buffer, filter = '/FlateDecode'): Buffer {
  return Buffer.concat([
    Buffer.from(`%PDF-1.7\n1 0 obj<</Type/ObjStm/N 1/First 4/Filter${filter}/Length ${stream.length}>>stream  \r\n`),
    stream,
    Buffer.from('\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n'),
  ]);
}

/** Zeros are packed 1,000 times; what that leaves is packed again. */
const deep = (mib: number) => deflateSync(packed(mib));

const archiveBehind = (bytes: Buffer) => Buffer.concat([bytes, zipOf([{ data: Buffer.from('hi') }])]);
const tiffPreamble = (bytes: Buffer) => Buffer.concat([tiffBomb(), bytes.subarray(tiffBomb().length)]);
const wide = () => dicomFile({ rows: EDGE, columns: EDGE, pixels: Buffer.alloc(4) });

export interface Bomb {
  readonly name: string;
  readonly bytes: () => Buffer;
  /** Why it isn't attached, and why it isn't opened where somebody else has attached it; null: it is. */
  readonly attach: string;
  readonly open: string | null;
}

const tooMany = { attach: 'file-too-many-pixels', open: 'content-too-many-pixels' } as const;
const bomb = { attach: 'file-bomb', open: 'content-bomb' } as const;
const misleading = { attach: 'file-ambiguous' } as const;

/** Under policy that takes every kind of file, of up to 64 MiB and 16 megapixels. */
export const bombs: readonly Bomb[] = [
  { name: 'a PNG of 60,000 by 60,000', bytes: () => pngWith(ihdr(EDGE, EDGE), dot()), ...tooMany },
  { name: 'a PNG of 5,000 by 5,000 that is whole', bytes: () => pngBomb(5_000, 5_000), ...tooMany },
  { name: 'a JPEG of 60,000 by 60,000', bytes: jpegBomb, ...tooMany },
  { name: 'a GIF with a picture larger than it says', bytes: gifBomb, ...tooMany },
  { name: 'a GIF of 60,000 by 60,000', bytes: () => patched(gif(), 6, [EDGE, EDGE]), ...tooMany },
  { name: 'a WebP of 60,000 by 60,000', bytes: webpBomb, ...tooMany },
  { name: 'a BMP of 60,000 by 60,000, from the top', bytes: bmpBomb, ...tooMany },
  { name: 'a TIFF of 60,000 by 60,000', bytes: tiffBomb, ...tooMany },
  {
    name: 'a PNG whose profile unpacks to 64 MiB',
    bytes: () => pngWith(ihdr(1, 1), pngChunk('iCCP', Buffer.concat([Buffer.from('p\0\0'), packed(64)])), dot()),
    ...bomb,
  },
  {
    name: 'a PNG with many texts that each unpack to 1 MiB',
    bytes: () => {
      const text = pngChunk('zTXt', Buffer.concat([Buffer.from('t\0\0'), packed(1)]));
      return pngWith(ihdr(1, 1), ...Array<Buffer>(64).fill(text), dot());
    },
    ...bomb,
  },
  {
    name: 'a PNG whose international text unpacks to 64 MiB',
    bytes: () =>
      pngWith(ihdr(1, 1), pngChunk('iTXt', Buffer.concat([Buffer.from('t\0\x01\0en\0t\0'), packed(64)])), dot()),
    ...bomb,
  },
  { name: 'a PDF whose objects unpack to 100 MiB', bytes: () => pdfWith(packed(100)), ...bomb },
  {
    name: 'a PDF that is packed twice',
    bytes: () => pdfWith(deep(100), '[/FlateDecode/FlateDecode]'),
    ...bomb,
  },
  { name: 'DICOM of 60,000 rows and columns', bytes: wide, ...tooMany },
  {
    name: 'DICOM of 60,000 rows and columns behind a sequence without a length',
    bytes: () => {
      const sequence = Buffer.from(
        '0800401153510000ffffffff' + 'feff00e0ffffffff' + 'feff0de000000000' + 'feffdde000000000',
        'hex',
      );
      return dicomFile({ rows: EDGE, columns: EDGE, before: sequence, pixels: Buffer.alloc(4) });
    },
    ...tooMany,
  },
  {
    name: 'DICOM of 2,000,000,000 frames in 4 bytes',
    bytes: () => dicomFile({ frames: 2_000_000_000, pixels: Buffer.alloc(4) }),
    ...misleading,
    open: null,
  },
  {
    name: 'DICOM that is deflated, and unpacks to 100 MiB',
    bytes: () =>
      dicomFile({ syntax: DEFLATED, pixels: Buffer.alloc(100 * MIB), pack: (bytes) => deflateRawSync(bytes) }),
    ...bomb,
  },
  {
    name: 'DICOM that is deflated, of 60,000 rows and columns',
    bytes: () =>
      dicomFile({
        syntax: DEFLATED,
        rows: EDGE,
        columns: EDGE,
        pixels: Buffer.alloc(4),
        pack: (b) => deflateRawSync(b),
      }),
    ...tooMany,
  },
  { name: 'a ZIP that unpacks to 100 MiB', bytes: () => zipOf([{ data: Buffer.alloc(100 * MIB) }]), ...bomb },
  {
    name: 'a ZIP that unpacks to more than it says',
    bytes: () => zipOf([{ data: Buffer.alloc(MIB), size: 10 }]),
    ...bomb,
  },
  { name: 'a ZIP that lists the same bytes twice', bytes: () => zipOf([{ data: Buffer.alloc(9) }], 2), ...bomb },
  { name: 'a ZIP in a ZIP in a ZIP in a ZIP', bytes: () => zipWithin(4), ...bomb },
  {
    name: 'a ZIP of ZIPs that unpack to 80 MiB together',
    bytes: () => {
      const inner = zipOf([{ data: Buffer.alloc(40 * MIB) }]);
      return zipOf([
        { name: 'a', data: inner },
        { name: 'b', data: inner },
      ]);
    },
    ...bomb,
  },
  { name: 'a gzip file that unpacks to 100 MiB', bytes: () => gzipSync(Buffer.alloc(100 * MIB)), ...bomb },
  {
    name: 'a PNG of 60,000 by 60,000 that is an archive too',
    bytes: () => archiveBehind(pngWith(ihdr(EDGE, EDGE), dot())),
    ...misleading,
    open: tooMany.open,
  },
  {
    name: 'a PDF of 100 MiB that is an archive too',
    bytes: () => archiveBehind(pdfWith(packed(100))),
    ...misleading,
    open: bomb.open,
  },
  { name: 'DICOM of 60,000 rows and columns that is a TIFF too', bytes: () => tiffPreamble(wide()), ...tooMany },
];
