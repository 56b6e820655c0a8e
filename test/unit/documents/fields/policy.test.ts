import { describe, expect, it } from 'vitest';
import { documentsSchema } from '../../../../main/managed/documents.ts';

const read = (path: string) =>
  documentsSchema.safeParse({
    organisation: ['PEM'],
    signingKey: 'PEM',
    keyService: 'https://keys.example.org/',
    fields: [{ type: 'Observation', path }],
  }).success;

describe('fields that policy marks', () => {
  it.each(['value', 'valueString', 'note.text', 'component.value', 'content.attachment.data', 'statusReason'])(
    'may be %s',
    (path) => expect(read(path)).toBe(true),
  );

  it.each([
    'id',
    'meta.security',
    'status',
    'subject',
    'subject.reference',
    'patient',
    'encounter',
    'text.div',
    'context',
  ])('are never what places a record: %s', (path) => expect(read(path)).toBe(false));

  it.each(['', '.value', 'note[0].text', 'a b', 'value.where(true)'])('are named by a plain path: not %j', (path) =>
    expect(read(path)).toBe(false),
  );
});
