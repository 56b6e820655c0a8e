// `npm run package -- --target deb,rpm`: packages by electron-builder, whose one description is electron-builder.yml.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compile } from './compile.mjs';
import { bySystem, readTargets, toolsFor } from './packaging/targets.ts';
import { ReleaseError } from './release/tools.ts';
import { findRuntime } from './runtime.mjs';
import { installDebianPackages } from './setup/debian.mjs';
import { modules, project, state } from './setup/places.mjs';
import { SetupError, step } from './setup/report.mjs';
import { buildForWindows } from './windows/build.ts';
import { provideNativePackages, provideStandIn } from './windows/runtime.ts';
import { codeSigningFromEnvironment } from './windows/signing.ts';

const { values } = parseArgs({
  options: {
    target: { type: 'string', default: 'dir' },
    development: { type: 'boolean', default: false },
    fast: { type: 'boolean', default: false },
    out: { type: 'string', default: 'release' },
    // In place of the project's own: for packages that an upgrade is tried with.
    version: { type: 'string' },
  },
});

function fail(message) {
  process.stderr.write(`package: ${message}\n`);
  process.exit(1);
}

function git(...args) {
  const { status, stdout } = spawnSync('git', args, { cwd: project, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

/** From what this is built, for the signed statement of the release (build/release/provenance.ts). */
function definition(targets, { version }) {
  const commit = git('rev-parse', 'HEAD');
  const lock = createHash('sha256')
    .update(readFileSync(join(project, 'package-lock.json')))
    .digest('hex');
  return {
    buildType: 'https://wardlight.org/build/package/v1',
    externalParameters: {
      targets,
      development: values.development,
      sourceDateEpoch: Number(process.env.SOURCE_DATE_EPOCH),
    },
    resolvedDependencies: [
      ...(commit ? [{ uri: 'git+https://wardlight.org', digest: { gitCommit: commit } }] : []),
      { uri: 'package-lock.json', digest: { sha256: lock } },
      { uri: `pkg:npm/electron@${version}`, digest: {} },
    ],
  };
}

/** The time of the commit, where nobody names another: the same commit gives the same bytes. */
function sourceDate() {
  return git('log', '-1', '--format=%ct') ?? fail('set SOURCE_DATE_EPOCH where there is no Git history');
}

async function provideTools(targets) {
  const packages = targets.flatMap((name) => toolsFor[name] ?? []);
  if (packages.length > 0) await step('packaging tools', (say) => installDebianPackages(say, packages));
}

const version = values.version ?? JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')).version;
const wanted = readTargets(values.target, process.platform);
if (!wanted.ok) fail(wanted.why);
const runtime = findRuntime();
const isFallback = runtime.kind === 'fallback';
if (isFallback && !values.development) {
  fail(
    `Electron ${runtime.version} only stands in for the pinned one, which could not be downloaded here; it is never released. For a package to try out: npm run package -- --development`,
  );
}

process.env.SOURCE_DATE_EPOCH ??= sourceDate();
// No path of this machine in the program: it finds its SQLCipher module where the package has it.
process.env.WARDLIGHT_RELEASE = '1';
// The module that the driver ships does not load in the stand-in runtime; this is the one that does.
if (isFallback) process.env.WARDLIGHT_SQLITE_BINDING = readFileSync(join(state, 'sqlite-binding'), 'utf8').trim();
if (process.platform === 'linux') {
  // electron-builder would download its tools. These are the system's, and ours.
  process.env.CUSTOM_FPM_PATH = join(import.meta.dirname, 'packaging', 'fpm.mjs');
  process.env.ELECTRON_BUILDER_7ZIP_PATH = '/usr/bin/7za';
  process.env.ELECTRON_BUILDER_COMPRESSION_LEVEL ??= values.fast ? '1' : '5';
}

const out = resolve(project, values.out);
const { own, windows } = bySystem(wanted.targets);
const flags = { linux: '--linux', win32: '--win', darwin: '--mac' };

/** One run of electron-builder, for one system. */
function packed(flag, targets, distribution) {
  const args = [
    flag,
    ...targets,
    '--publish=never',
    `-c.directories.output=${out}`,
    ...(values.version ? [`-c.extraMetadata.version=${values.version}`] : []),
    ...(values.fast ? ['-c.deb.compression=gz', '-c.rpm.compression=gzip'] : []),
    ...(isFallback ? [`-c.electronDist=${distribution}`, `-c.electronVersion=${runtime.version}`] : []),
  ];
  const builder = join(modules, 'electron-builder', 'cli.js');
  const { status } = spawnSync(process.execPath, [builder, ...args], { cwd: project, stdio: 'inherit' });
  if (status !== 0) fail('electron-builder has failed');
}

async function packForWindows(signing) {
  let distribution = '';
  await step('program for Windows', async (say) => {
    provideNativePackages();
    if (isFallback) distribution = provideStandIn(runtime.version, say);
    return isFallback ? 'a stand-in, which does nothing' : 'ready';
  });
  packed('--win', ['dir', '--x64'], distribution);
  await step('installers for Windows', () => {
    buildForWindows({ out, version, targets: windows, fast: values.fast, signing });
    return signing ? 'signed' : 'not signed: WARDLIGHT_WINDOWS_SIGNING names no way to do it';
  });
}

try {
  const signing = codeSigningFromEnvironment();
  await provideTools(wanted.targets);
  compile();
  if (own.length > 0) packed(flags[process.platform], own, dirname(runtime.executable));
  if (windows.length > 0) await packForWindows(signing);
} catch (error) {
  if (!(error instanceof SetupError || error instanceof ReleaseError)) throw error;
  fail(error.message);
}
writeFileSync(join(out, 'build.json'), `${JSON.stringify(definition(wanted.targets, runtime), null, 2)}\n`);
