import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';

export const project = resolve(import.meta.dirname, '..', '..');

/** As whom root's scripts run the program; `build/setup.mjs` makes the account. */
const ordinaryUser = 'wardlight-dev';
/** Opens the private keyring of a session that holds synthetic data and is deleted at its end. */
const keyringPassword = 'pw';

const isRoot = process.getuid?.() === 0;

/** True inside a session that `runInDesktop` made. */
export const insideDesktop = process.env['WARDLIGHT_DESKTOP'] !== undefined;

function idOf(flag: '-u' | '-g'): number {
  return Number(spawnSync('id', [flag, ordinaryUser], { encoding: 'utf8' }).stdout.trim());
}

/** Gives a folder to the ordinary user where root made it. */
export function giveToUser(folder: string): void {
  if (isRoot) chownSync(folder, idOf('-u'), idOf('-g'));
}

function makeFolders(root: string): Record<string, string> {
  const folders = { HOME: 'home', XDG_RUNTIME_DIR: 'run', TMPDIR: 'tmp' };
  const env: Record<string, string> = {};
  for (const [name, folder] of Object.entries(folders)) {
    const path = join(root, folder);
    mkdirSync(path, { mode: 0o700 });
    giveToUser(path);
    env[name] = path;
  }
  return env;
}

/** The first folder above the project that others may not enter, such as a private temporary folder; null if none. */
function closedFolder(): string | null {
  const above: string[] = [];
  for (let folder = dirname(project); folder !== dirname(folder); folder = dirname(folder)) above.unshift(folder);
  return above.find((folder) => (statSync(folder).mode & 0o001) === 0) ?? null;
}

/**
 * Shows root's project to the ordinary user at the same path in a mount namespace of its own, where a folder above it
 * is closed to others. Nothing outside that namespace changes.
 */
const OPEN_VIEW = `set -e
closed="$1"; project="$2"; shift 2
stage="$(mktemp -d)"; parent="$(dirname "$project")"
mount --bind "$parent" "$stage"
mount -t tmpfs -o mode=755 none "$closed"
for name in "$(basename "$project")" shared; do
  if [ -e "$stage/$name" ]; then mkdir -p "$parent/$name"; mount --bind "$stage/$name" "$parent/$name"; fi
done
cd "$project"
exec "$@"`;

function withOpenView(command: string[]): string[] {
  const closed = isRoot ? closedFolder() : null;
  if (closed === null) return command;
  return [
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'bash',
    '-c',
    OPEN_VIEW,
    'bash',
    closed,
    project,
    ...command,
  ];
}

export interface DesktopOptions {
  /** `locked`: the keyring exists but nobody has unlocked it; `none`: no Secret Service at all. */
  keyring?: 'unlocked' | 'locked' | 'none';
  env?: Record<string, string>;
  stdio?: 'inherit' | 'pipe';
}

/**
 * Runs a command in a desktop of its own on Linux: private home and temporary folder, D-Bus, GNOME Keyring and a
 * virtual display, as an ordinary user, so that Chromium's sandbox is on and nothing of the person's own session is
 * touched. Elsewhere the command runs as it is, with the system's keychain and display.
 */
export function runInDesktop(command: string, args: string[], options: DesktopOptions = {}): ChildProcess {
  const { keyring = 'unlocked', env = {}, stdio = 'inherit' } = options;
  if (process.platform !== 'linux') {
    return spawn(command, args, { stdio, env: { ...process.env, ...env, WARDLIGHT_DESKTOP: '' } });
  }
  // Short: the paths of its sockets have a limit of 108 bytes.
  const root = mkdtempSync(join(tmpdir(), 'wl-'));
  chmodSync(root, 0o755);
  giveToUser(root);
  const passed = Object.entries(process.env).filter(([name]) => name.startsWith('WARDLIGHT_') || name === 'CI');
  const environment = {
    ...Object.fromEntries(passed),
    ...makeFolders(root),
    PATH: [join(project, 'test', 'support', 'bin'), join(project, 'node_modules', '.bin'), process.env['PATH']].join(
      delimiter,
    ),
    LANG: 'C.UTF-8',
    ...env,
    WARDLIGHT_DESKTOP: root,
  };
  const unlock =
    keyring === 'none'
      ? ''
      : `printf ${keyringPassword} | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; `;
  const lock =
    keyring === 'locked'
      ? `gdbus call --session --dest org.freedesktop.secrets --object-path /org/freedesktop/secrets --method org.freedesktop.Secret.Service.Lock '[objectpath "/org/freedesktop/secrets/collection/login"]' >/dev/null; `
      : '';
  const inSession = ['bash', '-c', `${unlock}${lock}exec "$@"`, 'bash', command, ...args];
  const screen = ['xvfb-run', '-a', '-s', '-screen 0 2560x1440x24', 'dbus-run-session', '--', ...inSession];
  const asUser = isRoot ? ['setpriv', `--reuid=${ordinaryUser}`, `--regid=${ordinaryUser}`, '--init-groups'] : [];
  const [program = '', ...rest] = withOpenView([...asUser, ...screen]);
  const child = spawn(program, rest, { stdio, env: environment, cwd: project });
  child.on('exit', () => rmSync(root, { recursive: true, force: true }));
  return child;
}
