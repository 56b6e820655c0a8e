import { createHash } from 'node:crypto';
import { copyFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { create } from 'xmlbuilder2';
import { settingsList } from '../../main/managed/list.ts';
import { filesBelow } from '../packaging/archive.ts';
import { inFolder, run } from '../release/tools.ts';
import { forgetOn, type Installable, PROGRAM } from './installable.ts';
import { type CodeSigning, signCode } from './signing.ts';

/** Of every version: by it Windows Installer knows what an MSI upgrades. Never changed. */
export const UPGRADE_CODE = '5C2B3F0E-6D1B-4F0B-9C53-0E6A7B1D9A41';

type Xml = { [name: string]: unknown };

/**
 * A UUID of a name below our upgrade code (RFC 9562, version 8): the same file has the same component in every version, and
 * the same version the same product, whoever builds it.
 */
export function guidOf(name: string): string {
  const hex = createHash('sha256').update(`${UPGRADE_CODE}/${name}`).digest('hex').toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `A${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** Identifiers of an MSI: letters, digits, underscores and dots, and unique where names differ in case only. */
const idOf = (kind: string, name: string) => `${kind}_${createHash('sha256').update(name).digest('hex').slice(0, 24)}`;

/** The public property by which a setting is given to `msiexec`: `lock.idleMs` is `POLICY_LOCK_IDLEMS`. */
export const propertyOf = (key: string): string => `POLICY_${key.replaceAll(/[^A-Za-z0-9]/g, '_').toUpperCase()}`;

const OWN_KEY = 'SOFTWARE\\Wardlight';
const SCHEME_KEY = 'SOFTWARE\\Classes\\wardlight';
const POLICY_KEY = 'SOFTWARE\\Policies\\Wardlight';

interface Entry {
  readonly key: string;
  readonly name?: string;
  readonly value: string;
}

const registryValue = ({ key, name, value }: Entry, isKeyPath: boolean): Xml => ({
  '@Root': 'HKLM',
  '@Key': key,
  ...(name !== undefined && { '@Name': name }),
  '@Type': 'string',
  '@Value': value,
  ...(isKeyPath && { '@KeyPath': 'yes' }),
});

const component = (id: string, content: Xml): Xml => ({ '@Id': id, '@Guid': guidOf(id), '@Win64': 'yes', ...content });

/** The folders of the program, each with its files: a component for each file. */
function directoryOf(names: readonly string[], folder: string): Xml {
  const inside = (name: string) => (folder === '' ? name : name.slice(folder.length + 1));
  const own = names.filter((name) => !inside(name).includes('/'));
  const deeper = names.filter((name) => inside(name).includes('/'));
  const folders = [...new Set(deeper.map((name) => posix.join(folder, inside(name).split('/')[0] ?? '')))];
  return {
    Component: own.map((name) =>
      component(idOf('c', name), { File: { '@Id': idOf('f', name), '@Source': `program/${name}`, '@KeyPath': 'yes' } }),
    ),
    Directory: folders.map((path) => ({
      '@Id': idOf('d', path),
      '@Name': posix.basename(path),
      ...directoryOf(
        deeper.filter((name) => name.startsWith(`${path}/`)),
        path,
      ),
    })),
  };
}

/** What is written to the registry for the program itself. */
function programEntries(version: string): Xml {
  const command = `"[APPLICATIONFOLDER]${PROGRAM}"`;
  const entries: Entry[] = [
    { key: OWN_KEY, name: 'Version', value: version },
    { key: OWN_KEY, name: 'Installer', value: 'msi' },
    { key: OWN_KEY, name: 'InstallLocation', value: '[APPLICATIONFOLDER]' },
    { key: SCHEME_KEY, value: 'URL:Wardlight' },
    { key: SCHEME_KEY, name: 'URL Protocol', value: '' },
    { key: `${SCHEME_KEY}\\DefaultIcon`, value: `${command},0` },
    { key: `${SCHEME_KEY}\\shell\\open\\command`, value: `${command} "%1"` },
  ];
  return component('Registration', { RegistryValue: entries.map((entry, at) => registryValue(entry, at === 0)) });
}

const shortcut = (): Xml =>
  component('StartMenu', {
    Shortcut: {
      '@Id': 'StartMenuShortcut',
      '@Name': 'Wardlight',
      '@Target': `[APPLICATIONFOLDER]${PROGRAM}`,
      '@WorkingDirectory': 'APPLICATIONFOLDER',
    },
    RegistryValue: registryValue({ key: OWN_KEY, name: 'StartMenu', value: '1' }, true),
  });

/** Of each setting that can be given with the installation. As text, whatever its type: the program judges it. */
const policyComponent = (key: string): Xml =>
  component(idOf('p', key), {
    RegistryValue: registryValue({ key: POLICY_KEY, name: key, value: `[${propertyOf(key)}]` }, true),
  });

/** msidbComponentAttributes: registry key path, permanent, never overwrite, 64 bits. */
const POLICY_ATTRIBUTES = 4 + 16 + 128 + 256;

/** A program is run: one of the package (2), or one in a folder of the machine (34). */
const [FROM_PACKAGE, FROM_FOLDER] = [2, 34];
/** Among the changes to the machine (1024), as the system (2048). */
const AS_SYSTEM = 1024 + 2048;
/** Its exit code doesn't matter. */
const WHATEVER_COMES = 64;

/** The program by which the MSI asks whether ours runs (in-use.nsi). */
const IN_USE = 'in_use.exe';

const table = (name: string) => `\`${name}\``;
const update = (name: string, set: string, where: string) => `UPDATE ${table(name)} SET ${set} WHERE ${where}`;

/** What wixl has no words for, or no ear. */
const queries = (): string[] => [
  // What she is writing is not taken away from her: nothing goes on where the program runs.
  actionQuery('InUse', FROM_PACKAGE + AS_SYSTEM, IN_USE, `[APPLICATIONFOLDER]${PROGRAM}`),
  sequenceQuery('InUse', '', 1502),
  // At once, before anything is removed.
  sequenceQuery('InstallExecute', '', 1504),
  actionQuery('Forget', FROM_FOLDER + AS_SYSTEM + WHATEVER_COMES, 'System64Folder', FORGET),
  sequenceQuery('Forget', FORGETS, 3550),
  // Before the new files come, and within what is rolled back: the old version is there again if anything fails.
  update('InstallExecuteSequence', '`Sequence` = 1510', "`Action` = 'RemoveExistingProducts'"),
  update('Property', `\`Value\` = '${SECURE.join(';')}'`, "`Property` = 'SecureCustomProperties'"),
  // A setting is written only where it is given, never in the place of one that is there already, which is Group Policy's, and
  // stays when the program is repaired, upgraded or removed.
  ...settingsList.map(({ key }) =>
    update(
      'Component',
      `\`Attributes\` = ${POLICY_ATTRIBUTES}, \`Condition\` = '${propertyOf(key)}'`,
      `\`Component\` = '${idOf('p', key)}'`,
    ),
  ),
];

const actionQuery = (name: string, type: number, source: string, target: string): string =>
  `INSERT INTO \`CustomAction\` (\`Action\`, \`Type\`, \`Source\`, \`Target\`) VALUES ('${name}', ${type}, '${source}', '${target}')`;

const sequenceQuery = (name: string, when: string, sequence: number): string =>
  `INSERT INTO \`InstallExecuteSequence\` (\`Action\`, \`Condition\`, \`Sequence\`) VALUES ('${name}', '${when}', ${sequence})`;

/** Brackets name what an MSI knows of the environment. */
const FORGET = `"[System64Folder]cmd.exe" ${forgetOn('[%SystemDrive]')}`;

/** Only as `msiexec /x … DELETEUSERDATA=1`, and not when a newer version takes the place of this one. */
const FORGETS = 'REMOVE="ALL" AND DELETEUSERDATA AND NOT UPGRADINGPRODUCTCODE';

/** Properties that reach the part of the installation that runs as the system. */
const SECURE = [
  ...['WIX_DOWNGRADE_DETECTED', 'WIX_UPGRADE_DETECTED', 'DELETEUSERDATA'],
  ...settingsList.map(({ key }) => propertyOf(key)),
];

const componentIds = (within: Xml): string[] => {
  const own = ((within['Component'] as Xml[]) ?? []).map((one) => one['@Id'] as string);
  const deeper = ((within['Directory'] as Xml[]) ?? []).flatMap(componentIds);
  return [...own, ...deeper];
};

/** The source of the MSI, in the words of WiX. */
export function wxs(names: readonly string[], version: string): string {
  const program = directoryOf([...names].sort(), '');
  const policies = settingsList.map(({ key }) => policyComponent(key));
  const registration = programEntries(version);
  const menu = shortcut();
  const ids = [...componentIds(program), ...[registration, menu, ...policies].map((one) => one['@Id'] as string)];
  const product = {
    '@Id': guidOf(`product/${version}`),
    '@Name': 'Wardlight',
    '@Language': '1033',
    '@Version': version,
    '@Manufacturer': 'The Wardlight authors',
    '@UpgradeCode': UPGRADE_CODE,
    Package: { '@InstallerVersion': '500', '@Compressed': 'yes', '@InstallScope': 'perMachine' },
    Media: { '@Id': '1', '@Cabinet': 'wardlight.cab', '@EmbedCab': 'yes' },
    MajorUpgrade: { '@DowngradeErrorMessage': 'A newer Wardlight is installed. It is not replaced.' },
    Icon: { '@Id': 'icon.ico', '@SourceFile': 'icon.ico' },
    Binary: { '@Id': IN_USE, '@SourceFile': IN_USE },
    Property: [
      { '@Id': 'ARPPRODUCTICON', '@Value': 'icon.ico' },
      { '@Id': 'ARPURLINFOABOUT', '@Value': 'https://wardlight.org' },
      { '@Id': 'ARPNOMODIFY', '@Value': '1' },
      // What she is writing is not taken away from her: nothing closes the program to replace its files.
      { '@Id': 'MSIRESTARTMANAGERCONTROL', '@Value': 'Disable' },
      // All files as they are in the package, whatever version the old ones say they have.
      { '@Id': 'REINSTALLMODE', '@Value': 'amus' },
      { '@Id': 'OTHERINSTALLER', RegistrySearch: searchOf('Installer') },
    ],
    Condition: {
      '@Message': 'Wardlight was installed by its other installer (.exe). Upgrade it by that, or remove it first.',
      '#': 'Installed OR NOT OTHERINSTALLER = "nsis"',
    },
    Directory: {
      '@Id': 'TARGETDIR',
      '@Name': 'SourceDir',
      Directory: [
        {
          '@Id': 'ProgramFiles64Folder',
          Directory: {
            '@Id': 'APPLICATIONFOLDER',
            '@Name': 'Wardlight',
            Component: [registration, ...policies, ...((program['Component'] as Xml[]) ?? [])],
            Directory: program['Directory'],
          },
        },
        { '@Id': 'ProgramMenuFolder', Component: menu },
        { '@Id': 'System64Folder' },
      ],
    },
    Feature: { '@Id': 'Wardlight', '@Level': '1', ComponentRef: ids.map((id) => ({ '@Id': id })) },
  };
  const document = { Wix: { '@xmlns': 'http://schemas.microsoft.com/wix/2006/wi', Product: product } };
  return create({ version: '1.0', encoding: 'utf-8' }, document).end({ prettyPrint: true });
}

const searchOf = (name: string): Xml => ({
  '@Id': `Find${name}`,
  '@Root': 'HKLM',
  '@Key': OWN_KEY,
  '@Name': name,
  '@Type': 'raw',
  '@Win64': 'yes',
});

/**
 * Builds the MSI, by wixl.
 * @throws ReleaseError with what the tools said
 */
export function buildMsi({ folder, version, out }: Installable, signing: CodeSigning | null): void {
  inFolder((work) => {
    copyFileSync(join(import.meta.dirname, '..', 'icon.ico'), join(work, 'icon.ico'));
    const inUse = join(work, IN_USE);
    run('makensis', ['-V2', '-WX', `-DOUT=${inUse}`, join(import.meta.dirname, 'in-use.nsi')]);
    if (signing) signCode(signing, inUse);
    writeFileSync(join(work, 'wardlight.wxs'), wxs(filesBelow(folder), version));
    // wixl finds files by relative paths only.
    symlinkSync(folder, join(work, 'program'));
    run('wixl', ['--arch', 'x64', '--output', out, 'wardlight.wxs'], { cwd: work });
    run('msibuild', [out, '-q', ...queries()]);
  });
  if (signing) signCode(signing, out);
}
