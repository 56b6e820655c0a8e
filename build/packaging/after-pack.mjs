// electron-builder calls this when the program lies unpacked, before it sets the fuses and makes installers of it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findRuntime } from '../runtime.mjs';
import { filesInArchive } from './archive.ts';
import { componentsOf } from './components.ts';
import { bomName, bomOf, noticesOf } from './sbom.ts';

/** What a distribution of Electron brings that must not be in a package: the stand-in's loader and its update feed. */
const leftOvers = ['app', 'app-update.yml', 'default_app.asar'];

const driver = ['app.asar.unpacked', 'node_modules', 'better-sqlite3-multiple-ciphers', 'prebuilds'];

/** The runtime says itself what it is made of. */
function versionsOf(executable) {
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  const script = 'process.stdout.write(JSON.stringify(process.versions))';
  const { status, stdout, stderr } = spawnSync(executable, ['-e', script], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The runtime doesn't tell its versions: ${stderr}`);
  return JSON.parse(stdout);
}

/** Lists what ships: for machines beside the packages, for people in the program. */
function describe({ appOutDir, outDir, packager, electronPlatformName }) {
  const resources = packager.getResourcesDir(appOutDir);
  const archive = join(resources, 'app.asar');
  // One version of Electron is made of the same parts on each system: this one's tells of what can't be run here.
  const components = componentsOf(filesInArchive(archive), versionsOf(findRuntime().executable));
  const { version } = packager.appInfo;
  const bom = bomOf(components, {
    version,
    builtAt: Number(process.env.SOURCE_DATE_EPOCH),
    archiveHash: createHash('sha256').update(readFileSync(archive)).digest('hex'),
  });
  writeFileSync(join(outDir, bomName(version, electronPlatformName)), bom);
  writeFileSync(join(resources, 'THIRD-PARTY-NOTICES.txt'), noticesOf(components));
}

export default function afterPack(context) {
  const { appOutDir, packager, electronPlatformName } = context;
  const resources = packager.getResourcesDir(appOutDir);
  for (const name of leftOvers) rmSync(join(resources, name), { recursive: true, force: true });
  rmSync(join(appOutDir, 'version'), { force: true });
  const standIn = process.env.WARDLIGHT_SQLITE_BINDING;
  if (standIn && electronPlatformName === 'linux') cpSync(standIn, join(resources, ...driver, 'linux-x64.node'));
  describe(context);
}
