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

  it('bounds a number by what its kind of value can hold', () => {
    for (const [, kind = '', bound = ''] of text.matchAll(/<(decimal|longDecimal) id.*?maxValue="(\d+)"/g))
      expect(BigInt(bound)).toBeLessThan(kind === 'decimal' ? 2n ** 32n : 2n ** 64n);
  });
});

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
  const { managed, problems, policy } = readPolicy(nested(Object.fromEntries(forced)));
  expect(problems).toEqual([]);
  expect(managed).toHaveLength(forced.length);
  expect(policy).toEqual(readPolicy({}).policy);
});
