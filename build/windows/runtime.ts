import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installDebianPackages } from '../setup/debian.mjs';
import { packPackage } from '../setup/packages.mjs';
import { project, sharedCache, state } from '../setup/places.mjs';
import { run, SetupError } from '../setup/report.mjs';
import { makeStandIn } from './stand-in.ts';
import { STAND_IN_TOOLS } from './tools.ts';

/**
 * The folder of what stands in for Electron for Windows, made where it isn't there. electron-builder fetches the real one
 * itself.
 */
export function provideStandIn(version: string, say: (message: string) => void): string {
  const sources = join(import.meta.dirname, 'stand-in');
  const hash = createHash('sha256').update(readFileSync(join(import.meta.dirname, 'stand-in.ts')));
  for (const name of readdirSync(sources).sort()) hash.update(readFileSync(join(sources, name)));
  const folder = join(sharedCache, `electron-${version}-windows-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  installDebianPackages(say, STAND_IN_TOOLS);
  mkdirSync(sharedCache, { recursive: true, mode: 0o755 });
  const work = mkdtempSync(join(sharedCache, 'making-'));
  makeStandIn(work, version);
  renameSync(work, folder);
  return folder;
}

/** Packages that npm installs on Windows only; electron-builder.yml takes them from here. */
const NATIVE = ['@node-rs/argon2-win32-x64-msvc'];
export const nativePackages = join(state, 'windows', 'native');

/**
 * Fetches the packages with native parts for Windows, each as the lock file has it.
 * @throws SetupError where one is another than the lock file's
 */
export function provideNativePackages(): void {
  const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8'));
  for (const name of NATIVE) {
    const { version, integrity } = packages[`node_modules/${name}`];
    const folder = join(nativePackages, name);
    const described = join(folder, 'package.json');
    if (existsSync(described) && JSON.parse(readFileSync(described, 'utf8')).version === version) continue;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, '..'), { recursive: true });
    const work = mkdtempSync(join(nativePackages, 'fetching-'));
    try {
      const archive = packPackage(`${name}@${version}`, work);
      const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
      if (found !== integrity)
        throw new SetupError(`${name}@${version} has the integrity ${found}, not the locked one`);
      run('tar', ['-xzf', archive, '-C', work]);
      renameSync(join(work, 'package'), folder);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
}
