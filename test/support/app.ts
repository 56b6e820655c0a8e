import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ElectronApplication, _electron as electron, type Page } from 'playwright';
import type * as z from 'zod';
import { findRuntime } from '../../build/runtime.mjs';
import type { policySchema } from '../../main/managed/policy.ts';
import { project } from './desktop.ts';

/** What a person would call stuck; the steps that may take longer say so themselves. */
const STEP_TIMEOUT_MS = 20_000;
const LAUNCH_TIMEOUT_MS = 20_000;
const HELD = join(import.meta.dirname, 'held');

export interface StartOptions {
  /** Folder for the profile; the test's own. */
  userData: string;
  /** FHIR base that the sign-in screen suggests. */
  server: string;
  env?: Record<string, string>;
  /** What differs from the default policy. Deriving a key costs the floor only, so that tests are quick, unless said here. */
  policy?: z.input<typeof policySchema>;
  /** By how much the program's clock is off, from its first moment. */
  clockOff?: number;
  /** Changes main before the program begins. */
  prepare?: (app: ElectronApplication) => Promise<unknown>;
  /** `null`: the page sees the scheme that the program and the system have. Playwright makes it light otherwise. */
  colorScheme?: null;
  /** Further switches, Chromium's own. */
  args?: string[];
  /** False where the start itself is measured. Playwright then misses some pages, and the launch fails in time. */
  hold?: boolean;
  /** False where it counts what happens before main has been put together. */
  settle?: boolean;
}

export interface RunningApp {
  app: ElectronApplication;
  page: Page;
}

/** Starts the built app in Electron, its renderer sandboxed as for a clinician, and waits for its page. */
export async function startApp({
  userData,
  server,
  env = {},
  policy,
  clockOff = 0,
  prepare,
  colorScheme,
  args = [],
  hold = true,
  settle = hold,
}: StartOptions): Promise<RunningApp> {
  const app = await electron.launch({
    executablePath: findRuntime().executable,
    args: [
      hold ? HELD : project,
      `--user-data-dir=${userData}`,
      `--wardlight-server=${server}`,
      `--wardlight-policy=${policyFile({ ...policy, unlock: { kdfTargetMs: 0, ...policy?.unlock } })}`,
      ...args,
    ],
    env: { ...(process.env as Record<string, string>), ...env },
    ...(colorScheme === null && { colorScheme }),
    chromiumSandbox: true,
    timeout: LAUNCH_TIMEOUT_MS,
  });
  if (clockOff !== 0) await setClock(app, clockOff);
  await prepare?.(app);
  if (hold) await app.evaluate(() => Reflect.get(globalThis, 'releaseProgram')());
  const page = await app.firstWindow();
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  noteBeforeClose(app);
  // While main loads its parts, the inspector is likelier to lose an answer of it to the garbage collector.
  if (settle) await page.waitForFunction(() => window.wardlight?.preferences.theme({}), undefined, { polling: 50 });
  return { app, page };
}

const lastWords: string[] = [];

/** What the windows showed whose programs were closed since this was last asked: a failed test is told with it. */
export function takeLastWords(): string[] {
  return lastWords.splice(0);
}

const NOTE_MS = 1_000;
const NOTE_LENGTH = 500;

/** Tests close their program before anybody knows that they fail. */
function noteBeforeClose(app: ElectronApplication): void {
  const close = app.close.bind(app);
  app.close = async () => {
    const notes = app.windows().map(shownBy);
    lastWords.push(...(await Promise.all(notes)));
    await close();
  };
}

/** The parts of the page by their names, and the codes of what went wrong: what it says of patients stays out of reports. */
async function shownBy(page: Page): Promise<string> {
  try {
    const parts = await page.waitForFunction(
      () =>
        [...document.querySelectorAll('[data-testid], [data-code]')]
          .filter((element) => element.checkVisibility())
          .flatMap((element) => [element.getAttribute('data-testid'), element.getAttribute('data-code')])
          .filter((name) => name !== null && /^[a-z-]+$/.test(name))
          .join(' ') || 'nothing',
      undefined,
      { timeout: NOTE_MS },
    );
    return String(await parts.jsonValue()).slice(0, NOTE_LENGTH);
  } catch {
    return 'a page that does not answer';
  }
}

/** Makes main's clock be off by so much; nobody else's, and not the time since the computer started. */
export function setClock(app: ElectronApplication, ms: number): Promise<void> {
  return app.evaluate((_electron, off) => {
    const real: () => number = Reflect.get(Date, 'realNow') ?? Date.now;
    Object.assign(Date, { realNow: real, now: () => real() + off });
  }, ms);
}

/**
 * Looks or changes something in main. The inspector can lose the promise of an answer to the garbage collector; asking
 * once more is harmless for what tests ask.
 */
export async function inMain<Value>(
  app: ElectronApplication,
  look: (electron: typeof import('electron')) => Value,
): Promise<Value> {
  try {
    return await app.evaluate<Value>(look);
  } catch (error) {
    if (!String(error).includes('garbage collected')) throw error;
    return app.evaluate<Value>(look);
  }
}

function policyFile(policy: NonNullable<StartOptions['policy']>): string {
  const file = join(mkdtempSync(sessionFolder('policy-')), 'policy.json');
  writeFileSync(file, JSON.stringify(policy));
  return file;
}

/** A folder inside the session's private temporary folder, which is scanned for canaries and deleted at the end. */
export function sessionFolder(name: string): string {
  return join(process.env['TMPDIR'] ?? '/tmp', name);
}
