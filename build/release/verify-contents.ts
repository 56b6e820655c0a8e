import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import * as z from 'zod';
import { filesBelow, filesInArchive, packagesInArchive } from '../packaging/archive.ts';
import { strangersInArchive, strangersInFolder, strangersInPackage } from '../packaging/contents.ts';
import { PROGRAM, SIGNED } from '../windows/installable.ts';
import { hashOf, ReleaseError, run } from './tools.ts';

/** How each fuse of Electron is to be in what people get. */
const FUSES: ReadonlyArray<readonly [FuseV1Options, boolean, string]> = [
  [FuseV1Options.RunAsNode, false, 'RunAsNode'],
  [FuseV1Options.EnableCookieEncryption, true, 'EnableCookieEncryption'],
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable, false, 'EnableNodeOptionsEnvironmentVariable'],
  [FuseV1Options.EnableNodeCliInspectArguments, false, 'EnableNodeCliInspectArguments'],
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation, true, 'EnableEmbeddedAsarIntegrityValidation'],
  [FuseV1Options.OnlyLoadAppFromAsar, true, 'OnlyLoadAppFromAsar'],
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot, false, 'LoadBrowserProcessSpecificV8Snapshot'],
  [FuseV1Options.GrantFileProtocolExtraPrivileges, false, 'GrantFileProtocolExtraPrivileges'],
];

/** A package that was unpacked, without running anything of it. */
export interface Opened {
  readonly root: string;
  /** The program's folder, by its path in the root. */
  readonly program: string;
  readonly system: 'linux' | 'win32';
}

const IN_SYSTEM: Omit<Opened, 'root'> = { program: join('opt', 'Wardlight'), system: 'linux' };

/** The one folder at the top, and nothing beside it. */
function onlyFolder(root: string): string {
  const [name, ...others] = readdirSync(root);
  if (name === undefined || others.length > 0) throw new ReleaseError('it is not one folder');
  return name;
}

/** How each kind of package is unpacked; all by tools that are not ours. */
const opening: Readonly<Record<string, (file: string, root: string) => Omit<Opened, 'root'>>> = {
  '.deb'(file, root) {
    run('dpkg-deb', ['--extract', file, root]);
    return IN_SYSTEM;
  },
  '.rpm'(file, root) {
    run('bash', ['-c', 'set -o pipefail; rpm2archive - < "$1" | tar -xz -C "$2"', 'bash', file, root]);
    return IN_SYSTEM;
  },
  '.tar.gz'(file, root) {
    run('tar', ['--extract', '--file', file, '--directory', root]);
    return { program: onlyFolder(root), system: 'linux' };
  },
  '.exe'(file, root) {
    run('7z', ['x', '-y', `-o${root}`, file]);
    return { program: '$INSTDIR.new', system: 'win32' };
  },
  '.msi'(file, root) {
    run('msiextract', ['--directory', root, file]);
    return { program: onlyFolder(root), system: 'win32' };
  },
};

/** The ending by which the kind of a package is known; null for what is none. */
export const kindOf = (name: string): string | null =>
  Object.keys(opening).find((ending) => name.endsWith(ending)) ?? null;

/** Unpacks a package into a folder. */
export function open(file: string, root: string): Opened {
  mkdirSync(root, { recursive: true });
  const kind = kindOf(file);
  const opened = kind === null ? null : opening[kind]?.(file, root);
  if (!opened) throw new ReleaseError('it is no package');
  return { root, ...opened };
}

/** What an installer of NSIS unpacks for its own pages, beside what it installs. */
const OF_NSIS = /^\$PLUGINSDIR\/(?:System|UserInfo|nsDialogs|nsExec)\.dll$|^\$PLUGINSDIR\/modern-wizard\.bmp$/;

const archiveOf = ({ root, program }: Opened) => join(root, program, 'resources', 'app.asar');

/** Files that have no business in a package. */
function strangersIn({ root, program, system }: Opened): string[] {
  const names = filesBelow(root);
  if (program === IN_SYSTEM.program) return strangersInPackage(names);
  const inside = names.filter((name) => name.startsWith(`${program}/`)).map((name) => name.slice(program.length + 1));
  const outside = names.filter((name) => !name.startsWith(`${program}/`) && !OF_NSIS.test(name));
  return [...outside, ...strangersInFolder(inside, system)];
}

/** Refuses files that have no business in a package. */
export function verifyFiles(opened: Opened): void {
  const archive = archiveOf(opened);
  if (!existsSync(archive)) throw new ReleaseError('it holds no program');
  const strangers = [...strangersIn(opened), ...strangersInArchive(filesInArchive(archive), opened.system)];
  if (strangers.length > 0)
    throw new ReleaseError(`it holds what does not belong there: ${strangers.slice(0, 5).join(', ')}`);
}

/** Files of a program that Windows runs or loads. */
export const filesToSign = ({ root, program }: Opened): string[] =>
  filesBelow(join(root, program))
    .filter((name) => SIGNED.test(name))
    .map((name) => join(root, program, name));

const PROGRAM_NAME = { linux: 'wardlight', win32: PROGRAM };

export async function verifyFuses({ root, program, system }: Opened): Promise<void> {
  const wire = await getCurrentFuseWire(join(root, program, PROGRAM_NAME[system]));
  const wrong = FUSES.filter(([fuse, on]) => wire[fuse] !== (on ? FuseState.ENABLE : FuseState.DISABLE));
  if (wrong.length > 0) throw new ReleaseError(`wrongly set: ${wrong.map(([, , name]) => name).join(', ')}`);
}

/** The parts of a CycloneDX list that are looked at. */
const bom = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.6'),
  metadata: z.object({
    component: z.object({ hashes: z.array(z.object({ alg: z.string(), content: z.string() })).length(1) }),
  }),
  components: z.array(
    z.object({
      name: z.string(),
      version: z.string().min(1),
      purl: z.string(),
      licenses: z.array(z.object({})).min(1),
    }),
  ),
});

const ALWAYS = ['electron', 'chromium', 'node', 'sqlite', 'SQLite3MultipleCiphers', 'react', 'zod'];

/** Whether the list is that of this program, and names what it must. */
export function verifyBom(file: string, opened: Opened): void {
  const read = bom.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!read.success) throw new ReleaseError('it is no CycloneDX 1.6 list with versions and licences');
  const archive = archiveOf(opened);
  const [hash] = read.data.metadata.component.hashes;
  if (hash?.content !== hashOf(archive)) throw new ReleaseError('it is the list of another program');
  const listed = new Set(read.data.components.map(({ name }) => name));
  const inside = packagesInArchive(archive);
  const missing = [...ALWAYS, ...inside].filter((name) => !listed.has(name));
  if (missing.length > 0) throw new ReleaseError(`it does not name ${missing.join(', ')}`);
}
