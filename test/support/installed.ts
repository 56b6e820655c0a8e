import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { type Browser, chromium, type Page } from 'playwright';
import type { Machine, Seat } from './machine.ts';

const STEP_TIMEOUT_MS = 30_000;
const LOOK_MS = 5;
const AUTHORITY_FILE = '/usr/share/ca.pem';

/** A program that runs, and its page; through no other door than a person's and root's policy open. */
export interface RunningProgram {
  readonly page: Page;
  /** Main's process. */
  readonly pid: number;
  /** Closes its window, as a person does, and waits for its end. */
  close(): Promise<void>;
}

/** Where a clinician's files of the installed program are, for this process. */
export function userDataAt(machine: Machine, seat: Seat): string {
  return machine.path(join(seat.env['HOME'] ?? '', '.config', 'Wardlight'));
}

/**
 * The clinician trusts the hospital's authority, as her system does. Answers what her browser has to be told for it.
 *
 * @throws where her store of certificates takes none.
 */
export function trustAuthority(machine: Machine, seat: Seat, certificate: string): Record<string, string> {
  const store = `sql:${seat.env['HOME']}/.pki/nssdb`;
  writeFileSync(machine.path(AUTHORITY_FILE), certificate);
  const script = `mkdir -p "$HOME/.pki/nssdb" && certutil -N --empty-password -d "$0" && certutil -A -n hospital -t C,, -i ${AUTHORITY_FILE} -d "$0"`;
  const user = ['setpriv', '--reuid=wardlight-dev', '--regid=wardlight-dev', '--init-groups'];
  const { status, said } = machine.run('env', [...user, 'bash', '-c', script, store], { ...seat.env });
  if (status !== 0) throw new Error(said);
  return { WARDLIGHT_TEST_CA: AUTHORITY_FILE };
}

/** A program of Electron's, to be started where its debugger lets a test in. */
interface Debugged {
  readonly command: string;
  readonly args?: readonly string[];
  /** Where its profile is, for this process. */
  readonly userData: string;
  readonly env?: Record<string, string>;
}

/** Starts what is installed, by the command that its package put there. Policy must allow a debugger. */
export function startInstalled(machine: Machine, seat: Seat, env?: Record<string, string>): Promise<RunningProgram> {
  return startDebugged(seat, {
    command: '/usr/bin/wardlight',
    userData: userDataAt(machine, seat),
    ...(env && { env }),
  });
}

const ATTACH_ATTEMPTS = 3;
const ATTACH_MS = 15_000;

/** Playwright waits in vain where the page is loaded while it attaches; it is then there at the next attempt. */
async function attached(address: string): Promise<Browser> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await chromium.connectOverCDP(address, { timeout: ATTACH_MS });
    } catch (error) {
      if (attempt === ATTACH_ATTEMPTS) throw error;
    }
  }
}

/** Starts a program, and waits for its page. */
export async function startDebugged(
  seat: Seat,
  { command, args = [], userData, env = {} }: Debugged,
): Promise<RunningProgram> {
  const portFile = join(userData, 'DevToolsActivePort');
  rmSync(portFile, { force: true });
  const program = seat.start(command, [...args, '--remote-debugging-port=0'], env);
  const ended = once(program, 'exit');
  const isOpen = () => existsSync(portFile) && readFileSync(portFile, 'utf8').includes('\n');
  while (!isOpen()) {
    const [code] = await Promise.race([ended, after(LOOK_MS, [undefined])]);
    if (code !== undefined) throw new Error(`the program ended with ${code}`);
  }
  const [port] = readFileSync(portFile, 'utf8').split('\n');
  const browser = await attached(`http://127.0.0.1:${port}`);
  const [context] = browser.contexts();
  if (!context) throw new Error('the program has no window');
  const page = context.pages()[0] ?? (await context.waitForEvent('page'));
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  return {
    page,
    // What stands between has handed its process over.
    pid: program.pid ?? 0,
    async close() {
      await page.close();
      await ended;
      await browser.close();
    },
  };
}
