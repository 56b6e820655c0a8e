import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ofTheDocument, ofTheSignature } from './attacks/documents.ts';
import { ofTheFrames } from './attacks/frames.ts';
import { ofTheContext, ofTheHeader } from './attacks/header.ts';
import { ofTheFormat, ofTheRecipients } from './attacks/others.ts';
import type { Scene } from './attacks/tools.ts';
import { bench, contentOf, context, openRequest, testKey } from './support.ts';

const organisation = testKey();
const device = testKey();
const stranger = testKey();
let handles = 0;
const on = bench([organisation.recipient, device.recipient], {
  newId() {
    handles += 1;
    return `handle ${handles}`;
  },
});
afterAll(() => on.remove());

const content = randomBytes(200_000).fill('t', 0, 1);
let scene: Scene;
beforeAll(async () => {
  const hourBefore = { ...context, created: '2026-03-01T09:00:00.000Z' };
  const ofAnother = { ...context, document: 'hmac-of-another-document', patient: 'hmac-of-another-patient' };
  scene = {
    message: await on.encrypt(content),
    signed: await on.encrypt(content, { signed: true }),
    other: await on.encrypt(content, { context: ofAnother }),
    older: await on.encrypt(content, { context: hourBefore }),
    archive: await on.encrypt(Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(4_000)])),
    polyglot: await on.encrypt('%PDF-1.7 <html><script>alert(1)</script>'),
    device,
    stranger,
  };
});

describe('attack table', () => {
  const rows = [
    ...[...ofTheHeader, ...ofTheContext, ...ofTheFrames, ...ofTheRecipients],
    ...[...ofTheFormat, ...ofTheSignature, ...ofTheDocument],
  ];

  test.each(rows)('security: $name → $code', async ({ code, differs, attack }) => {
    const { bytes, of = scene.message, envelope, request, documentUntouched } = await attack(scene);
    const ciphertext = join(on.folder, 'attacked');
    writeFileSync(ciphertext, bytes);
    const honest = openRequest(on.folder, scene.message, device);
    const headerLength = envelope?.headerLength ?? of.spooled.headerLength;
    // Who can write documents makes them fit.
    const fitting = {
      ...honest.envelope,
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('base64'),
      header: bytes.subarray(0, headerLength).toString('base64'),
      headerLength,
      ...envelope,
    };
    const before = handles;
    const answer = await on.service.open({
      ...honest,
      ciphertext,
      envelope: documentUntouched ? honest.envelope : fitting,
      ...request,
    });
    expect(answer).toEqual({ ok: false, error: differs ? { code, differs } : { code } });
    // Nothing to read it by, and nothing to be read.
    expect(handles).toBe(before);
    expect(on.leftovers()).toEqual([]);
  });

  test('has a message that opens where nobody attacks', async () => {
    for (const written of [scene.message, scene.signed]) {
      const opened = await on.service.open(openRequest(on.folder, written, device));
      if (!opened.ok) throw new Error(opened.error.code);
      expect((await contentOf(on.service, opened.value.handle, content.length)).equals(content)).toBe(true);
      await on.service.close({ handle: opened.value.handle });
    }
  });

  test('has its rows once', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
    expect(rows.length).toBeGreaterThanOrEqual(30);
  });
});
