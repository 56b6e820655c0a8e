import { crc32 } from 'node:zlib';
import { exifOf, orientationOf } from './exif.ts';
import { broken, need, type Reader } from './passage.ts';

const SIGNATURE = '\x89PNG\r\n\x1a\n';
/** Of pictures and animations, and how their colours and sizes are meant. */
const KEPT = new Set(
  'IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT'.split(' '),
);
const EXIF_MAX = 1 << 20;

/** Keeps of a PNG what its picture is made of, and of Exif the orientation: no text, time, XMP, nor what follows the end. */
export const png: Reader = function* (emit) {
  const start = yield* need(8);
  if (start.toString('latin1') !== SIGNATURE) throw broken();
  emit(start);
  for (let first = true; ; first = false) {
    const head = yield* need(8);
    const length = head.readUInt32BE();
    const type = head.toString('latin1', 4);
    if (length > 0x7fffffff || first !== (type === 'IHDR')) throw broken();
    if (KEPT.has(type)) {
      emit(head);
      yield { copy: length + 4 };
      if (type === 'IEND') return;
    } else if (type === 'eXIf' && length <= EXIF_MAX) {
      const orientation = orientationOf(yield* need(length));
      yield { skip: 4 };
      if (orientation !== null) emit(chunk('eXIf', exifOf(orientation)));
    } else {
      yield { skip: length + 4 };
    }
  }
};

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
