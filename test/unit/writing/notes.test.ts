import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amendedNote, newNote } from '../../../main/writing/notes.ts';
import { instantOf } from '../../../main/writing/resource.ts';
import { noteKind } from '../../../preload/contract/notes.ts';
import { expectValid } from '../../support/valid.ts';
import { writing } from './support.ts';

const textOf = (resource: { content: { attachment: { data: string } }[] }) =>
  Buffer.from(resource.content[0]?.attachment.data ?? '', 'base64').toString('utf8');

describe('a new note', () => {
  it('is a DocumentReference of R4 with its text inline, author, time with offset and encounter', () => {
    const { body, title } = newNote({ kind: 'progress', body: 'Naïve Größe 🫀\nsecond line' }, writing);
    const resource = JSON.parse(body);
    expectValid(resource);
    expect(title).toBe('Progress note');
    expect(textOf(resource)).toBe('Naïve Größe 🫀\nsecond line');
    expect(resource).toMatchObject({
      id: writing.id,
      status: 'current',
      docStatus: 'final',
      type: { coding: [{ system: 'http://loinc.org', code: '11506-3' }] },
      subject: { reference: 'Patient/p1' },
      date: '2026-03-12T15:32:05.250+01:00',
      author: [{ reference: 'Practitioner/dr', display: 'Dr Amara Nwosu' }],
      context: { encounter: [{ reference: 'Encounter/e1' }] },
    });
    expect(resource.content[0].attachment.size).toBe(Buffer.byteLength('Naïve Größe 🫀\nsecond line'));
  });

  it.each(noteKind.options)('of kind %s is valid, also where no encounter is known', (kind) => {
    const resource = JSON.parse(newNote({ kind, body: 'x' }, { ...writing, encounter: null }).body);
    expectValid(resource);
    expect(resource).not.toHaveProperty('context');
  });

  it('carries any text unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 500 }), (body) => {
        expect(textOf(JSON.parse(newNote({ kind: 'nursing', body }, writing).body))).toBe(body);
      }),
    );
  });
});

describe('the time of writing', () => {
  it.each([
    [0, '2026-03-12T14:32:05.250+00:00'],
    [-210, '2026-03-12T11:02:05.250-03:30'],
    [345, '2026-03-12T20:17:05.250+05:45'],
  ])('at %i minutes from UTC is %s', (offsetMinutes, text) => {
    expect(instantOf({ now: writing.now, offsetMinutes })).toBe(text);
    expect(Date.parse(text)).toBe(writing.now);
  });
});

const stored = (change: Record<string, unknown> = {}) =>
  JSON.stringify({
    resourceType: 'DocumentReference',
    id: 'n1',
    meta: { versionId: '7', lastUpdated: '2026-03-11T09:00:00.000Z' },
    status: 'current',
    docStatus: 'final',
    subject: { reference: 'Patient/p1' },
    author: [{ reference: 'Practitioner/other' }],
    description: 'Ward round',
    content: [{ attachment: { contentType: 'text/plain', url: 'Binary/b', hash: 'aGFzaA==', title: 'Ward round' } }],
    ...change,
  });

const amend = (resource: string, versionId = '7') =>
  amendedNote({ resource, versionId, body: 'Better today.' }, writing);

describe('an amended note', () => {
  it('has the new text alone: nothing of it leads to the old one', () => {
    const amended = amend(stored({ text: { status: 'generated', div: '<div>old</div>' } }));
    if (!amended.ok) throw new Error(amended.error.code);
    const resource = JSON.parse(amended.value.body);
    expectValid(resource);
    expect(textOf(resource)).toBe('Better today.');
    expect(resource.docStatus).toBe('amended');
    expect(resource.author).toEqual([
      { reference: 'Practitioner/other' },
      { reference: 'Practitioner/dr', display: 'Dr Amara Nwosu' },
    ]);
    expect(resource.content[0].attachment).not.toHaveProperty('url');
    expect(resource.content[0].attachment).not.toHaveProperty('hash');
    expect(resource).not.toHaveProperty('text');
    expect(amended.value.title).toBe('Ward round');
  });

  it('keeps every other decimal to the digit, of any length', () => {
    const extension =
      '"extension":[{"url":"https://x/score","valueDecimal":1.50},{"url":"https://x/n","valueDecimal":0.10000000000000000000001}]';
    const amended = amend(stored().replace('"status"', `${extension},"status"`));
    expect(amended.ok && amended.value.body).toContain('"valueDecimal":1.50');
    expect(amended.ok && amended.value.body).toContain('"valueDecimal":0.10000000000000000000001');
  });

  it.each(['Practitioner/dr', 'https://s.example/fhir/Practitioner/dr', 'Practitioner/dr/_history/2'])(
    'names its writer once: %s',
    (reference) => {
      const amended = amend(stored({ author: [{ reference }] }));
      expect(amended.ok && JSON.parse(amended.value.body).author).toEqual([{ reference }]);
    },
  );

  it('of a note that was never sent stays final', () => {
    const amended = amend(stored({ meta: undefined }), '');
    expect(amended.ok && JSON.parse(amended.value.body).docStatus).toBe('final');
  });

  it.each([
    ['a document that is no text', { content: [{ attachment: { contentType: 'application/pdf', data: 'eA==' } }] }],
    ['a web page', { content: [{ attachment: { contentType: 'text/html', data: 'eA==' } }] }],
    [
      'a text with another rendering beside it',
      { content: [{ attachment: { contentType: 'text/plain' } }, { attachment: { contentType: 'application/pdf' } }] },
    ],
    ['a part of a resource', { meta: { versionId: '7', tag: [{ code: 'SUBSETTED' }] } }],
    ['a note that was entered in error', { docStatus: 'entered-in-error' }],
    ['a note that was superseded', { status: 'superseded' }],
    ['a document without content', { content: [] }],
  ])('is refused for %s', (_what, change) => {
    expect(amend(stored(change))).toEqual({ ok: false, error: { code: 'not-amendable' } });
  });

  it('is refused where the note has changed since it was shown', () => {
    expect(amend(stored(), '6')).toEqual({ ok: false, error: { code: 'stale' } });
  });

  it.each(['Patient/p2', 'Group/p1', 'Practitioner/p1', undefined])(
    'security: is refused for a note about %s, whoever names it',
    (reference) => {
      expect(amend(stored({ subject: { reference } }))).toEqual({ ok: false, error: { code: 'not-found' } });
    },
  );
});
