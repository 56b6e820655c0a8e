import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { interval } from '../../../main/cache/dates.ts';
import { fold, queryWords, searchWords } from '../../../main/cache/fold.ts';
import { factsOf } from '../../../main/cache/ingest/facts.ts';
import { patientSummary } from '../../../main/cache/ingest/patient.ts';
import { bound, parseExact, parseReference } from '../../../main/cache/json.ts';

/** What `parseExact` ought to give: every number of a member with a name like FHIR's as its own text. */
function withTexts(value: unknown, member: boolean): unknown {
  if (typeof value === 'number') return member ? JSON.stringify(value) : value;
  if (Array.isArray(value)) return value.map((one) => withTexts(one, false));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withTexts(one, /\w$/.test(key))]));
}

describe('parseExact', () => {
  test.each(['1.50', '1e2', '-0.0', '12345678901234567890', '1E+10'])('keeps %s', (text) => {
    expect(parseExact(`{"value" :\n ${text}}`)).toEqual({ value: text });
  });

  test('changes nothing else, whatever the strings hold', () => {
    const tricky = fc.constantFrom('": 5, ', '\\": 5', '"value":1', '\\\\": 7 ,', ': 3', ': 3, x', 'a": 3,', '":"');
    const key = fc.oneof(fc.string(), tricky).filter((one) => one !== '__proto__');
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        tricky,
        fc.boolean(),
        fc.constant(null),
        fc.double({ noNaN: true, noDefaultInfinity: true }).filter((one) => !Object.is(one, -0)),
        fc.array(tie('tree')),
        fc.dictionary(key, tie('tree')),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, tree), fc.constantFrom(0, 1), (value, space) => {
        expect(parseExact(JSON.stringify(value, null, space))).toEqual(withTexts({ ...value }, false));
      }),
      { numRuns: 1_000 },
    );
  });
});

test.each([
  ['2024', '2024-01-01T00:00:00.000Z', '2024-12-31T23:59:59.999Z'],
  ['2024-02', '2024-02-01T00:00:00.000Z', '2024-02-29T23:59:59.999Z'],
  ['2023-02-28', '2023-02-28T00:00:00.000Z', '2023-02-28T23:59:59.999Z'],
  ['2024-05-05T10:20:30+02:00', '2024-05-05T08:20:30.000Z', '2024-05-05T08:20:30.999Z'],
  ['2024-05-05T10:20-05:30', '2024-05-05T15:50:00.000Z', '2024-05-05T15:50:59.999Z'],
  ['2024-05-05T10:20:30.123456Z', '2024-05-05T10:20:30.123Z', '2024-05-05T10:20:30.123Z'],
])('%s is an interval', (text, start, end) => {
  const found = interval(text);
  expect([found?.start, found?.end].map((time) => new Date(time ?? 0).toISOString())).toEqual([start, end]);
});

test.each(['', '24', '2024-13', '2023-02-29', '2024-00-01', '2024-05-05T25:00Z', 'tomorrow', '2024-5-5', null, 2024])(
  '%j is no date',
  (text) => {
    expect(interval(text)).toBeNull();
  },
);

describe('names are found', () => {
  test.each([
    ['Nguyễn', 'nguyen'],
    ['MÜLLER', 'muller'],
    ['Straße', 'strasse'],
    ['Łódź', 'lodz'],
    ['Ødegård', 'odegard'],
    ['İnci', 'inci'],
  ])('%s as %s', (name, folded) => {
    expect(fold(name)).toBe(folded);
  });

  test('by each word’s beginning, with or without accents, case and punctuation', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 4 }), (values) => {
        const words = searchWords(values);
        for (const word of queryWords(values.join(' '))) {
          expect([...words].some((one) => one.startsWith(word))).toBe(true);
        }
        expect(searchWords(values.map((one) => one.normalize('NFD')))).toEqual(words);
      }),
    );
  });
});

test.each([
  ['Patient/a', { type: 'Patient', id: 'a' }],
  ['https://x.example/fhir/Patient/a/_history/2', { type: 'Patient', id: 'a' }],
  ['#a', undefined],
  ['urn:uuid:0', undefined],
  ['Patient?identifier=1', undefined],
  ['Patient/a b', undefined],
  [{ a: 1 }, undefined],
])('reference %j', (reference, expected) => {
  expect(parseReference(reference)).toEqual(expected);
});

test('a bounded text is as long as the contract allows, and well formed', () => {
  expect(bound('a'.repeat(4_000))).toHaveLength(4_000);
  expect(bound('😀'.repeat(3_000)).length).toBeLessThanOrEqual(4_000);
  expect(() => encodeURIComponent(bound('😀'.repeat(3_000)))).not.toThrow();
});

describe('a patient', () => {
  test.each([
    [
      [
        { family: 'Old', use: 'old' },
        { family: 'Usual', use: 'usual' },
        { family: 'Official', use: 'official' },
      ],
      'Official',
      '',
    ],
    [[{ family: 'Maiden', use: 'maiden' }, { family: 'Now' }], 'Now', ''],
    [[{ text: 'Doe, John' }], 'Doe', 'John'],
    [[{ text: 'Cher' }], 'Cher', ''],
    [[{ family: 5, given: [null, 'A', 'B'] }], '', 'A B'],
    ['nonsense', '', ''],
  ])('named %j', (name, family, given) => {
    expect(patientSummary({ name })).toMatchObject({ family, given });
  });

  test('has died where anything says so', () => {
    const deceased = (members: object) => patientSummary(members).deceased;
    expect([{}, { deceasedBoolean: false }].map(deceased)).toEqual(['false', 'false']);
    expect(deceased({ deceasedDateTime: '2024-02' })).toBe('2024-02');
    expect([{ deceasedBoolean: true }, { deceasedDateTime: 'spring' }].map(deceased)).toEqual(['true', 'true']);
  });
});

test('what is no resource is no resource', () => {
  for (const body of [
    '',
    '1',
    '[]',
    '{"resourceType":"x","id":"a"}',
    '{"resourceType":"__proto__","id":"a"}',
    '{"resourceType":"Patient","id":5}',
  ]) {
    expect(factsOf(body)).toBeNull();
  }
});
