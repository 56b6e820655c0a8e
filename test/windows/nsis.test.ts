import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { NEWER, OLDER } from '../support/built-installers.ts';
import {
  KEPT_FOLDER,
  keepSomething,
  lowByte,
  makeWindows,
  PROGRAM_FOLDER,
  STARTED,
  uninstall,
  type Windows,
} from '../support/wine.ts';

const noWindows = inject('noWindows');
const [ANOTHER_IS_THERE, IN_USE, BAD_ARGUMENT] = [1638, 1618, 87].map(lowByte);

describe.skipIf(noWindows)(`the installer for Windows, under wine${noWindows && `: ${noWindows}`}`, () => {
  let windows: Windows;
  beforeAll(() => {
    windows = makeWindows();
  });
  afterAll(() => windows?.end());

  const setup = (version: string, ...args: string[]) =>
    windows.run(windows.named(join(inject('installers'), version, `wardlight-${version}-x64.exe`)), '/S', ...args).code;
  const remove = (options = '') => windows.type(uninstall(options)).code;
  const installed = () => windows.registry('Wardlight')['Version'];

  it('puts the program where only administrators write, for everybody, and says so to Windows', () => {
    expect(setup(OLDER, '/D=C:\\Users\\Public\\Wardlight')).toBe(0);
    expect(windows.below('users', 'Public', 'Wardlight')).toBeNull();
    expect(windows.below(...PROGRAM_FOLDER)).toEqual([
      'Uninstall Wardlight.exe',
      'Wardlight.exe',
      'ffmpeg.dll',
      'locales/en-US.pak',
      'locales/es.pak',
      'resources/app.asar',
      'resources/app.asar.unpacked/node_modules/keytar/prebuilds/win32-x64/keytar.node',
    ]);
    expect(windows.below('ProgramData', 'Microsoft', 'Windows', 'Start Menu', 'Programs')).toContain('Wardlight.lnk');
    expect(windows.registry('Microsoft\\Windows\\CurrentVersion\\Uninstall\\Wardlight')).toMatchObject({
      DisplayName: 'Wardlight',
      DisplayVersion: OLDER,
      Publisher: 'The Wardlight authors',
      QuietUninstallString: '"C:\\Program Files\\Wardlight\\Uninstall Wardlight.exe" /S',
    });
    const command = windows.run('reg', 'query', 'HKLM\\Software\\Classes\\wardlight\\shell\\open\\command', '/reg:64');
    expect(command.said).toContain('"C:\\Program Files\\Wardlight\\Wardlight.exe" "%1"');
    expect(windows.registry('Classes\\wardlight')).toHaveProperty('URL Protocol');
  });

  it('upgrades in place, with nothing of the older version left', () => {
    expect(setup(NEWER)).toBe(0);
    expect(installed()).toBe(NEWER);
    const files = windows.below(...PROGRAM_FOLDER);
    expect(files).toContain('locales/es-419.pak');
    expect(files).not.toContain('locales/es.pak');
    expect(windows.below('Program Files', 'Wardlight.old')).toBeNull();
    expect(windows.below('Program Files', 'Wardlight.new')).toBeNull();
  });

  it('security: refuses a downgrade, and changes nothing', () => {
    expect(setup(OLDER)).toBe(ANOTHER_IS_THERE);
    expect(installed()).toBe(NEWER);
    expect(windows.below(...PROGRAM_FOLDER)).toContain('locales/es-419.pak');
  });

  it('goes on where an upgrade was cut off between the old program and the new one', () => {
    const [whole, old] = ['Program Files\\Wardlight', 'Wardlight.old'];
    expect(windows.type(`ren "C:\\${whole}" ${old}`).code).toBe(0);
    expect(setup(NEWER)).toBe(0);
    expect(windows.below(...PROGRAM_FOLDER)).toContain('Wardlight.exe');
    expect(windows.below('Program Files', old)).toBeNull();
  });

  it('touches nothing while somebody has the program open, and says that it may be tried again', async () => {
    const close = await windows.open(STARTED);
    expect(setup(NEWER)).toBe(IN_USE);
    expect(remove()).toBe(IN_USE);
    await close();
    expect(windows.below(...PROGRAM_FOLDER)).toContain('Wardlight.exe');
  });

  it('takes a policy from a file of the registry, and installs nothing where it can’t', () => {
    const policy = '[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Wardlight]\r\n"lock.idleMs"=dword:0001d4c0\r\n';
    writeFileSync(windows.file('policy.reg'), `Windows Registry Editor Version 5.00\r\n\r\n${policy}`);
    expect(setup(NEWER, '/POLICY=C:\\policy.reg')).toBe(0);
    expect(windows.registry('Policies\\Wardlight')).toEqual({ 'lock.idleMs': 120_000 });
    expect(setup(NEWER, '/POLICY=C:\\none.reg')).toBe(BAD_ARGUMENT);
  });

  it('takes all of it away, and leaves what clinicians keep, and the policy', () => {
    keepSomething(windows);
    expect(remove()).toBe(0);
    expect(windows.below(...PROGRAM_FOLDER)?.filter((name) => !name.startsWith('Uninstall')) ?? []).toEqual([]);
    expect(windows.below('ProgramData', 'Microsoft', 'Windows', 'Start Menu', 'Programs')).not.toContain(
      'Wardlight.lnk',
    );
    for (const key of ['Wardlight', 'Classes\\wardlight', 'Microsoft\\Windows\\CurrentVersion\\Uninstall\\Wardlight']) {
      expect(windows.registry(key)).toEqual({});
    }
    expect(windows.below(...KEPT_FOLDER)).toEqual(['profiles']);
    expect(windows.registry('Policies\\Wardlight')).toEqual({ 'lock.idleMs': 120_000 });
  });

  it('security: takes what clinicians keep as well, of every account, where the administrator says so', () => {
    expect(setup(NEWER)).toBe(0);
    keepSomething(windows);
    expect(remove('/DELETEUSERDATA')).toBe(0);
    expect(windows.below(...KEPT_FOLDER)).toBeNull();
    expect(windows.below('users', 'nurse')).not.toBeNull();
  });
});
