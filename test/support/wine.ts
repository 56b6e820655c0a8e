import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, win32 } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { filesBelow } from '../../build/packaging/archive.ts';
import type { Run } from '../../main/managed/sources/registry.ts';

const WINE = '/usr/lib/wine/wine64';
const SERVER = '/usr/lib/wine/wineserver64';

export const hasWine = (): boolean => existsSync(WINE);

/** What wine hands over of an exit code of Windows: its lowest byte. */
export const lowByte = (code: number): number => code & 0xff;

export interface Ended {
  readonly code: number;
  readonly said: string;
}

/** A Windows for tests, as far as wine is one: in a folder of its own, which goes with it. */
export interface Windows {
  /** Runs a program to its end. */
  readonly run: (program: string, ...args: string[]) => Ended;
  /** Runs a line as somebody types it at the prompt. */
  readonly type: (line: string) => Ended;
  /** Runs a program as main does. */
  readonly runLikeMain: Run;
  /** What is below a folder of drive C; null where it isn't there. */
  readonly below: (...parts: string[]) => string[] | null;
  /** Opens the stand-in, which then stays; answers how it is closed again. */
  readonly open: (program: string) => Promise<() => Promise<void>>;
  /** A file of its drive C. */
  readonly file: (...parts: string[]) => string;
  /** A file of the machine, as Windows names it. */
  readonly named: (file: string) => string;
  readonly end: () => void;
}

const LONGEST_MS = 120_000;

export function makeWindows(): Windows {
  const prefix = mkdtempSync('/var/tmp/wardlight-wine-');
  const env = {
    ...process.env,
    WINEPREFIX: prefix,
    WINEARCH: 'win64',
    WINEDEBUG: '-all',
    // No offers to download what Wine could add, and nothing in the menus of whoever runs this.
    WINEDLLOVERRIDES: 'mscoree,mshtml=;winemenubuilder.exe=d',
    DISPLAY: '',
  };
  const run = (program: string, ...args: string[]): Ended => {
    const { status, stdout, stderr, error } = spawnSync(WINE, [program, ...args], {
      cwd: dirname(prefix),
      env,
      encoding: 'utf8',
      timeout: LONGEST_MS,
    });
    if (error) throw error;
    return { code: status ?? -1, said: `${stdout}${stderr}` };
  };
  const server = (...args: string[]) => spawnSync(SERVER, args, { env, timeout: LONGEST_MS });
  const { code, said } = run('wineboot', '--init');
  if (code !== 0) throw new Error(`wine could not be started: ${said}`);
  server('-w');
  const file = (...parts: string[]) => join(prefix, 'drive_c', ...parts);
  const type = (line: string): Ended => {
    // Arguments of the machine are quoted in another way than at the prompt.
    writeFileSync(file('typed.bat'), `@${line}\r\n`);
    return run('cmd', '/c', 'C:\\typed.bat');
  };
  return {
    run,
    type,
    async runLikeMain(program, args) {
      const { code, said } = run(program, ...args);
      return { code, stdout: said };
    },
    below: (...parts) => (existsSync(file(...parts)) ? filesBelow(file(...parts)).sort() : null),
    async open(program) {
      const child = spawn(WINE, [program, '--stay'], { env, stdio: 'ignore' });
      const ended = new Promise<void>((resolve) => {
        child.once('exit', () => resolve());
      });
      // Its file can't be written from then on.
      while (!/violation/i.test(type(`type nul >> "${program}"`).said)) await setTimeout(100);
      return async () => {
        run('taskkill', '/f', '/im', win32.basename(program));
        await ended;
      };
    },
    file,
    named: (file) => `Z:${file.replaceAll('/', '\\')}`,
    end() {
      server('-k');
      server('-w');
      rmSync(prefix, { recursive: true, force: true });
    },
  };
}
