import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIntake } from '../../../../main/documents/intake/intake.ts';
import { orientationOf } from '../../../../main/documents/intake/strip/exif.ts';
import { bmp, gif, jpeg, PNG_SIGNATURE, PROFILE, png, TELLING, webp } from './pictures.ts';

const { strip } = createIntake();

function chunksOf(bytes: Buffer, size: number): Buffer[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

async function stripped(contentType: string, bytes: Buffer, size = 65_536): Promise<Buffer> {
  const passage = strip(contentType);
  if (!passage) throw new Error('nothing to take out');
  return buffer(Readable.from(chunksOf(bytes, size)).pipe(passage));
}

const makers = { 'image/jpeg': jpeg, 'image/png': png, 'image/webp': webp, 'image/gif': gif } as const;

describe.each(Object.entries(makers))('what is left of %s', (contentType, make) => {
  it('security: names no place, person, time or camera, and nothing follows its end', async () => {
    const before = make();
    const after = await stripped(contentType, before);
    for (const telling of TELLING) {
      expect(before.includes(telling)).toBe(true);
      expect(after.includes(telling)).toBe(false);
    }
  });

  it('is the same however the bytes come, and has nothing more to take out', async () => {
    const whole = await stripped(contentType, make());
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300 }), async (size) => {
        expect((await stripped(contentType, make(), size)).equals(whole)).toBe(true);
      }),
      { numRuns: 25 },
    );
    expect((await stripped(contentType, whole)).equals(whole)).toBe(true);
  });

  it('is refused where the bytes are something else', async () => {
    await expect(stripped(contentType, Buffer.from('something else altogether'))).rejects.toThrow('file-ambiguous');
  });
});

/** Exif as a reader finds it: of JPEG behind its name, of PNG and WebP behind the chunk's. */
function exifIn(bytes: Buffer): Buffer {
  for (const name of ['Exif\0\0', 'eXIf', 'EXIF']) {
    const at = bytes.indexOf(name, undefined, 'latin1');
    if (at >= 0) return bytes.subarray(at + name.length + (name === 'EXIF' ? 4 : 0));
  }
  return Buffer.alloc(0);
}

describe('how a photo is to be turned', () => {
  it.each([
    ['image/jpeg', jpeg({ orientation: 6 })],
    ['image/jpeg', jpeg({ orientation: 6, order: 'II' })],
    ['image/png', png({ orientation: 6 })],
    ['image/webp', webp({ orientation: 6 })],
  ])('stays in %s', async (contentType, bytes) => {
    expect(orientationOf(exifIn(await stripped(contentType, bytes)))).toBe(6);
  });

  it('is not said of what is upright, nor where it makes no sense', async () => {
    for (const orientation of [0, 1, 9, 65_535]) {
      const after = await stripped('image/jpeg', jpeg({ orientation }));
      expect(after.includes('Exif')).toBe(false);
    }
  });
});

describe('the picture', () => {
  it('keeps the tables, the scan and the colour profile of a JPEG', async () => {
    const after = await stripped('image/jpeg', jpeg());
    expect(after.includes(PROFILE, undefined, 'latin1')).toBe(true);
    const [before, tables] = [jpeg(), Buffer.from([0xff, 0xdb])];
    const end = before.lastIndexOf(Buffer.from([0xff, 0xd9])) + 2;
    expect(after.subarray(after.indexOf(tables)).equals(before.subarray(before.indexOf(tables), end))).toBe(true);
  });

  it('keeps what there is of a JPEG that was cut', async () => {
    const whole = jpeg({ tail: Buffer.alloc(0) });
    const after = await stripped('image/jpeg', whole.subarray(0, -2));
    expect(after.at(-1)).toBe(0x3f);
  });

  it('is a PNG whose chunks check', async () => {
    const after = await stripped('image/png', png({ orientation: 3 }));
    const types: string[] = [];
    for (let at = PNG_SIGNATURE.length; at < after.length; ) {
      const length = after.readUInt32BE(at);
      const body = after.subarray(at + 4, at + 8 + length);
      expect(after.readUInt32BE(at + 8 + length)).toBe(crc32(body));
      types.push(body.toString('latin1', 0, 4));
      at += 12 + length;
    }
    expect(types).toEqual(['IHDR', 'eXIf', 'IDAT', 'IEND']);
  });

  it('is a WebP as long as it says', async () => {
    const after = await stripped('image/webp', webp());
    expect(after.readUInt32LE(4) + 8).toBe(after.length);
  });

  it('has nothing to take out where it is a bitmap, a document or a text', () => {
    for (const contentType of ['image/bmp', 'application/pdf', 'text/plain', 'application/dicom']) {
      expect(strip(contentType)).toBe(null);
    }
    expect(bmp().length).toBe(58);
  });
});
