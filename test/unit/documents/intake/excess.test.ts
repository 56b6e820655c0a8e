import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { excessOf } from '../../../../main/documents/intake/excess/excess.ts';
import { kindOf } from '../../../../main/documents/intake/kind.ts';
import { packed, pngBomb, zipOf } from '../../../support/bombs.ts';
import { DEFLATED, dicomFile, element, JPEG_BASELINE, short } from '../../../support/dicom.ts';
import { hostilePdf } from '../../../support/viewer/files.ts';
import { bmp, gif, jpeg, png, webp } from './pictures.ts';

const LIMITS = { maxBytes: 64 << 20, maxPixels: 16 << 20 };

async function excess(bytes: Buffer, limits = LIMITS) {
  const source = { size: bytes.length, bytes: async (at: number, length: number) => bytes.subarray(at, at + length) };
  return excessOf(source, await kindOf(bytes), limits);
}

const text = Buffer.from('text '.repeat(10_000));
const office = () => zipOf([{ name: 'word/document.xml', data: text }]);

describe('what is honest is let be', () => {
  it.each<readonly [string, () => Buffer]>([
    ['PNG', () => png({ orientation: 6 })],
    ['JPEG', () => jpeg()],
    ['GIF', () => gif()],
    ['WebP', () => webp()],
    ['BMP', () => bmp()],
    ['a picture that breaks off', () => jpeg().subarray(0, 40)],
    ['a PDF with packed pages', () => hostilePdf('', [['/Filter/FlateDecode', deflateSync(text)]])],
    ['a PDF with a picture of 60 MiB', () => hostilePdf('', [['/Filter/FlateDecode', packed(60)]])],
    ['an archive with a document of Office', () => zipOf([{ data: text }, { name: 'b', data: office() }])],
    ['gzip', () => gzipSync(text)],
    ['DICOM of several pictures', () => dicomFile({ rows: 4, columns: 4, frames: 3, pixels: Buffer.alloc(48) })],
    ['DICOM without a picture', () => dicomFile({ pixels: Buffer.alloc(0) }).subarray(0, 200)],
    [
      'compressed DICOM',
      () => dicomFile({ syntax: JPEG_BASELINE, rows: 8, columns: 8, frames: 2, pixels: [jpeg(), jpeg()] }),
    ],
    [
      'deflated DICOM',
      () =>
        dicomFile({ syntax: DEFLATED, rows: 2, columns: 2, pixels: Buffer.alloc(4), pack: (b) => deflateRawSync(b) }),
    ],
  ])('%s', async (_what, bytes) => {
    expect(await excess(bytes())).toBeNull();
  });
});

describe('security: the bound of pixels', () => {
  it('security: is the last that is taken', async () => {
    const picture = pngBomb(100, 100);
    expect(await excess(picture, { ...LIMITS, maxPixels: 10_000 })).toBeNull();
    expect(await excess(picture, { ...LIMITS, maxPixels: 9_999 })).toBe('too-many-pixels');
  });

  it('security: holds for DICOM whatever the order of its bytes, and with its representations left out', async () => {
    const uid = (syntax: string) => element(2, 0x10, 'UI', Buffer.from(syntax));
    const head = (syntax: string) => Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), uid(syntax)]);
    const implicit = (number: number) =>
      Buffer.concat([short(0x28), short(number), Buffer.from([2, 0, 0, 0, 0x60, 0xea])]);
    const big = (number: number) => Buffer.from([0, 0x28, number >> 8, number & 255, 0x55, 0x53, 0, 2, 0xea, 0x60]);
    for (const [syntax, rows] of [
      ['1.2.840.10008.1.2\0', implicit],
      ['1.2.840.10008.1.2.2\0', big],
    ] as const) {
      expect(await excess(Buffer.concat([head(syntax), rows(0x10), rows(0x11)]))).toBe('too-many-pixels');
    }
  });
});

it('security: a file of parts without end is given up', async () => {
  const empty = Buffer.concat([png().subarray(0, 33), Buffer.alloc(12 * ((1 << 20) + 10))]);
  for (let at = 33; at < empty.length; at += 12) empty.write('teST', at + 4);
  expect(await excess(empty)).toBe('bomb');
});
