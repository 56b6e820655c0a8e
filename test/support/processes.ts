import { execFileSync } from 'node:child_process';

/** Processes below one, however deep. */
export function childPids(parent: number): number[] {
  const lines = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const children = pairs.filter(([, ppid]) => ppid === parent).map(([pid]) => pid ?? 0);
  return children.flatMap((pid) => [pid, ...childPids(pid)]);
}
