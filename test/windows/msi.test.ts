import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { guidOf } from '../../build/windows/msi.ts';
import { readPolicy } from '../../main/managed/read.ts';
import { createRegistrySource } from '../../main/managed/sources/registry.ts';
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
const [FAILED, ANOTHER_IS_THERE] = [1603, 1638].map(lowByte);
/** ERROR_FUNCTION_FAILED, by which wine tells an action that has failed; Windows tells 1603. */
const ACTION_FAILED = lowByte(1627);

describe.skipIf(noWindows)(`the MSI, under wine${noWindows && `: ${noWindows}`}`, () => {
  let windows: Windows;
  beforeAll(() => {
    windows = makeWindows();
  });
  afterAll(() => windows?.end());

  const named = (version: string, ending: string) =>
    windows.named(join(inject('installers'), version, `wardlight-${version}-x64.${ending}`));
  const msiexec = (what: string, version: string, properties = '') =>
    windows.type(`msiexec ${what} ${named(version, 'msi')} /qn ${properties}`).code;
  const installed = () => windows.registry('Wardlight')['Version'];
  /** As the program reads it, by the program that it asks. */
  const policy = async () => {
    const found = await createRegistrySource(windows.runLikeMain, 'C:\\windows').find();
    return readPolicy(found.kind === 'document' ? found.document : {});
  };

  it('puts the program where only administrators write, for everybody, and says so to Windows', () => {
    expect(msiexec('/i', OLDER)).toBe(0);
    expect(windows.below(...PROGRAM_FOLDER)).toEqual([
      'Wardlight.exe',
      'ffmpeg.dll',
      'locales/en-US.pak',
      'locales/es.pak',
      'resources/app.asar',
      'resources/app.asar.unpacked/node_modules/keytar/prebuilds/win32-x64/keytar.node',
    ]);
    // Wine puts it into the menu of whoever installs; Windows into that of all (docs/operations.md).
    expect(windows.below('users')?.filter((name) => name.endsWith('Wardlight.lnk'))).toHaveLength(1);
    const entry = `Microsoft\\Windows\\CurrentVersion\\Uninstall\\{${guidOf(`product/${OLDER}`)}}`;
    expect(windows.registry(entry)).toMatchObject({
      DisplayName: 'Wardlight',
      DisplayVersion: OLDER,
      WindowsInstaller: 1,
    });
    const command = windows.run('reg', 'query', 'HKLM\\Software\\Classes\\wardlight\\shell\\open\\command', '/reg:64');
    expect(command.said).toContain('"C:\\Program Files\\Wardlight\\Wardlight.exe" "%1"');
    expect(windows.registry('Classes\\wardlight')).toHaveProperty('URL Protocol');
    expect(windows.registry('Policies\\Wardlight')).toEqual({});
  });

  it('security: upgrades in place, with nothing of the older version left, and refuses a downgrade', () => {
    expect(msiexec('/i', NEWER)).toBe(0);
    expect(installed()).toBe(NEWER);
    expect(windows.below(...PROGRAM_FOLDER)).toContain('locales/es-419.pak');
    expect(windows.below(...PROGRAM_FOLDER)).not.toContain('locales/es.pak');
    expect(msiexec('/i', OLDER)).toBe(FAILED);
    expect(installed()).toBe(NEWER);
    expect(windows.below(...PROGRAM_FOLDER)).toContain('locales/es-419.pak');
  });

  it('touches nothing while somebody has the program open', async () => {
    const close = await windows.open(STARTED);
    expect(msiexec('/x', NEWER)).toBe(ACTION_FAILED);
    await close();
    expect(installed()).toBe(NEWER);
    expect(windows.below(...PROGRAM_FOLDER)).toContain('Wardlight.exe');
  });

  it('and the installer each refuse to take the place of the other', () => {
    expect(windows.run(named(NEWER, 'exe'), '/S').code).toBe(ANOTHER_IS_THERE);
    expect(msiexec('/x', NEWER)).toBe(0);
    expect(windows.run(named(OLDER, 'exe'), '/S').code).toBe(0);
    expect(msiexec('/i', NEWER)).toBe(FAILED);
    expect(installed()).toBe(OLDER);
    expect(windows.type(uninstall()).code).toBe(0);
    // As it was waited for, it has left itself.
    windows.type('rd /s /q "C:\\Program Files\\Wardlight"');
  });

  it('writes the policy that it is given, as the program reads it', async () => {
    const given = [
      'POLICY_LOCK_IDLEMS=120000',
      'POLICY_SCREEN_SHADEONBLUR=1',
      'POLICY_SERVERS_ALLOWED="https://a.example/fhir;https://b.example/fhir"',
      'POLICY_RETENTIONDAYS=seven',
    ];
    expect(msiexec('/i', OLDER, given.join(' '))).toBe(0);
    const { policy: read, problems } = await policy();
    expect(read.lock.idleMs).toBe(120_000);
    expect(read.screen.shadeOnBlur).toBe(true);
    expect(read.servers.allowed).toEqual(['https://a.example/fhir', 'https://b.example/fhir']);
    expect(problems).toEqual([{ key: 'retentionDays', code: 'malformed' }]);
  });

  it('leaves the policy as it is when it is upgraded and removed', async () => {
    const before = windows.registry('Policies\\Wardlight');
    expect(msiexec('/i', NEWER)).toBe(0);
    expect(windows.registry('Policies\\Wardlight')).toEqual(before);
    expect(msiexec('/x', NEWER)).toBe(0);
    expect(windows.registry('Policies\\Wardlight')).toEqual(before);
  });

  it('takes all of it away, and what clinicians keep only where the administrator says so', () => {
    keepSomething(windows);
    expect(msiexec('/i', OLDER)).toBe(0);
    expect(msiexec('/i', NEWER, 'DELETEUSERDATA=1')).toBe(0);
    expect(msiexec('/x', NEWER)).toBe(0);
    expect(windows.below(...PROGRAM_FOLDER)).toBeNull();
    for (const key of ['Wardlight', 'Classes\\wardlight']) expect(windows.registry(key)).toEqual({});
    expect(windows.below('users')?.filter((name) => name.endsWith('Wardlight.lnk'))).toEqual([]);
    expect(windows.below(...KEPT_FOLDER)).toEqual(['profiles']);
    expect(msiexec('/i', NEWER)).toBe(0);
    expect(msiexec('/x', NEWER, 'DELETEUSERDATA=1')).toBe(0);
    expect(windows.below(...KEPT_FOLDER)).toBeNull();
  });
});
