import { createHash, randomBytes } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { parseHeader } from '../../../../main/documents/format/header.ts';
import { bench, contentOf, context, decryptPlainly, openRequest, testKey } from './support.ts';

const organisation = testKey();
const device = testKey();
const on = bench([organisation.recipient, device.recipient]);
afterAll(() => on.remove());

describe('a file that was encrypted', () => {
  test.each([false, true])('opens with the plain SDK for each of its recipients (signed: %s)', async (signed) => {
    const content = randomBytes(200_000);
    const { bytes } = await on.encrypt(content, { signed });
    for (const key of [organisation, device]) {
      const { plaintext, messageHeader } = await decryptPlainly(bytes, key);
      expect(plaintext.equals(content)).toBe(true);
      expect(messageHeader.suiteId).toBe(signed ? 0x0578 : 0x0478);
      expect(messageHeader.frameLength).toBe(65_536);
      expect(messageHeader.encryptionContext).toMatchObject({ ...context });
    }
  });

  test.each([1, 65_535, 65_536, 65_537, 1_048_575, 1_048_576, 1_500_000])('opens again: %i bytes', async (size) => {
    const content = randomBytes(size);
    const written = await on.encrypt(content);
    const opened = await on.service.open(openRequest(on.folder, written, device));
    if (!opened.ok) throw new Error(opened.error.code);
    expect(opened.value.size).toBe(size);
    expect((await contentOf(on.service, opened.value.handle, size)).equals(content)).toBe(true);
    await on.service.close({ handle: opened.value.handle });
    expect(on.leftovers()).toEqual([]);
  });

  test('is described as it lies in the spool', async () => {
    const { bytes, spooled } = await on.encrypt('Wound of the left foot');
    const header = parseHeader(bytes);
    expect(spooled).toEqual({
      size: bytes.length,
      plainSize: 22,
      sha256: createHash('sha256').update(bytes).digest('base64'),
      sha1: createHash('sha1').update(bytes).digest('base64'),
      header: bytes.subarray(0, spooled.headerLength).toString('base64'),
      headerLength: header.ok ? header.value.length : 0,
      contentType: 'text/plain',
      kind: 'text',
    });
  });
});
