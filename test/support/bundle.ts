import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll } from 'vitest';

/** Inside the project, so that the packages with native parts, which stay outside the bundle, are found. */
const BUNDLES = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'wardlight', 'test-bundles');
const PROGRAM = 'program.mjs';
const NATIVE = ['better-sqlite3-multiple-ciphers', '@node-rs/argon2'];

/** Writes the program of an entry into a folder, with the parts that it loads at their first use. */
async function bundle(entry: string, folder: string): Promise<void> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true, external: NATIVE },
    build: {
      ssr: entry,
      outDir: folder,
      emptyOutDir: false,
      target: 'node24',
      minify: false,
      rolldownOptions: { output: { entryFileNames: PROGRAM, chunkFileNames: '[name]-[hash].mjs' } },
    },
  });
  if (!('output' in built)) throw new Error(`no bundle of ${entry}`);
}

/**
 * The program of a process that a test file starts hundreds of times, bundled for as long as that file runs: a
 * process that reads each of its modules by itself spends most of its life on that. Answers where the program will be.
 */
export function bundledProgram(entry: string): string {
  mkdirSync(BUNDLES, { recursive: true });
  const folder = mkdtempSync(join(BUNDLES, 'program-'));
  beforeAll(() => bundle(entry, folder));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, PROGRAM);
}
