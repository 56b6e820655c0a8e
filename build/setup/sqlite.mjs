import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compilerPackages, installDebianPackages } from './debian.mjs';
import { modules, sharedCache, state } from './places.mjs';
import { run, SetupError } from './report.mjs';

const name = 'better-sqlite3-multiple-ciphers';

/** The folder that holds Node's headers (`include/node`): of this Node, or of the system's. */
export function nodeHeaders() {
  const candidates = [process.env.npm_config_nodedir, '/usr', '/usr/local', dirname(dirname(process.execPath))];
  const found = candidates.find((folder) => folder && existsSync(join(folder, 'include', 'node', 'node_api.h')));
  if (!found) throw new SetupError(`No Node headers found to compile with.`);
  return found;
}

/** The same package's other sources, unpacked beside node_modules so that its own dependencies resolve. */
function compile(target, say) {
  say(`compiling ${name} for it (about a minute)`);
  const work = mkdtempSync(join(sharedCache, 'building-'));
  try {
    cpSync(join(modules, name), join(work, 'node_modules', name), { recursive: true });
    cpSync(join(modules, 'node-addon-api'), join(work, 'node_modules', 'node-addon-api'), { recursive: true });
    const source = join(work, 'node_modules', name);
    const gyp = join(modules, 'node-gyp', 'bin', 'node-gyp.js');
    // The shipped prebuild asks for Node-API 10, which the stand-in's Node 20 doesn't have.
    const flags = '-UNAPI_VERSION -DNAPI_EXPERIMENTAL -DNODE_API_EXPERIMENTAL_NOGC_ENV_OPT_OUT';
    const node = join(modules, 'node', 'bin', 'node');
    run(node, [gyp, 'rebuild', '--release', '--force_build=1', `--nodedir=${nodeHeaders()}`], {
      cwd: source,
      env: { ...process.env, CXXFLAGS: flags },
    });
    renameSync(join(source, 'build', 'Release', 'better_sqlite3.node'), target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Gives the stand-in runtime a SQLCipher module that it can load; the official one needs none. */
export function provideSqlite(runtime, say) {
  const note = join(state, 'sqlite-binding');
  if (runtime.kind === 'official') {
    rmSync(note, { force: true });
    return 'the shipped module fits';
  }
  const { version } = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8'));
  const target = join(sharedCache, `${name}-${version}-electron-${runtime.version}.node`);
  const built = existsSync(target);
  if (!built) {
    installDebianPackages(say, compilerPackages);
    mkdirSync(sharedCache, { recursive: true, mode: 0o755 });
    compile(target, say);
  }
  run('chmod', ['a+rx', target]);
  writeFileSync(note, target);
  return built ? 'compiled before' : 'compiled';
}
