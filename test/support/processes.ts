import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Processes below one, however deep. */
export function childPids(parent: number): number[] {
  const lines = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const children = pairs.filter(([, ppid]) => ppid === parent).map(([pid]) => pid ?? 0);
  return children.flatMap((pid) => [pid, ...childPids(pid)]);
}

/** The command line of a process; empty where it has ended since it was listed. */
export function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Kind of a process; a renderer has its arguments as one. */
export function commandOf(pid: number): string {
  const words = commandLineOf(pid).replaceAll('\0', ' ');
  return (/--utility-sub-type=(\S+)/.exec(words) ?? /--type=(\S+)/.exec(words))?.[1] ?? '';
}
