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
  ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.000Z', '2016-12-31T23:59:59.999Z'],
  ['2017-01-01T05:29:60.25+05:30', '2016-12-31T23:59:59.250Z', '2016-12-31T23:59:59.250Z'],
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

describe('a date of any text', () => {
  /** As R4 datatypes.html#dateTime has it, but for seconds and a zone, which may be missing. */
  const FORM = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|[+-]\d\d:\d\d)?)?)?)?$/;

  function isDate(text: string): boolean {
    const [, year, month = '01', day = '01', hour = '00', minute = '00', second = '00'] = FORM.exec(text) ?? [];
    if (year === undefined || year < '0100' || hour > '24' || minute > '59' || second > '60') return false;
    // A day that isn't in the calendar is not the same when it is written again.
    const noon = new Date(`${year}-${month}-${day}T12:00:00Z`);
    return !Number.isNaN(noon.getTime()) && noon.toISOString().startsWith(`${year}-${month}-${day}`);
  }

  const part = fc.oneof(
    fc.constantFrom('-', ':', '.', 'T', 'Z', '+', ' ', '00', '24', '29', '31', '60', '02', '2000', '0099', '-12:00'),
    fc.stringMatching(/^\d{1,9}$/),
  );
  const broken = fc.array(part, { maxLength: 14 }).map((parts) => parts.join(''));
  const shaped = fc.stringMatching(
    /^\d{4}(-[01]\d(-[0-3]\d(T[0-2]\d:[0-5]\d(:[0-6]\d(\.\d{1,10})?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/,
  );

  test('is read if it has the form of one and is in the calendar, and is nothing otherwise', () => {
    fc.assert(
      fc.property(fc.oneof(shaped, broken), (text) => {
        expect(interval(text) !== null).toBe(isDate(text));
      }),
      { numRuns: 5_000 },
    );
  });

  test('begins when any other program says that it does', () => {
    const minute = 60_000;
    const moment = fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-30'), noInvalidDate: true });
    fc.assert(
      fc.property(moment, fc.integer({ min: -14 * 60, max: 14 * 60 }), (at, zone) => {
        const [hours, minutes] = [Math.trunc(Math.abs(zone) / 60), Math.abs(zone) % 60].map((one) =>
          String(one).padStart(2, '0'),
        );
        const local = new Date(at.getTime() + zone * minute).toISOString().slice(0, -1);
        const text = `${local}${zone < 0 ? '-' : '+'}${hours}:${minutes}`;
        fc.pre(/^\d{4}-/.test(local) && local >= '0100');
        expect(interval(text)).toEqual({ start: Date.parse(text), end: Date.parse(text) });
      }),
    );
  });
});

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
