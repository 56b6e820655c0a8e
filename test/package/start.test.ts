import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { giveToUser, project, runInDesktop } from '../support/desktop.ts';

const program = join(inject('packages'), 'linux-unpacked', 'wardlight');
const isRoot = process.getuid?.() === 0;

let userData: string;
beforeEach(() => {
  userData = mkdtempSync(join(tmpdir(), 'wl-packed-'));
  giveToUser(userData);
});
afterEach(() => rmSync(userData, { recursive: true, force: true }));

/** Starts the packaged program as a clinician, on a desktop of its own; its last words are read. */
function start(args: string[], env: Record<string, string> = {}) {
  const child = runInDesktop(program, [`--user-data-dir=${userData}`, ...args], { stdio: 'pipe', env });
  return { child, ended: ending(child) };
}

async function ending(child: ChildProcess): Promise<{ code: number | null; said: string }> {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += chunk));
  const [code] = await once(child, 'close');
  return { code, said };
}

/** The page has asked main for something: the window works. */
const isUp = () => {
  const log = join(userData, 'logs', 'main.log');
  return existsSync(log) && readFileSync(log, 'utf8').includes('"feature":"session","name":"state"');
};

/** Ends the program by its own process, which the lock of its profile names. */
async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  const pids = spawn('pgrep', ['-f', '-o', '--', `^${program} --user-data-dir=${userData}`]);
  let pid = '';
  pids.stdout.on('data', (chunk) => (pid += chunk));
  await once(pids, 'close');
  if (pid) process.kill(Number(pid));
  else child.kill();
  await ended;
}

describe('the packaged program', () => {
  it('starts for an ordinary user, with Chromium’s sandbox', async () => {
    const { child, ended } = start([]);
    await expect.poll(isUp).toBe(true);
    await end(child, ended);
  });

  it.each([
    ['remote debugging', '--remote-debugging-port=0', 'remote-debugging-port'],
    ['Node’s inspector', '--inspect=127.0.0.1:0', 'inspect'],
    ['flags for V8', '--js-flags=--expose-gc', 'js-flags'],
    ['an extension', '--load-extension=/tmp', 'load-extension'],
    ['a proxy', '--proxy-server=127.0.0.1:9', 'proxy-server'],
    ['no checks of certificates', '--ignore-certificate-errors', 'ignore-certificate-errors'],
  ])('security: refuses %s before it opens anything', async (_what, argument, name) => {
    const { code, said } = await start([argument]).ended;
    expect(said).toContain(`wardlight: switch-refused: --${name}\n`);
    expect(code).toBe(64);
    for (const file of ['DevToolsActivePort', 'SingletonLock', 'logs', 'audit']) {
      expect(existsSync(join(userData, file))).toBe(false);
    }
  });

  it('tells how the workstation stands, and what support needs, without a window', async () => {
    const health = await start(['--health']).ended;
    expect(health.said).toContain('"format": "wardlight-health"');
    expect(health.said).toContain('"packaged": true');
    expect(health.code).toBe(0);
    const bundle = await start(['--support-bundle']).ended;
    expect(bundle.said).toContain('"format": "wardlight-support"');
    expect(bundle.code).toBe(0);
    for (const file of ['SingletonLock', 'logs', 'audit', 'health']) {
      expect(existsSync(join(userData, file))).toBe(false);
    }
  });

  it('security: is no Node, whatever the environment says', async () => {
    const proof = join(userData, 'proof');
    const { child, ended } = start([], { ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: `--require=${proof}` });
    await expect.poll(isUp).toBe(true);
    await end(child, ended);
    expect((await ended).said).not.toContain('Cannot find module');
  });
});

/** A machine of which /etc says so, for one command; nothing outside it changes. */
const WITH_POLICY = `set -e
layers="$(mktemp -d)"; mount -t tmpfs -o mode=755 none "$layers"; mkdir "$layers/up" "$layers/work"
mount -t overlay -o "lowerdir=/etc,upperdir=$layers/up,workdir=$layers/work" none /etc
mkdir -m 755 /etc/wardlight; printf '{"remoteDebugging":true}' > /etc/wardlight/policy.json
exec "$@"`;

describe.runIf(isRoot)('where root allows remote debugging', () => {
  it('security: a debugger gets in, and every screen says so', async () => {
    const cli = join(project, 'test', 'support', 'desktop-cli.ts');
    const command = [program, `--user-data-dir=${userData}`, '--remote-debugging-port=0'];
    const inside = ['bash', '-c', WITH_POLICY, 'bash', process.execPath, cli, 'env', ...command];
    const child = spawn('unshare', ['--mount', '--propagation', 'private', ...inside], { cwd: project });
    const ended = ending(child);
    const portFile = join(userData, 'DevToolsActivePort');
    await expect.poll(() => existsSync(portFile) && readFileSync(portFile, 'utf8').includes('\n')).toBe(true);
    const [port] = readFileSync(portFile, 'utf8').split('\n');
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    const [page] = browser.contexts()[0]?.pages() ?? [];
    await page?.getByTestId('debugged-banner').waitFor();
    expect(await page?.getByTestId('signin-submit').isVisible()).toBe(true);
    await browser.close();
    await end(child, ended);
  });
});
