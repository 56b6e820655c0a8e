import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { modules } from '../setup/places.mjs';

interface Asar {
  listPackage(archive: string, options: { isPack: boolean }): string[];
  statFile(archive: string, name: string): object;
  extractFile(archive: string, name: string): Buffer;
}

/** electron-builder's own reader. */
const reader = () => createRequire(join(modules, 'app-builder-lib', 'package.json'))('@electron/asar') as Asar;

/** The files in an archive of Electron, without its folders. */
export function filesInArchive(archive: string): string[] {
  const asar = reader();
  return asar
    .listPackage(archive, { isPack: false })
    .map((name) => name.slice(1))
    .filter((name) => !('files' in asar.statFile(archive, name)))
    .map((name) => name.split(sep).join('/'));
}

/** The names of the packages in an archive, by their own word: a folder may have another. */
export function packagesInArchive(archive: string): string[] {
  const described = filesInArchive(archive).filter((name) =>
    /^node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(name),
  );
  return described.map((name) => JSON.parse(reader().extractFile(archive, name).toString()).name as string);
}

/** All files below a folder, by their paths in it. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
