import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Component } from '../../build/packaging/components.ts';
import { bomName, bomOf } from '../../build/packaging/sbom.ts';
import { signRelease } from '../../build/release/sign.ts';
import type { Signer } from '../../build/release/signing.ts';
import { exportKey } from '../../build/release/signing.ts';
import { hashOf } from '../../build/release/tools.ts';
import { modules, project } from '../../build/setup/places.mjs';
import { buildForWindows } from '../../build/windows/build.ts';
import type { CodeSigning } from '../../build/windows/signing.ts';
import { FUSE_MARK, FUSES_AS_RELEASED } from './fuses.ts';
import { makeSmallProgram } from './small-windows.ts';

const BUILT_AT = 1_790_000_000;

export function tool(command: string, args: string[], env: NodeJS.ProcessEnv = process.env): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

/** A signing authority for a test: a key that exists nowhere else. At another time, it has expired since. */
export function makeSigner(name: string, at?: string): Signer & { end(): void } {
  // Short: the path of its agent's socket has a limit.
  const home = mkdtempSync('/tmp/wl-gpg-');
  chmodSync(home, 0o700);
  const time = at ? ['--faked-system-time', at] : [];
  const identity = `${name} <${name}@example.org>`;
  const gpg = ['--homedir', home, '--batch', '--passphrase', '', '--pinentry-mode', 'loopback', ...time];
  tool('gpg', [...gpg, '--quick-gen-key', identity, 'rsa2048', 'sign', at ? '2d' : '1y']);
  const listed = tool('gpg', ['--homedir', home, '--list-keys', '--with-colons']);
  const key = /^fpr:+([0-9A-F]+):/m.exec(listed)?.[1] ?? '';
  const end = () => {
    spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']);
    rmSync(home, { recursive: true, force: true });
  };
  return { home, key, end };
}

/** One file with the public keys of several. */
export function keyringOf(file: string, ...signers: Signer[]): string {
  writeFileSync(file, Buffer.concat(signers.map((signer) => exportKey(signer, false))));
  return file;
}

function put(root: string, files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
}

const component = (name: string): Component => ({
  type: 'library',
  name,
  version: '1.0.0',
  license: 'MIT',
  purl: `pkg:npm/${name}@1.0.0`,
  texts: [],
});
export const SHIPPED = ['electron', 'chromium', 'node', 'sqlite', 'SQLite3MultipleCiphers', 'react', 'zod'];

export interface SmallRelease {
  readonly version?: string;
  readonly fuses?: string;
  /** Files beside those that belong into it, from the root of the system. */
  readonly extra?: Record<string, string>;
  readonly development?: boolean;
  readonly shipped?: readonly string[];
  /** Packages are signed only where there is one. */
  readonly signer?: Signer;
  /** Files beside those that belong into the program for Windows. */
  readonly extraForWindows?: Record<string, string>;
  /** Packages for Windows are built where there is one; `null`: not signed. */
  readonly code?: CodeSigning | null;
}

function packed(kind: 'deb' | 'rpm', root: string, folder: string, version: string): void {
  const nothing = join(root, '..', 'nothing.sh');
  packedAs(kind, root, join(folder, `wardlight-${version}.${kind}`), version, [nothing, nothing]);
}

/** A deb of what lies below a root; `scripts`: what runs after its installation and after its removal. */
export function debOf(root: string, file: string, version: string, scripts: readonly string[]): void {
  packedAs('deb', root, file, version, scripts);
}

function packedAs(
  kind: 'deb' | 'rpm',
  root: string,
  file: string,
  version: string,
  [install = '', remove = '']: readonly string[],
): void {
  const fields = { name: 'wardlight', version, license: 'Apache-2.0', maintainer: 'T <t@example.org>', vendor: 'T' };
  const args = Object.entries({ ...fields, url: 'https://example.org', description: 'Small\n a test' });
  tool(
    process.execPath,
    [
      join(project, 'build', 'packaging', 'fpm.mjs'),
      ...['-s', 'dir', '-t', kind, '--architecture', 'amd64', '-d', 'bash'],
      ...['--after-install', install, '--after-remove', remove],
      ...['--deb-compression', 'gz', '--rpm-compression', 'gzip', '--package', file],
      ...args.flatMap(([name, value]) => [`--${name}`, value]),
      `${root}/=/`,
    ],
    { ...process.env, SOURCE_DATE_EPOCH: String(BUILT_AT) },
  );
}

/** As electron-builder makes it: one folder, named by the version. */
function archived(program: string, folder: string, version: string): void {
  const name = `wardlight-${version}`;
  const into = ['--transform', `s,^\\.,${name},`, '--directory', program, '.'];
  tool('tar', ['--create', '--gzip', '--file', join(folder, `${name}.tar.gz`), ...into]);
}

/** A release as `npm run package` and `npm run sign-release` leave it, of a program of a few bytes. */
export async function makeSmallRelease(folder: string, options: SmallRelease = {}): Promise<string> {
  const {
    version = '1.0.0',
    fuses = FUSES_AS_RELEASED,
    extra = {},
    development = false,
    shipped = SHIPPED,
    signer,
    code,
    extraForWindows = {},
  } = options;
  const work = mkdtempSync('/var/tmp/wardlight-small-');
  try {
    put(join(work, 'app'), { 'package.json': '{"name":"wardlight"}', 'out/main/index.js': `// ${version}` });
    const archive = join(work, 'root', 'opt', 'Wardlight', 'resources', 'app.asar');
    mkdirSync(dirname(archive), { recursive: true });
    const asar = createRequire(join(modules, 'app-builder-lib', 'package.json'))('@electron/asar');
    await asar.createPackage(join(work, 'app'), archive);
    put(work, { 'nothing.sh': '#!/bin/sh\n' });
    put(join(work, 'root'), { 'opt/Wardlight/wardlight': `program${FUSE_MARK}${fuses}end`, ...extra });
    const built = signer ? join(work, 'built') : folder;
    mkdirSync(built, { recursive: true });
    for (const kind of ['deb', 'rpm'] as const) packed(kind, join(work, 'root'), built, version);
    archived(join(work, 'root', 'opt', 'Wardlight'), built, version);
    const describe = (platform: string, program: string) => {
      const archiveHash = hashOf(join(program, 'resources', 'app.asar'));
      const bom = bomOf(shipped.map(component), { version, builtAt: BUILT_AT, archiveHash });
      put(built, { [bomName(version, platform)]: bom });
    };
    describe('linux', join(work, 'root', 'opt', 'Wardlight'));
    if (code !== undefined) {
      const program = join(built, 'win-unpacked');
      await makeSmallProgram(program, { version, fuses, extra: extraForWindows });
      buildForWindows({ out: built, version, targets: ['nsis', 'msi'], fast: true, signing: code });
      describe('win32', program);
    }
    const build = {
      buildType: 'https://wardlight.org/build/package/v1',
      externalParameters: { targets: ['deb', 'rpm'], development, sourceDateEpoch: BUILT_AT },
      resolvedDependencies: [],
    };
    put(built, { 'build.json': JSON.stringify(build) });
    if (signer) signRelease(built, folder, signer);
    return folder;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Changes one byte of a file, so far from its beginning. */
export function flipByte(file: string, part: number): void {
  const content = readFileSync(file);
  const place = Math.floor(content.length * part);
  content[place] = (content[place] ?? 0) ^ 1;
  writeFileSync(file, content);
}
