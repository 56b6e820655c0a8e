import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { sharedCache } from '../../build/setup/places.mjs';

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

/** The first folder above another that others may not enter, such as a private temporary folder; null if none. */
function closedAbove(path: string): string | null {
  const above: string[] = [];
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) above.unshift(folder);
  return above.find((folder) => (statSync(folder).mode & 0o001) === 0) ?? null;
}

/**
 * Shows what root's scripts need (the project, its data, the cache of the runtime) to the ordinary user at the same
 * paths in a mount namespace of its own, where a folder above is closed to others. Nothing outside that namespace
 * changes.
 */
const OPEN_VIEW = `set -e
umask 022
closed="$1"; shown="$2"; project="$3"; shift 3
stages=()
while read -r folder; do
  stage="$(mktemp -d)"; mount --bind "$folder" "$stage"; stages+=("$stage")
done <<< "$shown"
while read -r folder; do mount -t tmpfs -o mode=755 none "$folder"; done <<< "$closed"
while read -r folder; do
  mkdir -p "$folder"; mount --bind "\${stages[0]}" "$folder"; stages=("\${stages[@]:1}")
done <<< "$shown"
cd "$project"
exec "$@"`;

function withOpenView(command: string[]): string[] {
  const needed = [project, join(dirname(project), 'shared'), sharedCache].filter((folder) => existsSync(folder));
  const shown = isRoot ? needed.filter((folder) => closedAbove(folder) !== null) : [];
  if (shown.length === 0) return command;
  const closed = [...new Set(shown.map(closedAbove))];
  const view = ['bash', '-c', OPEN_VIEW, 'bash', closed.join('\n'), shown.join('\n'), project];
  return ['unshare', '--mount', '--propagation', 'private', ...view, ...command];
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
  // Short: the paths of its sockets have a limit of 108 bytes. One beside another is not among the other's files.
  const root = mkdtempSync(join(process.env['WARDLIGHT_DESKTOP'] || tmpdir(), 'wl-'));
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
