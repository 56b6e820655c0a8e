import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createIntake } from '../../../../main/documents/intake/intake.ts';
import { SNIFFED } from '../../../../main/documents/intake/kind.ts';
import type { FileKind, IntakeRules } from '../../../../main/documents/types.ts';
import { rar4, rar5, sevenZip, zip } from './archives.ts';
import { bmp, dicom, gif, jpeg, PDF, png, webp } from './pictures.ts';

const intake = createIntake();
const folder = mkdtempSync(join(tmpdir(), 'intake-'));
afterAll(() => rmSync(folder, { recursive: true }));

const RULES: IntakeRules = {
  maxBytes: 1 << 20,
  maxPixels: 200_000_000,
  kinds: ['image', 'pdf', 'text', 'dicom'],
  encryptedArchives: false,
};
const ANYTHING: IntakeRules = { ...RULES, kinds: [...RULES.kinds, 'other'] };

/** What is said of a file: its kind and content type, or why it is refused. */
async function said(bytes: Buffer | string, rules = RULES, name = 'file'): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const answer = await intake.inspect(path, rules);
  return answer.ok ? `${answer.value.kind} ${answer.value.contentType}` : answer.error.code;
}

const TEXTS = [
  'plain',
  '\ufeffwith a mark',
  'Größe: 5 µg < 7',
  'BMI 31, as PDF or <5',
  `${'é'.repeat(9_000)}`,
] as const;

const TAKEN: readonly (readonly [string, Buffer | string])[] = [
  ['image image/jpeg', jpeg()],
  ['image image/png', png()],
  ['image image/gif', gif()],
  ['image image/webp', webp()],
  ['image image/bmp', bmp()],
  ['pdf application/pdf', PDF],
  ['dicom application/dicom', dicom()],
  ...TEXTS.map((text) => ['text text/plain', text] as const),
];

describe('what a file is', () => {
  it.each(TAKEN)('is told by its content: %s', async (expected, bytes) => {
    expect(await said(bytes)).toBe(expected);
    // A name that says otherwise changes nothing.
    expect(await said(bytes, RULES, 'x.exe')).toBe(expected);
    const { kind, contentType } = await intake.kindOf(Buffer.from(bytes).subarray(0, SNIFFED));
    expect(`${kind} ${contentType}`).toBe(expected);
  });

  it('security: a picture is never a program that draws: SVG and HTML are neither image nor text', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
    for (const [text, type] of [
      [svg, 'image/svg+xml'],
      [`<?xml version="1.0"?>\n${svg}`, 'image/svg+xml'],
      [`\ufeff \n${svg}`, 'image/svg+xml'],
      ['<!DOCTYPE html><p>x', 'text/html'],
      ['  <script>alert(1)</script>', 'text/html'],
      ['<!-- x --><html>', 'application/xml'],
      ['#!/bin/sh\nrm', 'text/x-script'],
      ['{\\rtf1 x}', 'application/rtf'],
    ] as const) {
      expect(await said(text, RULES, 'photo.jpg')).toBe('file-kind-refused');
      expect(await said(text, ANYTHING, 'photo.jpg')).toBe(`other ${type}`);
    }
  });

  it('takes formats that can neither be shown nor stripped for no pictures', async () => {
    const tiff = Buffer.concat([Buffer.from('II*\0\x08\0\0\0', 'latin1'), Buffer.alloc(64)]);
    const heic = Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), Buffer.alloc(64)]);
    expect([await said(tiff), await said(heic)]).toEqual(['file-kind-refused', 'file-kind-refused']);
    expect([await said(tiff, ANYTHING), await said(heic, ANYTHING)]).toEqual(['other image/tiff', 'other image/heic']);
  });
});

describe('what is refused', () => {
  it('by its size', async () => {
    expect(await said('')).toBe('file-empty');
    expect(await said('12345', { ...RULES, maxBytes: 5 })).toBe('text text/plain');
    expect(await said('123456', { ...RULES, maxBytes: 5 })).toBe('file-too-large');
  });

  it('by its kind', async () => {
    const kinds: FileKind[] = ['image'];
    expect(await said(PDF, { ...RULES, kinds })).toBe('file-kind-refused');
    expect(await said(Buffer.from([1, 2, 3, 0]))).toBe('file-kind-refused');
    expect(await said(zip())).toBe('file-kind-refused');
  });

  it('for being no file that can be read', async () => {
    expect(await intake.inspect(join(folder, 'nowhere'), RULES)).toEqual({
      ok: false,
      error: { code: 'file-unreadable' },
    });
    expect(await intake.inspect(folder, RULES)).toMatchObject({ error: { code: 'file-unreadable' } });
  });

  it.runIf(process.platform !== 'win32')('without waiting for a pipe that nobody writes to', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(await intake.inspect(pipe, RULES)).toMatchObject({ error: { code: 'file-unreadable' } });
  });
});

describe('security: what is two kinds of file at once is refused', () => {
  const script = Buffer.from('/*<script>alert(1)</script>*/');
  const late = Buffer.concat([Buffer.from('text '.repeat(2_000)), Buffer.from([0, 1, 2])]);
  const preamble = (start: string) => Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(128)]).subarray(0, 128);

  it.each<readonly [string, Buffer]>([
    ['a PDF behind other bytes', Buffer.concat([Buffer.from('noise\n'), PDF])],
    ['a PDF in a picture', gif({ comment: PDF })],
    ['an archive behind a picture', jpeg({ tail: zip() })],
    ['an archive behind a picture, with a comment', png({ tail: Buffer.concat([zip(), Buffer.from('!')]) })],
    ['an archive behind a PDF', Buffer.concat([PDF, zip()])],
    ['an archive behind DICOM', Buffer.concat([dicom(), zip()])],
    ['a script in a picture', gif({ comment: script })],
    ['a page in a PDF', Buffer.concat([Buffer.from('%PDF-1.4\n<html><script>'), PDF])],
    ['a program that is DICOM', dicom(preamble('MZ\x90\0'))],
    ['a shell script that is DICOM', dicom(preamble('#!/bin/sh\n'))],
    ['a picture that is DICOM', dicom(preamble('8BPS\0\x01'))],
    ['a text that goes on as something else', late],
    ['a picture that goes on as something else', Buffer.concat([jpeg().subarray(0, 20), Buffer.from('x'.repeat(99))])],
  ])('%s', async (_what, bytes) => {
    expect(await said(bytes, ANYTHING)).toBe('file-ambiguous');
  });

  it('but for DICOM that is a TIFF of the same picture, which its standard allows', async () => {
    expect(await said(dicom(preamble('II*\0\x08\0\0\0')))).toBe('dicom application/dicom');
  });
});

describe('security: archives that hide what is in them', () => {
  const aes = Buffer.from('0104060001090a00070b01000124' + '06f10701' + '00', 'hex');
  const office = (name: string) =>
    Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600_000), Buffer.from(name, 'utf16le')]);

  it.each<readonly [string, Buffer]>([
    ['ZIP', zip({ flags: 1 })],
    ['ZIP by AES', zip({ method: 99 })],
    ['ZIP with a masked list', zip({ flags: 0x2000 })],
    ['ZIP whose list is not whole', zip({ entries: 2 })],
    ['ZIP without a list', zip().subarray(0, 60)],
    ['7z', sevenZip(aes)],
    ['7z whose list is packed', sevenZip(Buffer.from([0x17, 6, 0, 1]))],
    ['7z that ends too early', sevenZip(aes).subarray(0, 34)],
    ['RAR 4', rar4({ file: 4 })],
    ['RAR 4 with its list', rar4({ main: 0x80 })],
    ['RAR 5', rar5({ file: true })],
    ['RAR 5 with its list', rar5({ header: true })],
    ['RAR 5 that ends within a block', rar5().subarray(0, 18)],
    ['a document of Office under a password', office('EncryptedPackage')],
  ])('are refused: %s', async (_what, bytes) => {
    expect(await said(bytes, ANYTHING)).toBe('file-archive-encrypted');
    expect(await said(bytes, { ...ANYTHING, encryptedArchives: true })).toMatch(/^other /);
  });

  it('and others are not', async () => {
    for (const bytes of [zip(), sevenZip(Buffer.from([1, 4, 6, 0])), rar4(), rar5(), office('WordDocument')]) {
      expect(await said(bytes, ANYTHING)).toMatch(/^other /);
    }
  });
});
