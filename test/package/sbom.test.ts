import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { isBomOf } from '../../build/packaging/sbom.ts';

const packages = inject('packages');

interface Listed {
  name: string;
  version: string;
  licenses: { license?: { id: string }; expression?: string }[];
}

describe.each([
  ['linux', 'linux-unpacked', '@node-rs/argon2-linux-x64-gnu'],
  ['win32', 'win-unpacked', '@node-rs/argon2-win32-x64-msvc'],
])('the list of parts of the program for %s', (platform, folder, own) => {
  const file = readdirSync(packages).find((name) => isBomOf(name, platform)) ?? '';
  const listed: Listed[] = JSON.parse(readFileSync(join(packages, file), 'utf8')).components;

  it('security: names what is bundled, what is not, and the runtime, with versions', () => {
    const versions = new Map(listed.map(({ name, version }) => [name, version]));
    for (const name of ['electron', 'chromium', 'node', 'v8', 'sqlite', 'SQLite3MultipleCiphers']) {
      expect(versions.get(name)).toMatch(/^\d+\.\d+/);
    }
    const bundled = ['react', 'preact', 'zod', 'pdfjs-dist', '@mantine/core', 'axios', '@github/keytar'];
    for (const name of [...bundled, '@node-rs/argon2', own]) expect(versions.has(name), name).toBe(true);
  });

  it('is told to people within the program', () => {
    const notices = readFileSync(join(packages, folder, 'resources', 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const { name, version } of listed) expect(notices).toContain(`${name} ${version}`);
  });
});
