import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Plugin } from 'vite';
import { project } from '../setup/places.mjs';

/** Where each part of the build says which packages it has bundled; beside what is packaged, not in it. */
const bundledIn = (root: string) => join(root, 'out', 'bundled');

/** The folder of the package that a module belongs to; null for our own. */
export function packageFolder(id: string): string | null {
  const path = id.replace(/^\0/, '').split('?')[0] ?? '';
  const found = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)(?:\/|$)/.exec(path);
  if (!found?.[1]) return null;
  return existsSync(join(found[1], 'package.json')) ? found[1] : null;
}

/**
 * Writes down from which packages code or style has come into the bundle, as nothing else can tell afterwards. Modules of
 * which nothing was kept don't count.
 */
export function bundledPackages(part: string, root: string): Plugin {
  return {
    name: 'bundled-packages',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? [file] : []));
      const kept = chunks.flatMap(({ modules }) =>
        Object.entries(modules).flatMap(([id, { renderedLength }]) => (renderedLength > 0 ? [id] : [])),
      );
      const styles = [...this.getModuleIds()].filter((id) => /\.css(?:\?|$)/.test(id));
      const folders = new Set([...kept, ...styles].map(packageFolder).filter((folder) => folder !== null));
      mkdirSync(bundledIn(root), { recursive: true });
      const names = [...folders].map((folder) => relative(root, folder)).sort();
      writeFileSync(join(bundledIn(root), `${part}.json`), `${JSON.stringify(names, null, 2)}\n`);
    },
  };
}

/** The folders of all packages that are bundled, relative to the project. */
export function readBundled(): string[] {
  const parts = ['main', 'preload', 'renderer', 'worker'];
  return parts.flatMap(
    (part) => JSON.parse(readFileSync(join(bundledIn(project), `${part}.json`), 'utf8')) as string[],
  );
}

/** Name and version of a package by its folder. */
export function packageAt(folder: string): { name: string; version: string; license?: unknown; author?: unknown } {
  const found = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  // A folder within a package may say no more than how its scripts are to be read.
  return found.name && found.version ? found : packageAt(dirname(folder));
}
