// `npm run package`: an unpacked program by electron-builder. Installers, signing and release checks build on it.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compile } from './compile.mjs';
import { findRuntime } from './runtime.mjs';
import { modules, project } from './setup/places.mjs';

const { values } = parseArgs({
  options: { development: { type: 'boolean', default: false }, out: { type: 'string', default: 'release' } },
});

const runtime = findRuntime();
if (runtime.kind === 'fallback' && !values.development) {
  process.stderr.write(
    `package: Electron ${runtime.version} only stands in for the pinned one, which could not be downloaded here; it is never released. For a package to try out: npm run package -- --development\n`,
  );
  process.exit(1);
}

// A release carries the module that the driver ships; one for the stand-in runtime would not load elsewhere.
if (!values.development) process.env.WARDLIGHT_RELEASE = '1';
compile();

const fallback = runtime.kind === 'fallback';
const args = [
  '--dir',
  `-c.directories.output=${values.out}`,
  ...(fallback ? [`-c.electronDist=${dirname(runtime.executable)}`, `-c.electronVersion=${runtime.version}`] : []),
];
const builder = join(modules, 'electron-builder', 'cli.js');
const { status } = spawnSync(process.execPath, [builder, ...args], { cwd: project, stdio: 'inherit' });
// The stand-in brings a loader for development, which Electron would prefer to the packaged app.
if (fallback)
  rmSync(join(resolve(project, values.out), 'linux-unpacked', 'resources', 'app'), { recursive: true, force: true });
process.exitCode = status ?? 1;
