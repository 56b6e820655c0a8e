import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, win32 } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { filesBelow } from '../../build/packaging/archive.ts';
import { type Run, registryValues } from '../../main/managed/sources/registry.ts';

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
  /** The values of a key below `HKLM\Software`, as the program reads them. */
  readonly registry: (key: string) => Record<string, unknown>;
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

/** By their paths on drive C: the program, and what one of the clinicians keeps. */
export const PROGRAM_FOLDER = ['Program Files', 'Wardlight'];
export const KEPT_FOLDER = ['users', 'nurse', 'AppData', 'Roaming', 'Wardlight'];
export const STARTED = 'C:\\Program Files\\Wardlight\\Wardlight.exe';

/** The uninstaller's command. Where it is told its folder, as it has to be at its end, it is waited for. */
export const uninstall = (options = ''): string =>
  `"C:\\Program Files\\Wardlight\\Uninstall Wardlight.exe" /S ${options} _?=C:\\Program Files\\Wardlight`;

/** Something that a clinician has written. */
export function keepSomething({ file }: Windows): void {
  mkdirSync(file(...KEPT_FOLDER), { recursive: true });
  writeFileSync(file(...KEPT_FOLDER, 'profiles'), 'what a nurse has written');
}

const LONGEST_MS = 300_000;

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
  const output = join(prefix, 'output');
  const run = (program: string, ...args: string[]): Ended => {
    // Not by pipes: Wine's services inherit them, and would be waited for.
    const said = openSync(output, 'w');
    const { status, error } = spawnSync(WINE, [program, ...args], {
      cwd: dirname(prefix),
      env,
      stdio: ['ignore', said, said],
      timeout: LONGEST_MS,
    });
    closeSync(said);
    if (error) throw error;
    return { code: status ?? -1, said: readFileSync(output, 'utf8') };
  };
  const server = (...args: string[]) => spawnSync(SERVER, args, { env, stdio: 'ignore', timeout: LONGEST_MS });
  const { code, said } = run('wineboot', '--init');
  if (code !== 0) throw new Error(`wine could not be started: ${said}`);
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
    registry: (key) =>
      Object.fromEntries(registryValues(run('reg', 'query', `HKLM\\Software\\${key}`, '/reg:64').said)),
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
