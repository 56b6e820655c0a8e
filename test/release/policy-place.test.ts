import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { project } from '../../build/setup/places.mjs';
import { debOf, tool } from '../support/small-release.ts';

/** A machine of which nothing outlives the command: dpkg writes to these folders only. */
const ON_A_MACHINE = `set -e
layers="$(mktemp -d)"; mount -t tmpfs -o mode=755 none "$layers"
for folder in etc opt usr var; do
  mkdir -p "$layers/$folder/up" "$layers/$folder/work"
  mount -t overlay -o "lowerdir=/$folder,upperdir=$layers/$folder/up,workdir=$layers/$folder/work" none "/$folder"
done
rm -rf /etc/wardlight
exec bash -c "$1"`;

const isRoot = process.getuid?.() === 0;

describe.runIf(isRoot)('the place of machine policy, on Debian', () => {
  const work = mkdtempSync('/var/tmp/wardlight-place-');
  const deb = (version: string) => join(work, `wardlight-${version}.deb`);
  /** What IT rolls out with tools that take packages only. */
  const ofIt = join(work, 'hospital-wardlight-policy.deb');

  beforeAll(() => {
    const scripts = ['after-install.sh', 'after-remove.sh'].map((name) => join(project, 'build', 'linux', name));
    for (const version of ['1.0.0', '1.1.0']) {
      const root = join(work, version);
      const sandbox = join(root, 'opt', 'Wardlight', 'chrome-sandbox');
      mkdirSync(dirname(sandbox), { recursive: true });
      writeFileSync(sandbox, 'program');
      debOf(root, deb(version), version, scripts);
    }
    const root = join(work, 'policy');
    mkdirSync(join(root, 'DEBIAN'), { recursive: true });
    mkdirSync(join(root, 'etc', 'wardlight'), { recursive: true });
    writeFileSync(join(root, 'etc', 'wardlight', 'policy.json'), '{"retentionDays":7}');
    const control = ['Package: hospital-wardlight-policy', 'Version: 1', 'Architecture: all', 'Maintainer: IT <it@h>'];
    writeFileSync(join(root, 'DEBIAN', 'control'), `${control.join('\n')}\nDescription: Policy\n`);
    tool('dpkg-deb', ['--root-owner-group', '--build', root, ofIt]);
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  function on(...commands: string[]): string[] {
    const args = ['--mount', '--propagation', 'private', 'bash', '-c', ON_A_MACHINE, 'bash', commands.join(' && ')];
    const { status, stdout, stderr } = spawnSync('unshare', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${stdout}${stderr}`);
    return stdout.trim().split('\n');
  }
  const install = (file: string) => `dpkg --force-depends -i '${file}' >/dev/null 2>&1`;
  const LOOK = `stat -c '%a %U %G %F' /etc/wardlight`;
  const READ = 'cat /etc/wardlight/policy.json; echo';
  const ABSENT = 'test ! -e /etc/wardlight && echo absent';

  it('is there after the installation, root’s and for root alone to write, with nothing in it', () => {
    const said = on(install(deb('1.0.0')), LOOK, 'ls -A /etc/wardlight | wc -l');
    expect(said).toEqual(['755 root root directory', '0']);
  });

  it('keeps what IT has put there, before the installation or after it, over an upgrade, a removal and a purge', () => {
    const put = `install -d -m 755 /etc/wardlight && printf '{"a":1}' > /etc/wardlight/policy.json`;
    expect(on(put, install(deb('1.0.0')), install(deb('1.1.0')), READ)).toEqual(['{"a":1}']);
    const after = on(
      install(deb('1.0.0')),
      put,
      'dpkg -r wardlight >/dev/null 2>&1',
      READ,
      install(deb('1.1.0')),
      READ,
    );
    expect(after).toEqual(['{"a":1}', '{"a":1}']);
    expect(on(install(deb('1.0.0')), put, 'dpkg -P wardlight >/dev/null 2>&1', READ)).toEqual(['{"a":1}']);
  });

  it('is gone with the program where IT has put nothing there', () => {
    expect(on(install(deb('1.0.0')), 'dpkg -P wardlight >/dev/null 2>&1', ABSENT)).toEqual(['absent']);
  });

  it('is shared with a package of IT’s own', () => {
    expect(on(install(ofIt), install(deb('1.0.0')), 'dpkg -P wardlight >/dev/null 2>&1', READ)).toEqual([
      '{"retentionDays":7}',
    ]);
    expect(on(install(deb('1.0.0')), install(ofIt), READ, LOOK)).toEqual([
      '{"retentionDays":7}',
      '755 root root directory',
    ]);
  });
});
