import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compilerPackages, installDebianPackages } from './debian.mjs';
import { modules, sharedCache } from './places.mjs';
import { run } from './report.mjs';
import { nodeHeaders } from './sqlite.mjs';

const name = 'pkcs11js';
const binary = join('build', 'Release', 'pkcs11.node');

/** Node-API, so that one serves every Node; kept outside the clone by the package's version. */
function compile(source, kept) {
  mkdirSync(sharedCache, { recursive: true, mode: 0o755 });
  const work = mkdtempSync(join(sharedCache, 'building-'));
  try {
    cpSync(source, join(work, name), { recursive: true });
    const gyp = join(modules, 'node-gyp', 'bin', 'node-gyp.js');
    const node = join(modules, 'node', 'bin', 'node');
    run(node, [gyp, 'rebuild', '--release', `--nodedir=${nodeHeaders()}`], { cwd: join(work, name) });
    cpSync(join(work, name, binary), kept);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * The module by which tests, the development server and `npm run keys` speak to tokens. npm would compile it while it
 * installs, and fail as a whole where there is no compiler: the program itself needs none of it.
 */
export function providePkcs11(say) {
  if (process.platform !== 'linux') return 'not needed on this system';
  const source = join(modules, name);
  const target = join(source, binary);
  if (existsSync(target)) return 'there';
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  const kept = join(sharedCache, `${name}-${version}.node`);
  const isKept = existsSync(kept);
  if (!isKept) {
    installDebianPackages(say, compilerPackages);
    say(`compiling ${name}`);
    try {
      compile(source, kept);
    } catch {
      return 'can’t be compiled here: tests of keys fail, and npm start has no encrypted documents';
    }
  }
  mkdirSync(dirname(target), { recursive: true });
  cpSync(kept, target);
  return isKept ? 'compiled before' : 'compiled';
}
