import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, inject, it } from 'vitest';
import { buildPackages } from '../support/built-package.ts';

const again = mkdtempSync('/var/tmp/wardlight-again-');
afterAll(() => rmSync(again, { recursive: true, force: true }));

const hashOf = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
const hashesIn = (folder: string) =>
  Object.fromEntries(
    [...readdirSync(folder).filter((name) => /\.(?:deb|rpm)$/.test(name)), 'linux-unpacked/resources/app.asar']
      .sort()
      .map((name) => [name, hashOf(join(folder, name))]),
  );

it('security: is the same to the byte when it is built once more, by another person at another time', () => {
  buildPackages(again, 'dir,deb,rpm', { umask: '077' });
  const first = hashesIn(inject('packages'));
  expect(Object.keys(first)).toHaveLength(3);
  expect(hashesIn(again)).toEqual(first);
}, 600_000);
