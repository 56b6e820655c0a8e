import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { filesBelow, filesInArchive } from '../../build/packaging/archive.ts';
import { strangersInArchive, strangersInFolder, strangersInPackage } from '../../build/packaging/contents.ts';
import { project } from '../../build/setup/places.mjs';
import { output } from '../support/built-package.ts';

const packages = inject('packages');
const folder = join(packages, 'linux-unpacked');
const archive = join(folder, 'resources', 'app.asar');
const found = (ending: string) => join(packages, readdirSync(packages).find((name) => name.endsWith(ending)) ?? ending);

describe('a package', () => {
  it('security: holds files for production only', () => {
    expect(strangersInArchive(filesInArchive(archive))).toEqual([]);
    expect(strangersInFolder(filesBelow(folder))).toEqual([]);
  });

  it('holds what the program starts from', () => {
    const names = filesInArchive(archive);
    for (const name of ['package.json', 'out/main/index.js', 'out/main/cache/process.js', 'out/preload/index.cjs']) {
      expect(names).toContain(name);
    }
    expect(filesBelow(folder).filter((name) => name.endsWith('.node'))).toHaveLength(3);
  });

  it('security: for Debian belongs to root, arms no set-uid program by itself and installs no file elsewhere', () => {
    const lines = output('dpkg-deb', ['--contents', found('.deb')])
      .trim()
      .split('\n');
    const entries = lines.map((line) => line.split(/\s+/));
    expect(new Set(entries.map(([, owner]) => owner))).toEqual(new Set(['root/root']));
    expect(new Set(entries.map(([mode]) => mode))).toEqual(new Set(['drwxr-xr-x', '-rwxr-xr-x', '-rw-r--r--']));
    const files = entries.filter(([mode]) => mode?.startsWith('-')).map(([, , , , , name = '']) => name.slice(2));
    expect(strangersInPackage(files)).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['usr/bin/wardlight', 'opt/Wardlight/wardlight']));
  });

  it('security: for RPM belongs to root and installs no file elsewhere', () => {
    const lines = output('rpm', ['-qp', '--qf', '[%{FILEMODES:perms} %{FILEUSERNAME} %{FILENAMES}\n]', found('.rpm')]);
    const entries = lines.trim().split('\n');
    const files = entries.filter((line) => line.startsWith('-')).map((line) => line.split(' ')[2]?.slice(1) ?? '');
    expect(entries.filter((line) => !/^[d-]rw[x-]r-[x-]r-[x-] root /.test(line))).toEqual([]);
    expect(strangersInPackage(files)).toEqual([]);
    expect(output('rpm', ['-qp', '--qf', '%{ARCH}', found('.rpm')])).toBe('x86_64');
  });

  it('hands over the script for its removal as it was tested, whatever makes the package', () => {
    const script = readFileSync(join(project, 'build', 'linux', 'after-remove.sh'), 'utf8');
    expect(output('dpkg-deb', ['--info', found('.deb'), 'postrm'])).toBe(script);
    expect(`${output('rpm', ['-qp', '--qf', '%{POSTUN}', found('.rpm')])}\n`).toBe(script);
  });

  it('security: as an archive is one folder, with the program and nothing beside it', () => {
    const names = output('tar', ['--list', '--file', found('.tar.gz')])
      .trim()
      .split('\n');
    const files = names.filter((name) => !name.endsWith('/')).map((name) => name.replace(/^[^/]+\//, ''));
    expect(new Set(names.map((name) => name.split('/')[0])).size).toBe(1);
    expect(strangersInFolder(files)).toEqual([]);
    expect(files.sort()).toEqual(filesBelow(folder).sort());
  });

  it('opens links of the EHR by its desktop entry', () => {
    const file = './usr/share/applications/wardlight.desktop';
    const entry = output('bash', ['-c', `dpkg-deb --fsys-tarfile "$1" | tar -xO ${file}`, 'bash', found('.deb')]);
    expect(entry).toContain('MimeType=x-scheme-handler/wardlight;');
    expect(entry).toContain('Exec=/opt/Wardlight/wardlight %U');
  });

  it.each([
    ['a source', 'main/index.ts'],
    ['a map', 'out/main/index.js.map'],
    ['a test', 'test/unit/a.test.js'],
    ['the development server', 'test/server/index.ts'],
    ['a bundled package', 'node_modules/zod/index.js'],
    ['another system’s module', 'node_modules/keytar/prebuilds/win32-x64/keytar.node'],
    ['a C source', 'node_modules/better-sqlite3-multiple-ciphers/deps/sqlite3/sqlite3.c'],
  ])('security: is refused for %s', (_what, name) => {
    expect(strangersInArchive([name])).toEqual([name]);
  });

  it('security: is refused for what the stand-in runtime brings', () => {
    const names = ['resources/app/main.mjs', 'resources/app-update.yml', 'browser_v8_context_snapshot.bin'];
    expect(strangersInFolder(names)).toEqual(names);
  });
});
