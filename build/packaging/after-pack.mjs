// electron-builder calls this when the program lies unpacked, before it sets the fuses and makes installers of it.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What a distribution of Electron brings that must not be in a package: the stand-in's loader and its update feed. */
const leftOvers = ['app', 'app-update.yml', 'default_app.asar'];

const driver = ['app.asar.unpacked', 'node_modules', 'better-sqlite3-multiple-ciphers', 'prebuilds'];

export default function afterPack({ appOutDir, packager, electronPlatformName }) {
  const resources = packager.getResourcesDir(appOutDir);
  for (const name of leftOvers) rmSync(join(resources, name), { recursive: true, force: true });
  const standIn = process.env.WARDLIGHT_SQLITE_BINDING;
  if (standIn) cpSync(standIn, join(resources, ...driver, `${electronPlatformName}-x64.node`));
}
