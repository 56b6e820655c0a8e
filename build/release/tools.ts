import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What went wrong, in words for a person at IT; no stack is shown. */
export class ReleaseError extends Error {}

/** Runs a command of ours; what is expected to go wrong is told in a line. */
export async function endWith(name: string, main: () => unknown): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    process.stderr.write(`${name}: ${error.message}\n`);
    process.exitCode = 1;
  }
}

export interface RunOptions {
  readonly input?: Uint8Array;
  readonly cwd?: string;
  /** Beside what this process has. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a public tool; what it prints is told where it fails. */
export function run(command: string, args: readonly string[], { env, ...options }: RunOptions = {}): Buffer {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    ...options,
    maxBuffer: 1024 * 1024 * 1024,
    env: { ...process.env, LC_ALL: 'C', ...env },
  });
  if (status !== 0) {
    const said = `${stderr ?? ''}${stdout ?? ''}`.trim().split('\n').slice(-3).join(' ');
    throw new ReleaseError(`${command}: ${error?.message ?? said}`);
  }
  return stdout;
}

export const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
export const hashOf = (file: string): string => sha256(readFileSync(file));

/** A folder of one's own for as long as the work takes. On /var/tmp: programs are large, and /tmp may be memory. */
export function inFolder<Value>(work: (folder: string) => Value): Value {
  const folder = mkdtempSync(join('/var/tmp', 'wardlight-release-'));
  const end = () => rmSync(folder, { recursive: true, force: true });
  let value: Value;
  try {
    value = work(folder);
  } catch (error) {
    end();
    throw error;
  }
  if (value instanceof Promise) return value.finally(end) as Value;
  end();
  return value;
}

/** The parts of a deb that its signature is of, in their order (deb(5), debsigs). */
export function signedPartsOf(deb: string): Buffer {
  const members = run('ar', ['t', deb]).toString().trim().split('\n');
  const signed = members.filter((name) => name === 'debian-binary' || /^(?:control|data)\.tar/.test(name));
  return Buffer.concat(signed.map((name) => run('ar', ['p', deb, name])));
}

/** The signature's member of a deb, named by its role. */
export const DEB_SIGNATURE = '_gpgorigin';
