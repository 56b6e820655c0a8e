import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plainIntake } from './intake.ts';
import { bench, contentOf, decryptPlainly, openRequest, testKey, type Written } from './support.ts';

const device = testKey();
/** Chunks in which the file comes to be encrypted. */
let lengths: readonly number[] = [];
const on = bench([device.recipient], { intake: { ...plainIntake, strip: () => inChunks() } });
afterAll(() => on.remove());

function inChunks(): Transform {
  let turn = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (let at = 0; at < chunk.length; turn += 1) {
        const length = lengths[turn % lengths.length] ?? chunk.length;
        this.push(chunk.subarray(at, at + length));
        at += length;
      }
      done();
    },
  });
}

const FRAME = 65_536;
const content = randomBytes(4 * FRAME);
const nearFrames = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -3, max: 3 }))
  .map(([frames, more]) => Math.max(1, frames * FRAME + more));

describe('framing', () => {
  test('any length near the borders of frames, in any chunks, opens with us and with the plain SDK', async () => {
    const chunks = fc.array(fc.oneof(fc.integer({ min: 1_000, max: 70_000 }), nearFrames), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(nearFrames, chunks, async (length, some) => {
        lengths = some;
        const text = content.subarray(0, length);
        const written = await on.encrypt(text, { strip: true });
        expect((await decryptPlainly(written.bytes, device)).plaintext.equals(text)).toBe(true);
        const opened = await on.service.open({
          ...openRequest(on.folder, written, device),
          limits: { maxBytes: length, maxPixels: 1 },
        });
        if (!opened.ok) throw new Error(opened.error.code);
        expect((await contentOf(on.service, opened.value.handle, length)).equals(text)).toBe(true);
        await on.service.close({ handle: opened.value.handle });
      }),
      { numRuns: 30 },
    );
  });
});

describe('security: a message with any one bit changed', () => {
  let written: Written;
  let signed: Written;
  beforeAll(async () => {
    written = await on.encrypt(content.subarray(0, FRAME + 20));
    signed = await on.encrypt(content.subarray(0, 20), { signed: true });
  });

  test('never opens, though its document was made to fit', async () => {
    const places = fc.oneof(fc.nat({ max: 900 }), fc.nat());
    await fc.assert(
      fc.asyncProperty(fc.boolean(), places, fc.nat({ max: 7 }), async (ofSigned, place, bit) => {
        const message = ofSigned ? signed : written;
        const bytes = Buffer.from(message.bytes);
        bytes[place % bytes.length]! ^= 1 << bit;
        const ciphertext = join(on.folder, 'changed');
        writeFileSync(ciphertext, bytes);
        const request = openRequest(on.folder, message, device);
        const answer = await on.service.open({
          ...request,
          ciphertext,
          envelope: {
            ...request.envelope,
            sha256: createHash('sha256').update(bytes).digest('base64'),
            header: bytes.subarray(0, message.spooled.headerLength).toString('base64'),
          },
        });
        expect(answer.ok).toBe(false);
        expect(on.leftovers()).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});
