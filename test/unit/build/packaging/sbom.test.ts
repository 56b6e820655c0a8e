import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { packageFolder } from '../../../../build/packaging/bundled.ts';
import type { Component } from '../../../../build/packaging/components.ts';
import { bomOf, noticesOf } from '../../../../build/packaging/sbom.ts';

const root = mkdtempSync(join(tmpdir(), 'wardlight-bundled-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const folder = (name: string) => {
  const path = join(root, 'node_modules', name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'package.json'), '{}');
  return path;
};

it('knows the package of a module, however the bundler names it', () => {
  const [plain, scoped, nested] = [folder('a'), folder('@s/b'), folder('a/node_modules/c')];
  expect(packageFolder(join(plain, 'lib', 'index.js'))).toBe(plain);
  expect(packageFolder(`\0${join(scoped, 'index.js')}?commonjs-module`)).toBe(scoped);
  expect(packageFolder(join(nested, 'index.js'))).toBe(nested);
  expect(packageFolder(join(root, 'main', 'index.ts'))).toBeNull();
});

const component = (name: string, license: string, texts: string[] = []): Component => ({
  type: 'library',
  name,
  version: '1.2.3',
  license,
  purl: `pkg:npm/${name}@1.2.3`,
  texts,
});
const options = { version: '0.1.0', builtAt: 1_790_000_000, archiveHash: 'ab'.repeat(32) };

it('names each part with its version and licence, and the program that they are of', () => {
  const parts = [component('a', 'MIT'), component('b', '(MIT OR Apache-2.0)'), component('c', 'LicenseRef-Own')];
  const bom = JSON.parse(bomOf(parts, options));
  expect(bom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' });
  expect(bom.metadata.component.hashes).toEqual([{ alg: 'SHA-256', content: options.archiveHash }]);
  expect(bom.components.map(({ licenses }: { licenses: unknown }) => licenses)).toEqual([
    [{ license: { id: 'MIT' } }],
    [{ expression: '(MIT OR Apache-2.0)' }],
    [{ expression: 'LicenseRef-Own' }],
  ]);
  expect(bom.dependencies[0].dependsOn).toEqual(parts.map(({ purl }) => purl));
});

it('is the same for the same parts, and has another number for others', () => {
  const [one, other] = [[component('a', 'MIT')], [component('b', 'MIT')]];
  expect(bomOf(one, options)).toBe(bomOf(one, options));
  const number = (text: string) => JSON.parse(text).serialNumber;
  expect(number(bomOf(one, options))).toMatch(
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(number(bomOf(other, options))).not.toBe(number(bomOf(one, options)));
});

it('carries the texts that licences want carried', () => {
  const text = noticesOf([component('a', 'MIT', ['Copyright (c) A', 'NOTICE of A'])]);
  for (const part of ['a 1.2.3', 'Licence: MIT', 'Copyright (c) A', 'NOTICE of A']) expect(text).toContain(part);
});
