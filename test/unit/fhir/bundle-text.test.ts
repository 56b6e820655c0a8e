import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSearchset } from '../../../main/fhir/bundle-text.ts';

/** Numbers whose digits JavaScript would not keep. */
const numbers = ['1.50', '1e2', '1E+2', '-0.0', '0', '-1', '12345678901234567890', '0.10000000000000000001', '1.0e-3'];
const nasty = [
  '"',
  '\\',
  '\\"',
  '\\\\',
  '{',
  '}',
  '[',
  ']',
  '}]}',
  ',',
  ':',
  '"resource":{',
  '"entry":[',
  '\u0000',
  '\n\r\t',
  '\u2028',
  'é',
  '日本',
  '\u{1f600}',
  '\ud800',
  '</script>',
  'next',
];

const string = fc.oneof(
  fc.array(fc.constantFrom(...nasty), { maxLength: 6 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 8 }),
);

/** JSON text of a string, in one of the ways in which it may be escaped. */
const stringText = fc.tuple(string, fc.constantFrom('plain', 'unicode', 'slash')).map(([value, how]) => {
  const text = JSON.stringify(value);
  if (how === 'unicode') return text.replace(/[A-Za-z]/g, (char, at: number) => escaped(text, char, at));
  return how === 'slash' ? text.replaceAll('/', '\\/') : text;
});

function escaped(text: string, char: string, at: number): string {
  // A letter that is part of an escape stays.
  return /\\(?:u[0-9a-f]{0,3})?$/.test(text.slice(0, at))
    ? char
    : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const space = fc.constantFrom('', '', '', ' ', '\n', '\t', '\r\n  ');

/** A value's text with whitespace between its parts. */
const { value: valueText } = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(...numbers, 'true', 'false', 'null'),
    stringText,
    tie('object'),
    tie('array'),
  ),
  object: fc
    .array(fc.tuple(space, stringText, space, tie('value'), space), { maxLength: 4 })
    .map((members) => `{${members.map(([a, name, b, value, c]) => `${a}${name}${b}:${value}${c}`).join(',')}}`),
  array: fc
    .array(fc.tuple(space, tie('value'), space), { maxLength: 4 })
    .map((items) => `[${items.map(([a, value, b]) => a + value + b).join(',')}]`),
}));

const resourceText = fc
  .tuple(valueText, stringText, space)
  .map(
    ([value, text, gap]) => `{"resourceType":"Observation",${gap}"note":${text}, "valueQuantity":{"value":${value}}}`,
  );

interface Made {
  text: string;
  resources: string[];
  next: string | null;
}

const bundleText: fc.Arbitrary<Made> = fc
  .record({
    resources: fc.array(resourceText, { maxLength: 5 }),
    gaps: fc.array(space, { minLength: 12, maxLength: 12 }),
    next: fc.option(fc.webUrl(), { nil: null }),
    extra: valueText,
    order: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5, maxLength: 5 }),
  })
  .map(({ resources, gaps, next, extra, order }) => {
    const gap = (at: number) => gaps[at % gaps.length] ?? '';
    const entries = resources.map(
      (resource, at) =>
        `{${gap(at)}"fullUrl":"x","search":{"mode":"match"}${gap(at + 1)},"resource"${gap(at + 2)}:${resource}${gap(at)}}`,
    );
    const members = [
      `"resourceType":${gap(3)}"Bundle"`,
      `"entry":${gap(4)}[${entries.map((entry, at) => gap(at + 5) + entry).join(`${gap(6)},`)}${gap(7)}]`,
      `"link":[{"relation":"self","url":"s"}${next === null ? '' : `,{"relation":"next","url":${JSON.stringify(next)}}`}]`,
      `"extension":${extra}`,
      `"total":${gap(8)}${resources.length}`,
    ];
    const text = `${gap(9)}{${order.map((index) => members[index]).join(`${gap(10)},${gap(11)}`)}}${gap(1)}`;
    return { text, resources, next };
  });

const empty = '{"resourceType":"Bundle","type":"searchset"}';

describe('reading a searchset', () => {
  it('gives each resource as the server wrote it, equal to what a JSON parser finds', () => {
    fc.assert(
      fc.property(bundleText, ({ text, resources, next }) => {
        const page = readSearchset(text);
        const parsed = JSON.parse(text) as { entry: { resource: unknown }[]; total: number };
        expect(page.resources).toEqual(resources);
        expect(page.resources.map((resource) => JSON.parse(resource) as unknown)).toEqual(
          parsed.entry.map(({ resource }) => resource),
        );
        expect(page).toMatchObject({ next, total: parsed.total });
      }),
      { numRuns: 400 },
    );
  });

  it('keeps the digits of every number', () => {
    const resources = numbers.map((value) => `{"resourceType":"Observation","valueQuantity":{"value":${value}}}`);
    const entries = resources.map((resource) => `{"resource":${resource}}`);
    expect(readSearchset(`{"resourceType":"Bundle","entry":[${entries}]}`).resources).toEqual(resources);
  });

  it('takes a page without entries, links or total', () => {
    expect(readSearchset(empty)).toEqual({ resources: [], next: null, total: null });
    expect(readSearchset(`{"entry":[],"link":[],"resourceType":"Bundle"}`).resources).toEqual([]);
    expect(readSearchset(`{"entry":[{"fullUrl":"x"}],"resourceType":"Bundle"}`).resources).toEqual([]);
  });

  it.each([
    ['[{"relation":"next"}]', null],
    ['[{"relation":"next","url":7}]', null],
    ['[{"relation":"previous","url":"a"}]', null],
    ['[null,"next",{"relation":"next","url":"b"}]', 'b'],
    ['{"relation":"next","url":"a"}', null],
    ['"next"', null],
  ])('reads of the links %s the next page %j', (links, next) => {
    expect(readSearchset(`{"resourceType":"Bundle","link":${links}}`).next).toBe(next);
  });

  it('is not confused by names and values that look like the envelope', () => {
    const resource = String.raw`{"resourceType":"Bundle","entry":[{"resource":{"id":"inner"}}],"x":"\"}]}","link":[{"relation":"next","url":"evil"}]}`;
    const page = readSearchset(`{"resourceType":"Bundle","entry":[{"resource":${resource}}]}`);
    expect(page).toEqual({ resources: [resource], next: null, total: null });
  });

  it('reads a member name that is written with escapes as the member that it is', () => {
    const text = String.raw`{"resource\u0054ype":"Bundle","\u0065ntry":[{"r\u0065source":{"id":"a"}}]}`;
    expect(readSearchset(text).resources).toEqual(['{"id":"a"}']);
  });

  it('reads a deep resource without running out of stack, and a long one in good time', () => {
    const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(readSearchset(`{"resourceType":"Bundle","entry":[{"resource":${deep}}]}`).resources).toEqual([deep]);
    const long = JSON.stringify({ note: '\\"'.repeat(500_000) });
    expect(readSearchset(`{"resourceType":"Bundle","entry":[{"resource":${long}}]}`).resources).toEqual([long]);
  });
});

describe('a page that is not whole', () => {
  it('throws wherever it was cut off, and never returns fewer resources', () => {
    fc.assert(
      fc.property(bundleText, fc.double({ min: 0, max: 1, noNaN: true }), ({ text }, part) => {
        const whole = text.trimEnd();
        const cut = whole.slice(0, Math.min(Math.floor(whole.length * part), whole.length - 1));
        expect(() => readSearchset(cut)).toThrow();
      }),
      { numRuns: 1_000 },
    );
  });

  it('throws at each single byte of a page', () => {
    const text = `{"resourceType":"Bundle","link":[{"relation":"next","url":"n"}],"entry":[{"resource":{"id":"a","v":1.50}},{"resource":{"id":"b"}}],"total":2}`;
    for (let length = 0; length < text.length; length += 1)
      expect(() => readSearchset(text.slice(0, length))).toThrow();
    expect(readSearchset(text).resources).toHaveLength(2);
  });

  it.each([
    ['', 'nothing'],
    ['<html></html>', 'a page of a proxy'],
    ['null', 'null'],
    ['[]', 'a list'],
    ['"Bundle"', 'a string'],
    ['{}', 'an empty object'],
    ['{"resourceType":"OperationOutcome"}', 'another resource'],
    ['{"resourceType":["Bundle"]}', 'a list of types'],
    ['{"entry":[{"resource":{"resourceType":"Bundle"}}]}', 'a Bundle inside only'],
    [`${empty}x`, 'text behind'],
    [`${empty}${empty}`, 'two Bundles'],
    [`${empty},`, 'a comma behind'],
    [`x${empty}`, 'text before'],
    ['{"resourceType":"Bundle",}', 'a comma too many'],
    ['{"resourceType":"Bundle" "total":1}', 'a comma too few'],
    ['{"resourceType" "Bundle"}', 'no colon'],
    ["{'resourceType':'Bundle'}", 'other quotes'],
    ['{"resourceType":"Bundle","entry":{}}', 'entries that are no list'],
    ['{"resourceType":"Bundle","entry":null}', 'entries that are null'],
    ['{"resourceType":"Bundle","entry":[null]}', 'an entry that is null'],
    ['{"resourceType":"Bundle","entry":[{},]}', 'an entry too few'],
    ['{"resourceType":"Bundle","entry":[{"resource":{}} {}]}', 'entries without a comma'],
    ['{"resourceType":"Bundle","total":tru}', 'a value that is none'],
    ['{"resourceType":"Bundle","entry":[{"resource":}]}', 'a resource that is missing'],
    ['{"resourceType":"Bundle","entry":[{"resource":7}]}', 'a resource that is a number'],
    ['{"resourceType":"Bundle","entry":[{"resource":[]}]}', 'a resource that is a list'],
  ])('throws for %j: %s', (text) => {
    expect(() => readSearchset(text)).toThrow();
  });
});
