import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainText, plainTexts } from '../../../main/cache/plain-text.ts';

const sign = '\uFFFD';

test.each([
  ['an override', 'Smith\u202Egnirts', `Smith${sign}gnirts`],
  ['an isolate', '\u2066Smith\u2069', `${sign}Smith${sign}`],
  ['a zero-width space', 'Smi\u200Bth', `Smi${sign}th`],
  ['a bell', 'Smith\u0007', `Smith${sign}`],
  ['a tag', 'Smith\u{E0041}', `Smith${sign}`],
  ['half a character', 'Smith\uD800', `Smith${sign}`],
  ['a mark of direction, which goes', 'Smith\u200F', 'Smith'],
  ['lines and tabs, which stay', 'a\r\nb\tc\rd', 'a\nb\tc\nd'],
  ['joiners, which words of some languages need', 'می\u200Cخواهم', 'می\u200Cخواهم'],
  ['a face', 'ok 🙂', 'ok 🙂'],
])('%s', (_, text, shown) => {
  expect(plainText(text)).toBe(shown);
});

test('security: in an answer nothing hidden is left in any text, and the rest is as it was', () => {
  const hidden = /(?![\n\t])\p{Cc}|[\u202A-\u202E\u2066-\u2069\u200B\uFEFF]|\p{Cs}/u;
  fc.assert(
    // As it can stand in JSON, which knows no negative zero.
    fc.property(
      fc.jsonValue().map((one) => JSON.parse(JSON.stringify(one))),
      (answer) => {
        const shown = plainTexts({ answer });
        expect(JSON.parse(JSON.stringify(shown))).toEqual(shown);
        eachText(shown, (text) => expect(text).not.toMatch(hidden));
        expect(plainTexts(shown)).toEqual(shown);
      },
    ),
  );
  expect(plainTexts({ id: 'a', code: 'x\u202E', items: [1, null, true, 'y\u202E'] })).toEqual({
    id: 'a',
    code: 'x\u202E',
    items: [1, null, true, `y${sign}`],
  });
});

function eachText(value: unknown, see: (text: string) => void): void {
  if (typeof value === 'string') see(value);
  else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) eachText(one, see);
}
