import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { missingPackages, startRadosgw } from './radosgw.ts';

/*
 * `npm run worm -- --server radosgw`: the tests of write-once delivery against a real S3 server with Object Lock. `npm
 * test` runs the same ones against a double.
 */

const project = join(import.meta.dirname, '..', '..');
const { values } = parseArgs({ options: { server: { type: 'string', default: 'radosgw' } } });

async function main(): Promise<number> {
  if (values.server !== 'radosgw') {
    process.stderr.write('worm: the one server that it can start is radosgw\n');
    return 2;
  }
  const missing = missingPackages();
  if (missing.length > 0) {
    process.stderr.write(`worm: needs Debian's packages ${missing.join(', ')}\n`);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'wardlight-worm-cli-'));
  process.stdout.write('worm: starting a Ceph cluster with radosgw on loopback …\n');
  const { endpoint, credentials, close } = await startRadosgw();
  try {
    // In a file of its own, since what is in an environment can be read by others.
    const file = join(folder, 'server.json');
    writeFileSync(file, JSON.stringify({ name: 'radosgw', endpoint, credentials }), { mode: 0o600 });
    const vitest = join(project, 'node_modules', 'vitest', 'vitest.mjs');
    const args = [
      'run',
      '--configLoader',
      'native',
      '--project',
      'unit',
      'test/integration/audit/delivery/worm.test.ts',
    ];
    const environment = { ...process.env, WARDLIGHT_WORM_SERVER: file };
    const child = spawn(process.execPath, [vitest, ...args, '--reporter=verbose'], {
      cwd: project,
      env: environment,
      stdio: 'inherit',
    });
    return await new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  } finally {
    await close();
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
