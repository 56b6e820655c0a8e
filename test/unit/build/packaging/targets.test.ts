import { expect, it } from 'vitest';
import { bySystem, readTargets } from '../../../../build/packaging/targets.ts';

it('takes several targets of this system, each once', () => {
  expect(readTargets('deb,rpm,deb', 'linux')).toEqual({ ok: true, targets: ['deb', 'rpm'] });
});

const HERE = 'here: dir, deb, rpm, tar.gz, dir-win, nsis, msi';
it.each([
  ['deb,dmg', 'linux', `dmg is built on macOS; ${HERE}`],
  ['deb', 'darwin', 'deb is built on Linux; here: dir, dmg, pkg, zip'],
  ['nsis', 'win32', 'nsis is built on Linux; here: dir'],
  ['msi', 'darwin', 'msi is built on Linux; here: dir, dmg, pkg, zip'],
  ['snap', 'linux', `there is no target snap; ${HERE}`],
  ['', 'win32', 'name a target: dir'],
])('says why %s can’t be built on %s', (wanted, platform, why) => {
  expect(readTargets(wanted, platform)).toEqual({ ok: false, why });
});

it('keeps what is for Windows apart, as it is another program', () => {
  expect(bySystem(['deb', 'nsis', 'dir', 'msi'])).toEqual({ own: ['deb', 'dir'], windows: ['nsis', 'msi'] });
});

it('says why there is no AppImage', () => {
  expect(readTargets('AppImage', 'linux')).toMatchObject({ ok: false, why: expect.stringContaining('AppImage') });
});
