import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * A copy of this computer as far as its files go: what is installed or changed in it is seen by nobody else, and gone at
 * its end. Its network and its processes are this computer's.
 */
export interface Machine {
  /** Runs a command as root, to its end. */
  run(command: string, args: readonly string[], env?: Record<string, string>): { status: number | null; said: string };
  /** A command line that does the same. */
  inside(command: string, ...args: readonly string[]): [string, string[]];
  /** Where a file of it is for this process, while it runs. */
  path(inside: string): string;
  end(): Promise<void>;
}

/** Files are copied when they are written; what is mounted further down stays what it is. */
const MAKE = `set -e
layers="$1"
mount -t tmpfs -o mode=755 none "$layers"
mkdir "$layers/up" "$layers/work" "$layers/root"
mount -t overlay -o "lowerdir=/,upperdir=$layers/up,workdir=$layers/work" none "$layers/root"
for place in proc sys dev; do mount --rbind "/$place" "$layers/root/$place"; done
echo ready
exec cat`;

/** Needs root, on Linux. Ends with this process at the latest. */
export async function startMachine(): Promise<Machine> {
  const layers = mkdtempSync('/var/tmp/wardlight-machine-');
  const make = ['--mount', '--propagation', 'private', 'bash', '-c', MAKE, 'bash', layers];
  const held = spawn('unshare', make, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(held, 'exit');
  const [line] = await Promise.race([once(createInterface({ input: held.stdout }), 'line'), ended]);
  if (line !== 'ready') throw new Error('the copy of this computer could not be made');
  const root = join(layers, 'root');
  const inside: Machine['inside'] = (command, ...args) => [
    'nsenter',
    ['--target', String(held.pid), '--mount', 'chroot', root, command, ...args],
  ];
  return {
    inside,
    run(command, args, env = {}) {
      const [program, rest] = inside(command, ...args);
      const { status, stdout, stderr } = spawnSync(program, rest, {
        encoding: 'utf8',
        env: { ...process.env, ...env },
        maxBuffer: 64 * 1024 * 1024,
      });
      return { status, said: `${stdout}${stderr}` };
    },
    path: (file) => join('/proc', String(held.pid), 'root', root, file),
    async end() {
      held.stdin.end();
      await ended;
      rmSync(layers, { recursive: true, force: true });
    },
  };
}

/** A clinician's session on such a machine, in which programs are started one after the other. */
export interface Seat {
  /** Folders and addresses of the session, as its programs have them. */
  readonly env: Readonly<Record<string, string>>;
  start(command: string, args: readonly string[], env?: Record<string, string>): ChildProcess;
  end(): Promise<void>;
}

const USER = 'wardlight-dev';

/** Signs the ordinary user in at a desktop of her own. */
export async function sitDown(machine: Machine, project: string): Promise<Seat> {
  const says = 'node -p "JSON.stringify({ pid: process.ppid, env: process.env })" && exec cat';
  const cli = join(project, 'test', 'support', 'desktop-cli.ts');
  const [program, args] = machine.inside('env', '-C', project, process.execPath, cli, 'bash', '-c', says);
  const held = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(held, 'exit');
  const [line] = await Promise.race([once(createInterface({ input: held.stdout }), 'line'), ended]);
  if (typeof line !== 'string') throw new Error('no desktop on the copy of this computer');
  const { pid, env } = JSON.parse(line) as { pid: number; env: Record<string, string> };
  return {
    env,
    start(command, rest, more = {}) {
      // Where the session is: what root has closed to others is open in its view of the files.
      const session = ['--target', String(pid), '--mount', '--root', 'env', '-C', '/'];
      const asUser = ['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--init-groups'];
      return spawn('nsenter', [...session, ...asUser, command, ...rest], {
        stdio: 'ignore',
        env: { ...env, ...more },
      });
    },
    async end() {
      held.stdin.end();
      await ended;
    },
  };
}
