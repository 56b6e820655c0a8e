import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'plist';
import { describe, expect, it } from 'vitest';
import { convert } from 'xmlbuilder2';
import { settingsList } from '../../../main/managed/list.ts';
import { readPolicy } from '../../../main/managed/read.ts';
import { nested } from '../../../main/managed/sources/flat.ts';

const project = join(import.meta.dirname, '..', '..', '..');
const read = (file: string) => readFileSync(join(project, 'build', 'machine-policy', file), 'utf8');

it('the templates are what the list makes of them', () => {
  const cli = join(project, 'build', 'policy-templates', 'cli.ts');
  expect(() => execFileSync(process.execPath, [cli, '--check'], { stdio: 'pipe' })).not.toThrow();
});

describe('the template for Group Policy', () => {
  const text = read('windows/Wardlight.admx');
  const ids = (pattern: RegExp, from: string) => [...from.matchAll(pattern)].map(([, id = '']) => id);
  const names = ids(/<policy name="([^"]+)"/g, text);

  it('has each setting once, under a name that Windows takes', () => {
    expect(names).toHaveLength(settingsList.length);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_]+$/);
    const values = ids(/valueName="([^"]+)"/g, text);
    expect(values.toSorted()).toEqual(settingsList.map(({ key }) => key).toSorted());
  });

  it.each(['en-US', 'es-ES'])('finds every word and every box in %s, and no other is there', (language) => {
    const words = read(`windows/${language}/Wardlight.adml`);
    const asked = new Set(ids(/\$\(string\.([^)]+)\)/g, text));
    expect(new Set(ids(/<string id="([^"]+)"/g, words))).toEqual(asked);
    const boxes = new Set(ids(/\$\(presentation\.([^)]+)\)/g, text));
    expect(new Set(ids(/<presentation id="([^"]+)"/g, words))).toEqual(boxes);
    expect(new Set(ids(/refId="([^"]+)"/g, words))).toEqual(boxes);
  });

  it('has parents that are there, and its parts in the order that the schema of PolicyDefinitions wants', () => {
    const { policyDefinitions } = convert(text, { format: 'object' }) as unknown as Definitions;
    expect(Object.keys(policyDefinitions).filter((name) => !name.startsWith('@'))).toEqual([
      'policyNamespaces',
      'resources',
      'supportedOn',
      'categories',
      'policies',
    ]);
    const categories = new Set(policyDefinitions.categories.category.map((one) => one['@name']));
    const order = ['parentCategory', 'supportedOn', 'enabledValue', 'disabledValue', 'elements'];
    for (const policy of policyDefinitions.policies.policy) {
      expect(categories).toContain(policy.parentCategory['@ref']);
      const parts = Object.keys(policy).filter((name) => !name.startsWith('@'));
      expect(parts).toEqual(order.filter((one) => parts.includes(one)));
    }
  });

  it('names both ends of each number, which would be 0 and 9999 otherwise, and lets all between them be typed', () => {
    const words = read('windows/en-US/Wardlight.adml');
    for (const { key, type, min, max, default: standard } of settingsList) {
      if (type !== 'integer') continue;
      const id = key.replaceAll('.', '_');
      const [, kind = '', least, most] =
        new RegExp(`<(decimal|longDecimal) id="${id}"[^>]* minValue="(\\d+)" maxValue="(\\d+)"`).exec(text) ?? [];
      expect([key, least, most]).toEqual([key, String(min), String(max)]);
      expect(max).toBeLessThan(kind === 'decimal' ? 2 ** 32 : Number.MAX_SAFE_INTEGER);
      const [, rest = ''] = new RegExp(`<${kind}TextBox refId="${id}" ([^>]*)>`).exec(words) ?? [];
      expect([key, rest.includes('spin="false"')]).toEqual([key, Number(max) > 9_999]);
      // An unsigned integer of 32 bits in both kinds of box, and within the ends.
      expect(rest).toContain(`defaultValue="${standard}"`);
      expect(standard).toBeLessThan(2 ** 32);
      expect(standard).toBeLessThanOrEqual(Number(max));
    }
  });

  it('has nothing but what the schema of PolicyDefinitions knows, in each element', () => {
    expect(strangersIn(text, ADMX)).toEqual([]);
    for (const language of ['en-US', 'es-ES']) {
      expect(strangersIn(read(`windows/${language}/Wardlight.adml`), ADML)).toEqual([]);
    }
  });
});

/** Attributes that an element must have, and those that it may have besides ([MS-GPREG], sections 7.2 and 7.3). */
type Shape = readonly [required: readonly string[], optional: readonly string[]];

const place = ['id', 'valueName'];
const ADMX: Readonly<Record<string, Shape>> = {
  policyDefinitions: [['revision', 'schemaVersion'], ['xmlns']],
  policyNamespaces: [[], []],
  target: [['prefix', 'namespace'], []],
  resources: [['minRequiredRevision'], ['fallbackCulture']],
  supportedOn: [[], ['ref']],
  definitions: [[], []],
  definition: [['name', 'displayName'], []],
  categories: [[], []],
  category: [['name', 'displayName'], ['explainText']],
  parentCategory: [['ref'], []],
  policies: [[], []],
  policy: [
    ['name', 'class', 'displayName', 'key'],
    ['explainText', 'presentation', 'valueName'],
  ],
  enabledValue: [[], []],
  disabledValue: [[], []],
  elements: [[], []],
  decimal: [[], ['value', ...place, 'required', 'minValue', 'maxValue', 'storeAsText', 'soft']],
  longDecimal: [place, ['required', 'minValue', 'maxValue', 'storeAsText', 'soft']],
  text: [place, ['required', 'maxLength', 'expandable', 'soft']],
  multiText: [place, ['required', 'maxLength', 'maxStrings', 'soft']],
  enum: [place, ['required']],
  item: [['displayName'], []],
  value: [[], []],
  string: [[], []],
};
const ADML: Readonly<Record<string, Shape>> = {
  policyDefinitionResources: [['revision', 'schemaVersion'], ['xmlns']],
  displayName: [[], []],
  description: [[], []],
  resources: [[], []],
  stringTable: [[], []],
  string: [['id'], []],
  presentationTable: [[], []],
  presentation: [['id'], []],
  decimalTextBox: [['refId'], ['defaultValue', 'spin', 'spinStep']],
  longDecimalTextBox: [['refId'], ['defaultValue', 'spin', 'spinStep']],
  textBox: [['refId'], []],
  label: [[], []],
  defaultValue: [[], []],
  multiTextBox: [['refId'], ['showAsDialog', 'defaultHeight']],
  dropdownList: [['refId'], ['noSort', 'defaultItem']],
};

/** Elements and attributes that a schema doesn't know, or that are missing; and identifiers that are there twice. */
function strangersIn(xml: string, known: Readonly<Record<string, Shape>>): string[] {
  const wrong: string[] = [];
  const ids = new Set<string>();
  for (const [, name = '', rest = ''] of xml.matchAll(/<([A-Za-z]+)((?: [A-Za-z:]+="[^"]*")*)\s*\/?>/g)) {
    const shape = known[name];
    const given = [...rest.matchAll(/ ([A-Za-z:]+)="([^"]*)"/g)];
    const names = given.map(([, one = '']) => one);
    if (!shape) wrong.push(name);
    const [required = [], optional = []] = shape ?? [];
    wrong.push(...names.filter((one) => ![...required, ...optional].includes(one)).map((one) => `${name} ${one}`));
    wrong.push(...required.filter((one) => !names.includes(one)).map((one) => `${name} without ${one}`));
    if (new Set(names).size !== names.length) wrong.push(`${name} twice`);
    const id = given.find(([, one]) => one === 'id' || one === 'name')?.[2];
    if (id === undefined) continue;
    // Elements of a policy have names of their own; everything else has one in its document.
    const own = `${name} ${id}`;
    if (ids.has(own)) wrong.push(`${own} twice`);
    ids.add(own);
  }
  return wrong;
}

interface Definitions {
  readonly policyDefinitions: {
    readonly categories: { readonly category: readonly { readonly '@name': string }[] };
    readonly policies: { readonly policy: readonly { readonly parentCategory: { readonly '@ref': string } }[] };
  };
}

it('the configuration profile forces values that are read back as they are', () => {
  const profile = parse(read('macos/org.wardlight.app.mobileconfig')) as unknown as {
    PayloadContent: [Record<string, unknown>];
  };
  const forced = Object.entries(profile.PayloadContent[0]).filter(([key]) => !key.startsWith('Payload'));
  const { managed, problems, policy } = readPolicy(nested(forced));
  expect(problems).toEqual([]);
  expect(managed).toHaveLength(forced.length);
  expect(policy).toEqual(readPolicy({}).policy);
});
