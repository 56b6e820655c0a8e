import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import * as z from 'zod';
import { filesBelow, filesInArchive, packagesInArchive } from '../packaging/archive.ts';
import { strangersInArchive, strangersInPackage } from '../packaging/contents.ts';
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

/** Unpacks a package into a folder, without running anything of it. */
export function unpack(file: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  if (file.endsWith('.deb')) run('dpkg-deb', ['--extract', file, folder]);
  else run('bash', ['-c', 'set -o pipefail; rpm2archive - < "$1" | tar -xz -C "$2"', 'bash', file, folder]);
}

/** Refuses files that have no business in a package. */
export function verifyFiles(folder: string): void {
  const archive = join(folder, 'opt', 'Wardlight', 'resources', 'app.asar');
  if (!existsSync(archive)) throw new ReleaseError('it holds no program');
  const strangers = [...strangersInPackage(filesBelow(folder)), ...strangersInArchive(filesInArchive(archive))];
  if (strangers.length > 0)
    throw new ReleaseError(`it holds what does not belong there: ${strangers.slice(0, 5).join(', ')}`);
}

export async function verifyFuses(folder: string): Promise<void> {
  const wire = await getCurrentFuseWire(join(folder, 'opt', 'Wardlight', 'wardlight'));
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
export function verifyBom(file: string, folder: string): void {
  const read = bom.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!read.success) throw new ReleaseError('it is no CycloneDX 1.6 list with versions and licences');
  const resources = join(folder, 'opt', 'Wardlight', 'resources');
  const [hash] = read.data.metadata.component.hashes;
  if (hash?.content !== hashOf(join(resources, 'app.asar')))
    throw new ReleaseError('it is the list of another program');
  const listed = new Set(read.data.components.map(({ name }) => name));
  const inside = packagesInArchive(join(resources, 'app.asar'));
  const missing = [...ALWAYS, ...inside].filter((name) => !listed.has(name));
  if (missing.length > 0) throw new ReleaseError(`it does not name ${missing.join(', ')}`);
}
