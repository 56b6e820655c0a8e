import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { project } from '../../../build/setup/places.mjs';
import { sha512 } from '../../support/feed.ts';

/*
 * The helper that root runs on Linux, with dpkg and apt as they are: in a system of its own, which lies over this one in
 * memory and is gone with the process. Takes root, and a kernel that can lay one file system over another.
 */

const work = mkdtempSync('/var/tmp/wardlight-helper-');
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Runs commands as root of that system. `work` is the same folder in both. */
function inSystem(commands: string) {
  const system = `set -e
    mkdir -p ${work}/m && mount -t tmpfs tmpfs ${work}/m && mkdir ${work}/m/up ${work}/m/work ${work}/m/root
    mount -t overlay overlay -o lowerdir=/,upperdir=${work}/m/up,workdir=${work}/m/work ${work}/m/root
    mount --rbind /dev ${work}/m/root/dev && mount -t proc proc ${work}/m/root/proc
    cat > ${work}/m/root/commands && exec chroot ${work}/m/root /bin/sh /commands`;
  return spawnSync('unshare', ['--mount', 'bash', '-c', system], { encoding: 'utf8', input: commands });
}

const isPossible = process.platform === 'linux' && process.getuid?.() === 0 && inSystem('dpkg --version').status === 0;

/** A package for Debian, with nothing but its version in it. */
function packageOf(version: string, name = 'wardlight'): { readonly file: string; readonly hash: string } {
  const root = join(work, `${name}-${version}`);
  mkdirSync(join(root, 'DEBIAN'), { recursive: true });
  mkdirSync(join(root, 'opt', name), { recursive: true });
  writeFileSync(join(root, 'opt', name, 'version'), `${version}\n`);
  const fields = {
    Package: name,
    Version: version,
    Architecture: 'all',
    Maintainer: 'T <t@example.org>',
    Description: 'T',
  };
  const control = Object.entries(fields).map(([field, value]) => `${field}: ${value}\n`);
  writeFileSync(join(root, 'DEBIAN', 'control'), control.join(''));
  const file = `${root}.deb`;
  spawnSync('dpkg-deb', ['--build', '--root-owner-group', root, file]);
  return { file, hash: sha512(readFileSync(file)) };
}

/** What the helper says of a file, after a version was installed; and which version is there then. */
function update(installed: string | null, { file, hash }: { readonly file: string; readonly hash: string }) {
  copyFileSync(join(project, 'build', 'linux', 'install-update'), join(work, 'install-update'));
  const before = installed === null ? '' : `dpkg --install ${packageOf(installed).file} >/dev/null`;
  const { stdout, stderr } = inSystem(`${before}
    /bin/sh ${work}/install-update ${file} ${hash} >/dev/null; echo "exit $?"
    cat /opt/wardlight/version 2>/dev/null || echo none
    ls /var/tmp | grep -c wardlight-update || true`);
  return { said: stdout.trim().split('\n'), refusal: /install-update: (.*)/.exec(stderr)?.[1] };
}

it.skipIf(!isPossible)('installs a newer version, and leaves nothing behind', () => {
  expect(update('0.1.0', packageOf('0.2.0'))).toEqual({ said: ['exit 0', '0.2.0', '0'], refusal: undefined });
});

it.skipIf(!isPossible).each([
  ['security: an older version', '0.2.0', () => packageOf('0.1.0'), 'older'],
  ['security: the same version', '0.2.0', () => packageOf('0.2.0'), 'older'],
  ['security: another package', '0.1.0', () => packageOf('0.2.0', 'evil'), 'package'],
  ['security: a file that was replaced after it was verified', '0.1.0', replaced, 'hash'],
  ['a system that hasn’t got it by a package', null, () => packageOf('0.2.0'), 'not-installed'],
] as const)('refuses %s', (_name, installed, made, refusal) => {
  expect(update(installed, made())).toEqual({ said: ['exit 1', installed ?? 'none', '0'], refusal });
});

function replaced() {
  const { file, hash } = packageOf('0.3.0');
  copyFileSync(packageOf('0.4.0').file, file);
  return { file, hash };
}
