import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { project } from './setup/places.mjs';

/** What makes a test file change more than its own: doubles of Vitest's, a page, the process or what is global. */
const CHANGES_MORE = /\bvi\b|@vitest-environment|\bprocess\.|\b(globalThis|window)\b|\b(Date|Math)\.\w+ =[^=]/;

/**
 * The files of unit and integration tests. The shared ones are unit tests of functions, in Node, which leave nothing
 * behind: they may share a process, which loads their modules once. The others have one each.
 * @returns {{ shared: string[], others: string[] }}
 */
export function unitFiles() {
  const all = ['unit', 'integration'].flatMap((folder) =>
    readdirSync(join(project, 'test', folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.test\.tsx?$/.test(name))
      .map((name) => join('test', folder, name)),
  );
  const isShared = (file) =>
    file.startsWith(join('test', 'unit')) && !CHANGES_MORE.test(readFileSync(join(project, file), 'utf8'));
  return { shared: all.filter(isShared), others: all.filter((file) => !isShared(file)) };
}
