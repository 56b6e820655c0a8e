import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EncryptionContext } from '../../../main/documents/types.ts';
import { newDocument } from '../../../main/writing/documents.ts';
import { claimsEncryption, readEnvelope, rewrapped } from '../../../main/writing/envelope.ts';
import { documentKind, fileKind } from '../../../preload/contract/documents.ts';
import { expectValid } from '../../support/valid.ts';

const writing = {
  patientId: 'p1',
  practitioner: 'Practitioner/a',
  display: 'Dr A',
  encounter: 'Encounter/e1',
  now: Date.UTC(2026, 2, 1, 9),
  offsetMinutes: 60,
  id: '00000000-0000-4000-8000-000000000001',
};
const names = ['document', 'patient', 'author', 'resource', 'role', 'purpose', 'policy', 'created'];
const context = { v: '1', ...Object.fromEntries(names.map((name) => [name, name])) } as unknown as EncryptionContext;
const base64 = (length: number, fill = 7) => Buffer.alloc(length, fill).toString('base64');
const spooled = {
  size: 1_000,
  plainSize: 500,
  sha256: base64(32),
  sha1: base64(20),
  header: base64(100),
  headerLength: 100,
};
const made = (change: Partial<Parameters<typeof newDocument>[0]> = {}) =>
  newDocument({ kind: 'photo', title: 'Wound, left heel', file: 'image', spooled, context, ...change }, writing).body;

/** The record with one thing of it changed. */
function changed(change: (attachment: Record<string, unknown>, parts: Record<string, unknown>[]) => void): string {
  const resource = JSON.parse(made());
  const { attachment } = resource.content[0];
  change(attachment, attachment.extension[0].extension);
  return JSON.stringify(resource);
}
const part = (parts: Record<string, unknown>[], name: string) => parts.find(({ url }) => url === name) ?? {};

describe('the record of an encrypted file', () => {
  it('says what it is, whose, by whom and when, with an envelope and without an address', () => {
    expectValid(JSON.parse(made()));
    expect(JSON.parse(made())).toMatchObject({
      resourceType: 'DocumentReference',
      id: writing.id,
      status: 'current',
      docStatus: 'final',
      type: { coding: [{ system: 'http://loinc.org', code: '72170-4', display: 'Photographic image' }] },
      subject: { reference: 'Patient/p1' },
      author: [{ reference: 'Practitioner/a', display: 'Dr A' }],
      date: '2026-03-01T10:00:00.000+01:00',
      description: 'Wound, left heel',
      context: { encounter: [{ reference: 'Encounter/e1' }] },
      content: [
        { attachment: { contentType: 'application/vnd.wardlight.encrypted', size: 1_000, hash: spooled.sha1 } },
      ],
    });
    expect(made()).not.toContain('"url":"Binary');
  });

  it('has a LOINC code for each kind of document', () => {
    const codes = documentKind.options.map((kind) => JSON.parse(made({ kind })).type.coding[0].code);
    expect(new Set(codes).size).toBe(documentKind.options.length);
    for (const code of codes) expect(code).toMatch(/^\d{4,6}-\d$/);
  });

  it('tells of a file that is longer than R4 can say by its envelope', () => {
    const text = made({ spooled: { ...spooled, size: 2 ** 31 + 5 } });
    expect(JSON.parse(text).content[0].attachment.size).toBeUndefined();
    expect(readEnvelope(text)?.envelope.size).toBe(2 ** 31 + 5);
  });

  it('reads back as it was written, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.record({
          size: fc.integer({ min: 1_001, max: 2 ** 40 }),
          sha256: fc.uint8Array({ minLength: 32, maxLength: 32 }),
          header: fc.uint8Array({ minLength: 1, maxLength: 300 }),
          headerLength: fc.integer({ min: 1, max: 1_000 }),
          file: fc.constantFrom(...fileKind.options),
          word: fc.string({ minLength: 1, maxLength: 100 }),
        }),
        ({ size, sha256, header, headerLength, file, word }) => {
          const [hash, head] = [sha256, header].map((bytes) => Buffer.from(bytes).toString('base64')) as [
            string,
            string,
          ];
          const own = { ...context, role: word };
          const text = made({
            file,
            context: own,
            spooled: { ...spooled, size, sha256: hash, header: head, headerLength },
          });
          expect(readEnvelope(text)).toEqual({
            envelope: { format: 'aws-encryption-sdk-2', size, sha256: hash, header: head, headerLength, kind: file },
            context: own,
            url: null,
          });
        },
      ),
    );
  });

  it('gets another header when it is wrapped anew, and keeps all else', () => {
    const text = rewrapped(made(), base64(40, 9)) ?? '';
    expect(readEnvelope(text)?.envelope).toMatchObject({ header: base64(40, 9), headerLength: 100 });
    expect(text.replace(base64(40, 9), spooled.header)).toBe(made());
    expect(rewrapped('{"resourceType":"DocumentReference"}', base64(40))).toBeNull();
  });
});

describe('security: what a server says of a file is not used', () => {
  it.each([
    ['without its extension', changed((attachment) => delete attachment.extension)],
    ['with the extension twice', changed((a) => Object.assign(a, { extension: [a.extension, a.extension].flat() }))],
    ['of another content type', changed((a) => Object.assign(a, { contentType: 'image/png' }))],
    ['of another length than the attachment’s', changed((a) => Object.assign(a, { size: 999 }))],
    ['with an address that is no text', changed((a) => Object.assign(a, { url: 5 }))],
    ['without a part', changed((_, parts) => void parts.splice(2, 1))],
    ['with a part twice', changed((_, parts) => void parts.push(part(parts, 'header')))],
    ['of another format', changed((_, p) => Object.assign(part(p, 'format'), { valueCode: 'aws-encryption-sdk-1' }))],
    ['of a kind that is none', changed((_, p) => Object.assign(part(p, 'contentType'), { valueCode: 'exe' }))],
    [
      'with a hash that is too short',
      changed((_, p) => Object.assign(part(p, 'sha256'), { valueBase64Binary: base64(31) })),
    ],
    [
      'with a hash in two ways',
      changed((_, p) => Object.assign(part(p, 'sha256'), { valueBase64Binary: `${base64(32)} ` })),
    ],
    [
      'with a header longer than the file',
      changed((_, p) => Object.assign(part(p, 'headerLength'), { valueUnsignedInt: 1_000 })),
    ],
    ['with half a byte', changed((_, p) => Object.assign(part(p, 'headerLength'), { valueUnsignedInt: 1.5 }))],
    ['of a length below 0', changed((_, p) => Object.assign(part(p, 'size'), { valueDecimal: -1 }))],
    [
      'with an enormous header',
      changed((_, p) => Object.assign(part(p, 'header'), { valueBase64Binary: base64(2 ** 21) })),
    ],
    ['with a context that is none', changed((_, p) => Object.assign(part(p, 'context'), { valueString: 'x' }))],
    [
      'with more in its context',
      changed((_, p) => Object.assign(part(p, 'context'), { valueString: JSON.stringify({ ...context, more: 'x' }) })),
    ],
    [
      'with a number in its context',
      changed((_, p) => Object.assign(part(p, 'context'), { valueString: JSON.stringify({ ...context, role: 1 }) })),
    ],
    [
      'of another version of the context',
      changed((_, p) => Object.assign(part(p, 'context'), { valueString: JSON.stringify({ ...context, v: '2' }) })),
    ],
  ])('%s', (_what, text) => {
    expect(readEnvelope(text)).toBeNull();
  });

  it('with two contents', () => {
    const resource = JSON.parse(made());
    resource.content.push(resource.content[0]);
    expect(readEnvelope(JSON.stringify(resource))).toBeNull();
    expect(claimsEncryption(JSON.stringify(resource))).toBe(true);
  });
});

it('knows a file of another program as one that is not encrypted', () => {
  const other = JSON.stringify({ content: [{ attachment: { contentType: 'application/pdf' } }] });
  expect([claimsEncryption(other), claimsEncryption(made())]).toEqual([false, true]);
});
