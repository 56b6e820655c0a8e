import { crc32, deflateSync } from 'node:zlib';

/** What must not be in what leaves: a place, a person, a camera. */
export const TELLING = ['51.5007', 'Jane Doe', 'CAMERA-7', '2026:11:26'] as const;
const told: Buffer = Buffer.from(TELLING.join(' '));

const u16 = (value: number) => Buffer.from([value >> 8, value & 255]);
function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** TIFF with an orientation, a camera, a time and a place, in either order of bytes. */
export function exif(orientation: number, order: 'II' | 'MM' = 'MM'): Buffer {
  const n16 = (value: number) => (order === 'II' ? u16(value).reverse() : u16(value));
  const n32 = (value: number) => (order === 'II' ? u32(value).reverse() : u32(value));
  const entry = (tag: number, type: number, count: number, value: Buffer) =>
    Buffer.concat([n16(tag), n16(type), n32(count), Buffer.concat([value, Buffer.alloc(4)]).subarray(0, 4)]);
  const at = 8 + 2 + 4 * 12 + 4;
  return Buffer.concat([
    Buffer.from(order === 'II' ? 'II*\0' : 'MM\0*', 'latin1'),
    n32(8),
    n16(4),
    entry(0x010f, 2, told.length, n32(at)),
    entry(0x0112, 3, 1, n16(orientation)),
    entry(0x0132, 2, told.length, n32(at)),
    entry(0x8825, 4, 1, n32(at)),
    n32(0),
    told,
  ]);
}

export function segment(marker: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
  return Buffer.concat([Buffer.from([0xff, marker]), u16(body.length + 2), body]);
}

/** Tables of the smallest baseline JPEG that decodes: 8 high, grey. */
const jpegTables = (width: number) =>
  Buffer.concat([
    segment(0xdb, Buffer.from([0, ...Array<number>(64).fill(1)])),
    segment(0xc0, Buffer.from([8, 0, 8, 0, width, 1, 1, 0x11, 0])),
    segment(0xc4, Buffer.from([0, 1, ...Array<number>(15).fill(0), 0])),
    segment(0xc4, Buffer.from([0x10, 1, ...Array<number>(15).fill(0), 0])),
  ]);
/** Two bits for each 8 by 8. */
const jpegScan = (width: number) =>
  Buffer.concat([segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])), Buffer.from([0xff >> (width / 4)])]);

export const PROFILE = 'ICC_PROFILE\0\x01\x01profile of colours';

/** A photo as a phone writes it: metadata in each place that there is, and a film behind its end. */
export function jpeg({ orientation = 1, order = 'MM' as 'II' | 'MM', width = 8, tail = told } = {}): Buffer {
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\x01\x01', 'latin1'), told.subarray(0, 3)),
    segment(0xe1, 'Exif\0\0', exif(orientation, order)),
    segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', told),
    segment(0xe1, 'http://ns.adobe.com/xmp/extension/\0', told),
    segment(0xe2, PROFILE),
    segment(0xe2, 'MPF\0', told),
    segment(0xed, 'Photoshop 3.0\0', told),
    segment(0xe5, told),
    segment(0xfe, told),
    jpegTables(width),
    jpegScan(width),
    Buffer.from([0xff, 0xd9]),
    tail,
  ]);
}

export function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([u32(data.length), body, u32(crc32(body))]);
}

export const PNG_SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

export function png({ orientation = 1, width = 2, height = 2, tail = told, noise = 0 } = {}): Buffer {
  const header = Buffer.concat([u32(width), u32(height), Buffer.from([8, 2, 0, 0, 0])]);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, 0x80)]);
  const pixels = deflateSync(Buffer.concat(Array<Buffer>(height).fill(row)), { level: noise });
  return Buffer.concat([
    PNG_SIGNATURE,
    pngChunk('IHDR', header),
    pngChunk('tEXt', told),
    pngChunk('zTXt', told),
    pngChunk('iTXt', Buffer.concat([Buffer.from('XML:com.adobe.xmp\0'), told])),
    pngChunk('tIME', told),
    pngChunk('eXIf', exif(orientation)),
    pngChunk('IDAT', pixels),
    pngChunk('IEND', Buffer.alloc(0)),
    tail,
  ]);
}

export function webp({ orientation = 1, tail = told } = {}): Buffer {
  const part = (type: string, data: Buffer) =>
    Buffer.concat([Buffer.from(type, 'latin1'), u32(data.length).reverse(), data, Buffer.alloc(data.length % 2)]);
  const body = Buffer.concat([
    Buffer.from('WEBP'),
    part('VP8X', Buffer.from([0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
    part('VP8L', Buffer.from('2f00000000071011118888fe0700', 'hex')),
    part('EXIF', exif(orientation)),
    part('XMP ', told),
    part('JUNK', told),
  ]);
  return Buffer.concat([Buffer.from('RIFF'), u32(body.length).reverse(), body, tail]);
}

export function gif({ comment = told, tail = told } = {}): Buffer {
  const extension = (label: number, ...blocks: readonly Buffer[]) =>
    Buffer.concat([
      Buffer.from([0x21, label]),
      ...blocks.flatMap((block) => [Buffer.from([block.length]), block]),
      Buffer.from([0]),
    ]);
  return Buffer.concat([
    Buffer.from('GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1'),
    extension(0xff, Buffer.from('NETSCAPE2.0'), Buffer.from([1, 0, 0])),
    extension(0xff, Buffer.from('XMP DataXMP'), told),
    extension(0xfe, comment),
    extension(0xf9, Buffer.from([0, 0, 0, 0])),
    Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b]),
    tail,
  ]);
}

/** A bitmap of one pixel. */
export function bmp(): Buffer {
  const head = Buffer.alloc(54);
  head.write('BM');
  head.writeUInt32LE(58, 2);
  head.writeUInt32LE(54, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(1, 18);
  head.writeInt32LE(1, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(24, 28);
  return Buffer.concat([head, Buffer.from([0, 0, 255, 0])]);
}

export const PDF = Buffer.from('%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n');

export function dicom(preamble: Buffer = Buffer.alloc(128)): Buffer {
  return Buffer.concat([preamble, Buffer.from('DICM'), Buffer.alloc(64)]);
}
