import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { filesBelow, filesInArchive } from '../../build/packaging/archive.ts';
import { strangersInArchive, strangersInFolder } from '../../build/packaging/contents.ts';
import { open, verifyBom, verifyFiles, verifyFuses } from '../../build/release/verify-contents.ts';
import { modules } from '../../build/setup/places.mjs';

const packages = inject('packages');
const folder = join(packages, 'win-unpacked');
const archive = join(folder, 'resources', 'app.asar');
const work = mkdtempSync('/var/tmp/wardlight-windows-');
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('the package for Windows, of a stand-in for Electron', () => {
  it('security: holds files for production only, and modules of Windows', () => {
    expect(strangersInArchive(filesInArchive(archive), 'win32')).toEqual([]);
    expect(strangersInFolder(filesBelow(folder), 'win32')).toEqual([]);
    const modulesInside = filesBelow(folder).filter((name) => name.endsWith('.node'));
    expect(modulesInside).toHaveLength(3);
    for (const name of modulesInside) expect(readFileSync(join(folder, name)).subarray(0, 2).toString()).toBe('MZ');
  });

  it('security: carries the hash of its archive in the program, where Electron looks for it', () => {
    const asar = createRequire(join(modules, 'app-builder-lib', 'package.json'))('@electron/asar');
    const { headerString } = asar.getRawHeader(archive);
    const value = createHash('sha256').update(headerString).digest('hex');
    const carried = JSON.stringify([{ file: 'resources\\app.asar', alg: 'SHA256', value }]);
    expect(readFileSync(join(folder, 'Wardlight.exe')).includes(carried)).toBe(true);
  });

  it.each(['.exe', '.msi'])('security: holds the same as %s, with its fuses and its list of parts', async (ending) => {
    const name = readdirSync(packages).find((one) => one.endsWith(`x64${ending}`)) ?? ending;
    const opened = open(join(packages, name), join(work, ending));
    verifyFiles(opened);
    await verifyFuses(opened);
    const bom = readdirSync(packages).find((one) => one.endsWith('-windows.cdx.json')) ?? '';
    verifyBom(join(packages, bom), opened);
    const inside = filesBelow(join(opened.root, opened.program)).filter((one) => !one.startsWith('Uninstall'));
    expect(inside.sort()).toEqual(filesBelow(folder).sort());
  });
});
