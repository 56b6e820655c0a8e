import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { project } from '../../build/setup/places.mjs';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the packages of this run lie. */
    packages: string;
  }
}

/** A day of this program, for packages that are built to be compared. */
export const BUILT_AT = '1790000000';

/** Builds packages as a person would; quickly compressed. */
export function buildPackages(out: string, targets: string, { umask = '022', version = '' } = {}): void {
  const command = `umask ${umask}; exec "$@"`;
  const of = version ? ['--version', version] : [];
  const script = [join(project, 'build', 'package.mjs'), '--development', '--fast', '--target', targets, '--out', out];
  script.push(...of);
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command, 'bash', process.execPath, ...script], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, SOURCE_DATE_EPOCH: BUILT_AT },
  });
  if (status !== 0) throw new Error(`The packages could not be built.\n${stdout}${stderr}`);
}

/** Once for all tests of packages. WARDLIGHT_PACKAGES names a folder of packages that are built already. */
export default function setup({ provide }: TestProject): (() => void) | undefined {
  const built = process.env['WARDLIGHT_PACKAGES'];
  const out = built ?? mkdtempSync('/var/tmp/wardlight-packages-');
  // The program is started as an ordinary user.
  if (!built) chmodSync(out, 0o755);
  provide('packages', out);
  if (built) return undefined;
  buildPackages(out, 'dir,deb,rpm,tar.gz,dir-win,nsis,msi');
  return () => rmSync(out, { recursive: true, force: true });
}

/** The output of a tool that must be there and succeed. */
export function output(command: string, args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}
