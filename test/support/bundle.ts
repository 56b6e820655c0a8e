import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll } from 'vitest';

/** Inside the project, so that the packages with native parts, which stay outside the bundle, are found. */
const BUNDLES = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'wardlight', 'test-bundles');
const NATIVE = ['better-sqlite3-multiple-ciphers', '@node-rs/argon2'];

async function bundle(entry: string): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true, external: NATIVE },
    build: { ssr: entry, write: false, target: 'node24', minify: false },
  });
  const [file] = 'output' in built ? built.output : [];
  if (file?.type !== 'chunk') throw new Error(`no bundle of ${entry}`);
  return file.code;
}

/**
 * The program of a process that a test file starts hundreds of times, as one file for as long as that file runs: a
 * process that reads each of its modules by itself spends most of its life on that. Answers where the program will be.
 */
export function bundledProgram(entry: string): string {
  mkdirSync(BUNDLES, { recursive: true });
  const folder = mkdtempSync(join(BUNDLES, 'program-'));
  const program = join(folder, 'program.mjs');
  beforeAll(async () => writeFileSync(program, await bundle(entry)));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return program;
}
