import { spawnSync } from 'node:child_process';
import {
  existsSync,
  promises as files,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { modules, project } from '../../../build/setup/places.mjs';
import type { Offer } from '../../../main/updates/check.ts';
import { createInstall } from '../../../main/updates/install.ts';
import { installNsis } from '../../../main/updates/nsis.ts';
import { createOnDisk } from '../../../main/updates/on-disk.ts';
import { sha512 } from '../../support/feed.ts';

const work = mkdtempSync(join(tmpdir(), 'wardlight-program-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('the program on the disk', () => {
  const asar = createRequire(join(modules, 'app-builder-lib', 'package.json'))('@electron/asar');
  let puts = 0;
  async function put(archive: string, version: string) {
    const app = mkdtempSync(join(work, 'app-'));
    writeFileSync(join(app, 'a.js'), 'x'.repeat(500));
    writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'wardlight', version }));
    await asar.createPackage(app, `${archive}.new`);
    // As far apart as two installations are: a disk may tell the same time, and give the same place, twice in a moment.
    puts += 1;
    utimesSync(`${archive}.new`, puts, puts);
    renameSync(`${archive}.new`, archive);
  }

  it('is told once another version lies in its place', async () => {
    const archive = join(work, 'app.asar');
    await put(archive, '0.1.0');
    const onDisk = createOnDisk(archive, '0.1.0', files);
    expect(await onDisk()).toBeNull();
    await put(archive, '0.1.0');
    expect(await onDisk()).toBeNull();
    await put(archive, '0.2.0');
    expect(await onDisk()).toBe('0.2.0');
    writeFileSync(archive, 'half of an arch');
    expect(await onDisk()).toBeNull();
    rmSync(archive);
    expect(await onDisk()).toBeNull();
  });

  it('is none in a development build', async () => {
    expect(await createOnDisk(join(work, 'nothing.asar'), '0.1.0', files)()).toBeNull();
  });
});

const offerOf = (platform: 'linux' | 'win32', bytes: Buffer, file: string): Offer => ({
  version: '0.2.0',
  releasedAt: '2030-05-01T00:00:00.000Z',
  isRequired: false,
  since: 0,
  putOffUntil: null,
  artifact: {
    platform,
    arch: 'x64',
    kind: platform === 'linux' ? 'deb' : 'nsis',
    file,
    size: bytes.length,
    sha512: sha512(bytes),
  },
});

describe('electron-updater', () => {
  /* What it runs is a script here; what it does before is the same on every system. */
  const mark = join(work, 'ran');
  const script = Buffer.from(`#!/bin/sh\necho "$@" > ${mark}\n`);
  const options = () => ({ folder: mkdtempSync(join(work, 'nsis-')), installed: '0.1.0', quit: () => undefined });

  it('security: is handed a copy of the verified file, and reaches no network', async () => {
    const path = join(work, 'wardlight-0.2.0-x64.exe');
    writeFileSync(path, script);
    const at = options();
    const offer = offerOf('win32', script, 'wardlight-0.2.0-x64.exe');
    // Stands for the helper that asks an administrator on Windows.
    const elevate = join(at.folder, 'elevate.exe');
    writeFileSync(elevate, '#!/bin/sh\nexec /bin/sh "$@"\n', { mode: 0o755 });
    Object.assign(process, { resourcesPath: at.folder });
    onTestFinished(() => void Reflect.deleteProperty(process, 'resourcesPath'));
    expect(await installNsis(path, offer, at)).toBe(true);
    await expect.poll(() => existsSync(mark) && readFileSync(mark, 'utf8')).toBe('--updated /S --force-run\n');
    expect(readFileSync(join(at.folder, 'installer', 'pending', 'wardlight-0.2.0-x64.exe'))).toEqual(script);
  });

  it('security: is handed nothing that is not what was signed', async () => {
    const path = join(work, 'changed.exe');
    writeFileSync(path, script.toString().replace('echo', 'evil'));
    expect(await installNsis(path, offerOf('win32', script, 'changed.exe'), options())).toBe(false);
  });

  it('security: installs no version that is not newer', async () => {
    const path = join(work, 'same.exe');
    writeFileSync(path, script);
    expect(await installNsis(path, offerOf('win32', script, 'same.exe'), { ...options(), installed: '0.2.0' })).toBe(
      false,
    );
  });
});

describe('on Linux', () => {
  it('security: root is told the hash that was signed, and installs by our own helper', async () => {
    const ran: unknown[] = [];
    const install = createInstall({
      resources: '/opt/Wardlight/resources',
      run: async (...args) => ran.push(args) && 0,
      nsis: async () => false,
    });
    const bytes = Buffer.from('deb');
    expect(await install('/pending/w.deb', offerOf('linux', bytes, 'w.deb'))).toBe(true);
    const helper = '/opt/Wardlight/resources/install-update';
    expect(ran).toEqual([['/usr/bin/pkexec', ['--disable-internal-agent', helper, '/pending/w.deb', sha512(bytes)]]]);
  });

  describe.skipIf(process.platform !== 'linux')('security: the helper refuses', () => {
    const helper = join(project, 'build', 'linux', 'install-update');
    const deb = join(work, 'other.deb');
    writeFileSync(deb, 'no package at all');
    const hash = sha512(readFileSync(deb));

    it.each([
      ['another hash', [deb, 'ab'.repeat(64)], 'hash'],
      ['a hash that is none', [deb, `${hash}; id`], 'hash'],
      ['a file that is no package by its name', ['/etc/passwd', hash], 'name'],
      ['a path that isn’t absolute', ['other.deb', hash], 'name'],
      ['a file that isn’t there', ['/nowhere/w.deb', hash], 'file'],
      ['no hash', [deb], 'usage'],
    ])('security: %s', (_name, args, why) => {
      const { status, stderr } = spawnSync(helper, args, { encoding: 'utf8' });
      expect(status).toBe(1);
      expect(stderr).toBe(`install-update: ${why}\n`);
    });
  });
});
