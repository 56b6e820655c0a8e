import { type ChildProcess, spawn } from 'node:child_process';
import type { Answer, ScanError, Scanner } from './types.ts';

/** Of SANE, as its packages install it. Nowhere else: a folder that somebody may write to could hold another program. */
export const SCANIMAGE = '/usr/bin/scanimage';

/** Scanners of an office; a list that is longer is not one that a person reads. */
const MAX_SCANNERS = 16;
/** Name, vendor and model, each on its line: what a device calls itself may hold anything but that. */
const LIST_FORMAT = '%d%n%v %m%n';
const MAX_LISTING = 64 << 10;
/** Fine enough for small print. */
const RESOLUTION = 300;

export interface ScanTools {
  /** Lists the scanners that can be reached, which takes seconds. */
  list(signal: AbortSignal): Promise<Scanner[]>;
  /** Scans one page. `take` gets JPEG as it comes, and is waited for; false ends the scan. */
  scan(
    device: string,
    tools: {
      readonly signal: AbortSignal;
      readonly take: (piece: Buffer) => boolean;
      /** From 0 to 100. */
      readonly onProgress: (percent: number) => void;
    },
  ): Promise<Answer<null, ScanError>>;
}

/**
 * Drives SANE's own command. Its arguments are a device and how to scan: nothing about a patient. What it scans comes by
 * its standard output, and never is a file.
 */
export function createScanTools(command: string = SCANIMAGE): ScanTools {
  function run(args: readonly string[], signal: AbortSignal): ChildProcess {
    const { SANE_CONFIG_DIR } = process.env;
    const env = { LC_ALL: 'C', ...(SANE_CONFIG_DIR !== undefined && { SANE_CONFIG_DIR }) };
    return spawn(command, args, { env, signal, killSignal: 'SIGKILL', stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' });
  }

  /** What it prints, or as much as may be. */
  async function ask(args: readonly string[], signal: AbortSignal): Promise<string> {
    const child = run(args, signal);
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      text = (text + piece).slice(0, MAX_LISTING);
    });
    child.stderr?.resume();
    await ended(child);
    return text;
  }

  return {
    async list(signal) {
      const lines = (await ask(['-f', LIST_FORMAT], signal)).split('\n');
      const found: Scanner[] = [];
      for (let at = 0; at + 1 < lines.length && found.length < MAX_SCANNERS; at += 2) {
        const [device = '', name = ''] = [lines[at], lines[at + 1]?.trim().slice(0, 120)];
        // What would be taken for a switch is no device.
        if (/^[^-\s]\S{0,255}$/.test(device)) found.push({ device, name: name || device });
      }
      return found;
    },

    async scan(device, { signal, take, onProgress }) {
      const how = howToScan(await ask(['-d', device, '-A'], signal));
      if (signal.aborted) return failed('cancelled');
      const child = run(['-d', device, '--format=jpeg', '-p', ...how], signal);
      let said = '';
      let isTaken = true;
      child.stdout?.on('data', (piece: Buffer) => {
        if (!isTaken) return;
        isTaken = take(piece);
        if (!isTaken) child.kill('SIGKILL');
      });
      child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
        said = (said + piece).slice(-2_000);
        const percent = Number([...piece.matchAll(/Progress: ([\d.]+)%/g)].at(-1)?.[1]);
        if (percent >= 0) onProgress(Math.min(100, percent));
      });
      const code = await ended(child);
      if (signal.aborted) return failed('cancelled');
      if (!isTaken) return failed('file-too-large');
      return code === 0 ? { ok: true, value: null } : failed(problemOf(said));
    },
  };
}

/** Its exit code once all that it printed was read; null where it could not be started, or was ended. */
function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
}

/** Scanners differ in what can be set: colour and a resolution, where theirs can. */
function howToScan(options: string): string[] {
  const colour = /^\s+--mode .*\bColor\b/m.test(options) ? ['--mode', 'Color'] : [];
  return /^\s+--resolution /m.test(options) ? [...colour, '--resolution', String(RESOLUTION)] : colour;
}

/** The words of sane_strstatus, which are a part of its interface. */
const PROBLEMS: readonly (readonly [RegExp, ScanError])[] = [
  [/feeder jammed/i, 'scanner-jammed'],
  [/out of documents/i, 'scanner-empty'],
  [/cover is open/i, 'scanner-open'],
  [/device busy/i, 'scanner-busy'],
  [/denied/i, 'scanner-denied'],
];

function problemOf(said: string): ScanError {
  return PROBLEMS.find(([words]) => words.test(said))?.[1] ?? 'scanner-failed';
}

function failed(code: ScanError): Answer<never, ScanError> {
  return { ok: false, error: { code } };
}
