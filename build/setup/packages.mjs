import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { project, state } from './places.mjs';
import { run } from './report.mjs';

const stamp = join(state, 'packages');

function wanted() {
  return createHash('sha256')
    .update(readFileSync(join(project, 'package-lock.json')))
    .update(readFileSync(join(project, 'package.json')))
    .digest('hex');
}

/** npm as the script that runs us; a plain `node build/setup.mjs` finds it on the path. */
function npm(args) {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js')) return run(process.execPath, [script, ...args], { cwd: project });
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, {
    cwd: project,
    shell: process.platform === 'win32',
  });
}

/** Installs the locked npm packages where the lock file changed since the last time. */
export function installPackages(say) {
  const hash = wanted();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return 'up to date';
  say('installing');
  // Not `ci`: it refuses a lock file that lacks another system's optional packages, as a mirror that offers only some
  // of them makes it; and it empties node_modules first, which fails on Windows while a script runs from it.
  npm(['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
  mkdirSync(state, { recursive: true });
  writeFileSync(stamp, wanted());
  return 'installed';
}

/** Packs one npm package into `folder` and returns the archive's path. */
export function packPackage(spec, folder) {
  const [{ filename }] = JSON.parse(npm(['pack', spec, '--json', '--loglevel=error', '--pack-destination', folder]));
  return join(folder, filename);
}
