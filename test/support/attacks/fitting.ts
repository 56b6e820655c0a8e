import fc from 'fast-check';

/** As far as the contract uses it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** Texts that have broken something somewhere. */
const HOSTILE = [
  '',
  ' ',
  '.',
  '..',
  '../../../../etc/passwd',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'NaN',
  '\0',
  '\u{1F4A9}\uD800',
  '\u202Etxt.exe',
  "' OR 1=1; DROP TABLE resource; --",
  '"*" OR NEAR(a b, 1)',
  '%_%',
  '{{7*7}}',
  '<img src=x onerror=alert(1)>',
  'Patient/../Observation?_count=1000000',
  '-1772359200000_4',
  '9'.repeat(20),
  'e\u0301'.repeat(100),
  'a'.repeat(200),
  'x'.repeat(4_000),
];

const list = (value: unknown) => (Array.isArray(value) ? (value as unknown[]) : []);
const number = (value: unknown, other: number) => (typeof value === 'number' ? value : other);

/** Values that fit a schema, or nearly so: the rest of its conditions are for who asks. */
export function arbitraryOf(schema: JsonSchema, known: readonly string[]): fc.Arbitrary<unknown> {
  const of = (part: unknown) => arbitraryOf(part as JsonSchema, known);
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...list(schema['enum']));
  const choices = list(schema['anyOf'] ?? schema['oneOf']);
  if (choices.length > 0) return fc.oneof(...choices.map(of));
  switch (schema['type']) {
    case 'object':
      return objectOf(schema, known);
    case 'array':
      return Array.isArray(schema['prefixItems'])
        ? fc.tuple(...list(schema['prefixItems']).map(of))
        : fc.array(of(schema['items']), {
            minLength: number(schema['minItems'], 0),
            maxLength: Math.min(number(schema['maxItems'], 4), number(schema['minItems'], 0) + 4),
          });
    case 'string':
      return textOf(schema, known);
    case 'integer':
      return wholeOf(number(schema['minimum'], -1), number(schema['maximum'], Number.MAX_SAFE_INTEGER));
    case 'number':
      return fc.double({
        min: number(schema['minimum'], -1e308),
        max: number(schema['maximum'], 1e308),
        noNaN: true,
      });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue();
  }
}

/** Numbers at the edges as often as in between. */
function wholeOf(min: number, max: number): fc.Arbitrary<number> {
  return fc.oneof(
    fc.constantFrom(min, max),
    fc.integer({ min, max: Math.min(max, min + 1_000) }),
    fc.integer({ min, max }),
  );
}

function objectOf(schema: JsonSchema, known: readonly string[]): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>);
  if (properties.length === 0 && typeof schema['additionalProperties'] === 'object') {
    const value = arbitraryOf(schema['additionalProperties'] as JsonSchema, known);
    return fc.dictionary(fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom(...known.slice(0, 20), 'x')), value, {
      maxKeys: 5,
      noNullPrototype: true,
    });
  }
  const model = Object.fromEntries(properties.map(([name, part]) => [name, arbitraryOf(part, known)]));
  return fc.record(model, { requiredKeys: list(schema['required']) as string[], noNullPrototype: true });
}

function textOf(schema: JsonSchema, known: readonly string[]): fc.Arbitrary<string> {
  const max = number(schema['maxLength'], 10_000);
  const { format } = schema;
  const made =
    format === 'uuid'
      ? fc.uuid()
      : format === 'date-time'
        ? momentOf()
        : patternOf(schema['pattern'] as string | undefined);
  const pattern = typeof schema['pattern'] === 'string' ? new RegExp(schema['pattern']) : null;
  const given = [...known, ...HOSTILE].filter(
    (one) => one.length <= max && one.length >= number(schema['minLength'], 0) && (!pattern || pattern.test(one)),
  );
  const longest = pattern ? [] : ['\u{10FFFF}'.repeat(Math.floor(max / 2))];
  const choices = [...given, ...longest];
  return choices.length > 0 ? fc.oneof(made, fc.constantFrom(...choices)) : made;
}

function patternOf(pattern: string | undefined): fc.Arbitrary<string> {
  return pattern === undefined ? fc.string({ unit: 'binary', maxLength: 60 }) : fc.stringMatching(new RegExp(pattern));
}

function momentOf(): fc.Arbitrary<string> {
  return fc
    .date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') })
    .map((one) => one.toISOString());
}
