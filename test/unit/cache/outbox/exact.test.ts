import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isIdentical, type Json, type JsonObject, readResource } from '../../../../main/cache/outbox/content.ts';
import { exactDifferences } from '../../../../main/cache/outbox/exact.ts';

const read = (value: unknown) => readResource(JSON.stringify(value));
const exact = (base: unknown, mine: unknown, theirs: unknown) =>
  exactDifferences([base, mine, theirs].map((value) => read({ value }))).all;

describe('what reads alike is told apart', () => {
  const at = 'value.coding[0].';
  const coded = (coding: object) => ({ coding: [{ system: 'http://a', code: '1', display: 'Penicillin', ...coding }] });
  it('by the system or the version of a code', () => {
    expect(exact(coded({}), coded({}), coded({ system: 'http://b' }))).toEqual([
      { at: `${at}system`, base: '"http://a"', mine: '"http://a"', theirs: '"http://b"' },
    ]);
    expect(exact(coded({}), coded({}), coded({ version: '2' }))).toEqual([
      { at: `${at}version`, base: null, mine: null, theirs: '"2"' },
    ]);
  });

  it('by digits at the end of a number, and by the zone of a time', () => {
    const numbers = ['{"value":1.5}', '{"value":1.50}', '{"value":1.500}'].map(readResource);
    expect(exactDifferences(numbers).all).toEqual([{ at: 'value', base: '1.5', mine: '1.50', theirs: '1.500' }]);
    const time = exact('2026-03-01T10:00:00Z', '2026-03-01T11:00:00+01:00', '2026-03-01T10:00:00.000Z');
    expect(new Set([time[0]?.base, time[0]?.mine, time[0]?.theirs]).size).toBe(3);
  });

  it('by characters that can’t be seen, and by letters that look like others', () => {
    expect(exact('ten mg', 'ten\u200B mg', 'ten\u00A0mg')).toEqual([
      { at: 'value', base: '"ten mg"', mine: '"ten‹U+200B› mg"', theirs: '"ten‹U+00A0›mg"' },
    ]);
    expect(exact('Maria', 'Mаria', 'Maria')[0]?.mine).toBe('"M‹U+0430›ria"');
  });

  it('also where all that is told first is of the version before', () => {
    const many = (more: object) => ({ ...Object.fromEntries('abcdefgh'.split('').map((name) => [name, 1])), ...more });
    const told = exact({}, many({ z: 1 }), many({ z: 2 }));
    expect(told).toContainEqual({ at: 'value.z', base: null, mine: '1', theirs: '2' });
    expect(told).toHaveLength(5);
  });

  it('around the place where they differ in a long text', () => {
    const long = (end: string) => `${'x'.repeat(5_000)}${end}${'y'.repeat(5_000)}`;
    const [found] = exact(long('1'), long('2'), long('2'));
    expect(found?.base).toMatch(/^…x{40}1y{40}…$/);
    expect(found?.mine).toMatch(/^…x{40}2y{40}…$/);
  });
});

it('never tells two values alike that differ', () => {
  const awkward = fc.constantFrom(
    '',
    ' ',
    '\u200B',
    'а',
    'a',
    '…',
    '‹U+0430›',
    '"',
    '\\',
    '\uD800',
    'null',
    '1',
    '1.0',
  );
  const word = fc.oneof(fc.string({ unit: awkward, maxLength: 6 }), fc.string({ unit: 'binary', maxLength: 200 }));
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { depthSize: 'small' },
      fc.oneof(word, fc.boolean(), fc.constant(null), fc.double({ noNaN: true, noDefaultInfinity: true })),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'system', 'code'), tie('json'), { maxKeys: 3 }),
    ),
  }));
  fc.assert(
    fc.property(json, json, json, (...values) => {
      const versions = values.map((value) => read({ value })) as JsonObject[];
      const { all } = exactDifferences(versions);
      const told = (['base', 'mine', 'theirs'] as const).map((side) => JSON.stringify(all.map((one) => one[side])));
      for (const [one, other] of [
        [0, 1],
        [0, 2],
        [1, 2],
      ] as const) {
        const alike = isIdentical(versions[one] as Json, versions[other] as Json);
        expect(told[one] === told[other]).toBe(alike);
      }
    }),
    { numRuns: 2_000 },
  );
});

it('security: tell of what is masked only that it is there', () => {
  const masked = (sealed: string): JsonObject => ({
    extension: [
      { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' },
      { url: 'https://wardlight.org/sealed', valueBase64Binary: sealed },
    ],
  });
  const [mine, theirs] = [masked('Q0lQSEVS'), masked('T1RIRVI=')];
  const differences = [
    exactDifferences([{ _value: mine }, { _value: theirs }, { _value: theirs }]),
    exactDifferences([{}, { _value: mine }, { _value: 'x' }]),
    exactDifferences([{ note: 'x' }, { note: [{ _text: mine }] }, { note: [{ _text: theirs }, 'y'] }]),
  ];
  expect(JSON.stringify(differences)).not.toMatch(/Q0lQSEVS|T1RIRVI|Base64/);
  expect(differences[0]).toEqual({ all: [], more: 0 });
  expect(differences[1]?.all).toEqual([{ at: '_value', base: null, mine: '"***"', theirs: '"x"' }]);
});
