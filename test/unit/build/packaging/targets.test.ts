import { expect, it } from 'vitest';
import { readTargets } from '../../../../build/packaging/targets.ts';

it('takes several targets of this system, each once', () => {
  expect(readTargets('deb,rpm,deb', 'linux')).toEqual({ ok: true, targets: ['deb', 'rpm'] });
});

it.each([
  ['nsis', 'linux', 'nsis is built on Windows; here: dir, deb, rpm, tar.gz'],
  ['deb,dmg', 'linux', 'dmg is built on macOS; here: dir, deb, rpm, tar.gz'],
  ['deb', 'darwin', 'deb is built on Linux; here: dir, dmg, pkg, zip'],
  ['snap', 'linux', 'there is no target snap; here: dir, deb, rpm, tar.gz'],
  ['', 'win32', 'name a target: dir, nsis, msi'],
])('says why %s can’t be built on %s', (wanted, platform, why) => {
  expect(readTargets(wanted, platform)).toEqual({ ok: false, why });
});

it('says why there is no AppImage', () => {
  expect(readTargets('AppImage', 'linux')).toMatchObject({ ok: false, why: expect.stringContaining('AppImage') });
});
