import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eachSharedReference } from '../../../../main/cache/ingest/references.ts';

function sharedIn(body: string): string[] {
  const found: string[] = [];
  eachSharedReference({ body, resource: JSON.parse(body) }, (type, id) => found.push(`${type}/${id}`));
  return found;
}

test('tells what a resource refers to, wherever it stands, and of shared types alone', () => {
  const resource = {
    resourceType: 'Encounter',
    subject: { reference: 'Patient/p' },
    participant: [
      { individual: { reference: 'Practitioner/a' } },
      { individual: { reference: 'https://e.org/Practitioner/b' } },
    ],
    location: [{ location: { reference: 'Location/l/_history/2' } }],
    extension: [{ url: 'https://e.org/Organization/is/no/reference' }],
    text: { div: 'see Location/never' },
  };
  expect(sharedIn(JSON.stringify(resource))).toEqual(['Practitioner/a', 'Practitioner/b', 'Location/l']);
  expect(sharedIn(JSON.stringify(resource, null, 2))).toEqual(['Practitioner/a', 'Practitioner/b', 'Location/l']);
});

test('finds the same in a text that is written with escapes', () => {
  expect(sharedIn('{"performer":[{"reference":"Practitioner\\/a"}]}')).toEqual(['Practitioner/a']);
  expect(sharedIn('{"performer":[{"r\\u0065ference":"Practitioner/a"}]}')).toEqual(['Practitioner/a']);
  expect(sharedIn('{"text":"a \\"reference\\": \\"Practitioner/x\\" in words"}')).toEqual([]);
});

test('finds the same by the text as by the elements', () => {
  const name = fc.constantFrom('reference', 'url', 'display', 'x');
  const value = fc.oneof(
    fc.constantFrom('Practitioner/a', 'Patient/p', 'https://e.org/fhir/Location/1', 'Organization/', 'a Binary/b', ':'),
    fc.string({ unit: fc.constantFrom('a', '/', ':', ' ', '{', ',') }),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      value,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(name, tie('tree'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (part) => {
      // Where there is any escape, the elements are walked through.
      const [plain, escaped] = [{ part }, { part, last: '\\' }].map((resource) => JSON.stringify(resource));
      expect(sharedIn(plain as string)).toEqual(sharedIn(escaped as string));
    }),
  );
});
