import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { DevServer } from '../../../server/index.ts';

const CLI = join(import.meta.dirname, '../../../../build/keys/cli.ts');

export interface Ended {
  /** Null where it was killed. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const children = new Set<ChildProcess>();

/** Runs `npm run keys`; `onStart` gets what ends it. */
export async function runKeys(
  args: readonly string[],
  secrets: readonly string[],
  onStart?: (kill: () => void) => void,
): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  children.add(child);
  onStart?.(() => child.kill('SIGKILL'));
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  child.stdin.end(`${secrets.join('\n')}\n`);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  children.delete(child);
  return { code, ...said };
}

/** After a failed test nothing is left. */
export function endRuns(): void {
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
  });
}

/** Calls back while the server has its `count`th write and has not done it yet. */
export function onWrite({ requests }: Pick<DevServer, 'requests'>, count: number, callback: () => void): void {
  let writes = 0;
  requests.push = (...entries) => {
    writes += entries.filter(({ method }) => method === 'PUT').length;
    if (writes === count) callback();
    return Array.prototype.push.apply(requests, entries);
  };
}
