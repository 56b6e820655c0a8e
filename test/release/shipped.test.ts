import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { compile } from '../../build/compile.mjs';
import { componentsOf } from '../../build/packaging/components.ts';
import { strangersInArchive } from '../../build/packaging/contents.ts';
import { project } from '../../build/setup/places.mjs';

/** What may ship; where a package lets us choose, one of them. */
const ACCEPTED = [
  ...['MIT', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', '0BSD'],
  ...['blessing', 'LicenseRef-UCUM-LHC', 'LicenseRef-fhirpath'],
];

/** What lies in the archive as it is. */
const UNBUNDLED = ['@cedar-policy/cedar-wasm', '@node-rs/argon2', 'better-sqlite3-multiple-ciphers', 'keytar'];

// Whoever has built the program has the list of what is in it.
beforeAll(() => {
  if (!existsSync(join(project, 'out', 'bundled', 'main.json'))) compile();
}, 120_000);

it('security: nothing ships under a licence that is not known, or not ours to accept', () => {
  const archived = UNBUNDLED.map((name) => `node_modules/${name}/package.json`);
  const shipped = componentsOf(archived, { electron: '1', chrome: '1', node: '1', v8: '1' });
  expect(shipped.length).toBeGreaterThan(100);
  const refused = shipped.filter(
    ({ license }) => !license.split(/ OR /).some((one) => ACCEPTED.includes(one.replace(/[()]/g, ''))),
  );
  expect(refused.map(({ name, license }) => `${name}: ${license}`)).toEqual([]);
});

it('security: what the build makes is what a package may hold, and is in no other place', () => {
  const built = ['main', 'preload', 'renderer'].flatMap((part) =>
    readdirSync(join(project, 'out', part), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(project, join(entry.parentPath, entry.name))),
  );
  expect(built.length).toBeGreaterThan(50);
  expect(strangersInArchive(built)).toEqual([]);
});
