import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';

const packages = inject('packages');
const file = readdirSync(packages).find((name) => name.endsWith('.cdx.json')) ?? '';
interface Listed {
  name: string;
  version: string;
  licenses: { license?: { id: string }; expression?: string }[];
}
const listed: Listed[] = JSON.parse(readFileSync(join(packages, file), 'utf8')).components;

it('security: the list of parts names what is bundled, what is not, and the runtime, with versions', () => {
  const versions = new Map(listed.map(({ name, version }) => [name, version]));
  for (const name of ['electron', 'chromium', 'node', 'v8', 'sqlite', 'SQLite3MultipleCiphers']) {
    expect(versions.get(name)).toMatch(/^\d+\.\d+/);
  }
  for (const name of [
    'react',
    'preact',
    'zod',
    'pdfjs-dist',
    '@mantine/core',
    'axios',
    '@github/keytar',
    '@node-rs/argon2',
  ]) {
    expect(versions.has(name), name).toBe(true);
  }
});

it('the notices for people lie in the program', () => {
  const notices = readFileSync(join(packages, 'linux-unpacked', 'resources', 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  for (const { name, version } of listed) expect(notices).toContain(`${name} ${version}`);
});
