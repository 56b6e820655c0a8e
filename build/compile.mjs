// Builds main, preload and page into out/, and only when something that they are made of has changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { modules, project, state } from './setup/places.mjs';

const sources = ['main', 'preload', 'renderer', 'build/words'];
const settings = ['electron.vite.config.ts', 'build/packaging/bundled.ts', 'package-lock.json', 'tsconfig.json'];
const stamp = join(project, 'out', 'stamp');

function digest() {
  const hash = createHash('sha256');
  const names = sources.flatMap((folder) =>
    readdirSync(join(project, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const binding = join(state, 'sqlite-binding');
  for (const file of [...names.sort(), ...settings.map((name) => join(project, name)), binding]) {
    hash.update(file.slice(project.length)).update(existsSync(file) ? readFileSync(file) : '');
  }
  return hash.update(process.env.WARDLIGHT_RELEASE ?? '').digest('hex');
}

/** Answers whether anything had to be built. */
export function compile() {
  const wanted = digest();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return false;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(modules, 'electron-vite', 'bin', 'electron-vite.js'), 'build', '--logLevel', 'warn'],
    { cwd: project, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`The build failed.\n${stdout}${stderr}`);
  writeFileSync(stamp, wanted);
  return true;
}

if (process.argv[1] === import.meta.filename) {
  const start = performance.now();
  const built = compile();
  process.stdout.write(
    `build: ${built ? 'built' : 'up to date'} (${((performance.now() - start) / 1000).toFixed(1)} s)\n`,
  );
}
