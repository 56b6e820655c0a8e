import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import type { TestProject } from 'vitest/node';
import { modules, project } from '../../build/setup/places.mjs';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the packages of this run lie. */
    packages: string;
  }
}

/** A day of this program, for packages that are built to be compared. */
export const BUILT_AT = '1790000000';

/** Builds packages as a person would; quickly compressed. */
export function buildPackages(out: string, targets: string, umask = '022'): void {
  const command = `umask ${umask}; exec "$@"`;
  const script = [join(project, 'build', 'package.mjs'), '--development', '--fast', '--target', targets, '--out', out];
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command, 'bash', process.execPath, ...script], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, SOURCE_DATE_EPOCH: BUILT_AT },
  });
  if (status !== 0) throw new Error(`The packages could not be built.\n${stdout}${stderr}`);
}

/** Once for all tests of packages. WARDLIGHT_PACKAGES names a folder of packages that are built already. */
export default function setup({ provide }: TestProject): (() => void) | undefined {
  const built = process.env['WARDLIGHT_PACKAGES'];
  const out = built ?? mkdtempSync('/var/tmp/wardlight-packages-');
  provide('packages', out);
  if (built) return undefined;
  buildPackages(out, 'dir,deb,rpm');
  return () => rmSync(out, { recursive: true, force: true });
}

interface Asar {
  listPackage(archive: string, options: { isPack: boolean }): string[];
  statFile(archive: string, name: string): object;
}

/** The files in an archive, without its folders. */
export function filesInArchive(archive: string): string[] {
  const asar = createRequire(join(modules, 'app-builder-lib', 'package.json'))('@electron/asar') as Asar;
  return asar
    .listPackage(archive, { isPack: false })
    .map((name) => name.slice(1).split(sep).join('/'))
    .filter((name) => !('files' in asar.statFile(archive, name)));
}

/** All files below a folder, by their paths in it. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/** The output of a tool that must be there and succeed. */
export function output(command: string, args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}
