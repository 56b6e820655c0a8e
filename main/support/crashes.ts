import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Crash,
  type CrashCode,
  type CrashProcess,
  crash,
  type HealthFacts,
} from '../../preload/contract/health.ts';
import { supportFolder } from './kept-status.ts';

const fileOf = (data: string) => join(supportFolder(data), 'crashes.jsonl');
/** Of a program that crashes each second, the last ones say enough. */
const KEPT = 200;
const DAY_MS = 24 * 60 * 60_000;

export interface CrashesOptions {
  /** Folder of the program's data. */
  readonly data: string;
  readonly version: string;
  readonly now: () => number;
  readonly onCrash: (crash: Crash) => void;
}

/** What is recorded of crashes: which process, how, when, of which version. No memory, no message, no stack. */
export interface Crashes {
  /** At once, as more may crash. */
  record(process: CrashProcess, code: CrashCode, more?: Partial<Pick<Crash, 'exit' | 'time' | 'version'>>): void;
}

export function createCrashes({ data, version, now, onCrash }: CrashesOptions): Crashes {
  const file = fileOf(data);
  forgetOldest(data);
  return {
    record(process, code, more) {
      const one: Crash = { time: new Date(now()).toISOString(), process, code, version, exit: null, ...more };
      try {
        mkdirSync(supportFolder(data), { recursive: true, mode: 0o700 });
        appendFileSync(file, `${JSON.stringify(one)}\n`, { mode: 0o600 });
      } catch {
        // A full disk: what has crashed is not helped by a second crash.
      }
      onCrash(one);
    },
  };
}

function forgetOldest(data: string): void {
  const all = readCrashes(data);
  if (all.length <= KEPT) return;
  try {
    const newest = all.slice(-KEPT).map((one) => `${JSON.stringify(one)}\n`);
    writeFileSync(fileOf(data), newest.join(''), { mode: 0o600 });
  } catch {
    // They stay.
  }
}

/** The crashes that are recorded, oldest first; a line that is none is passed over. */
export function readCrashes(data: string): Crash[] {
  let text = '';
  try {
    text = readFileSync(fileOf(data), 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const parsed = crash.safeParse(jsonOf(line));
    return parsed.success ? [parsed.data] : [];
  });
}

export function countCrashes(all: readonly Crash[], now: number): HealthFacts['crashes'] {
  const since = (ms: number) => all.filter(({ time }) => now - Date.parse(time) <= ms).length;
  return { lastDay: since(DAY_MS), lastMonth: since(30 * DAY_MS), last: all.at(-1) ?? null };
}

/** A line of a log as JSON; undefined where it is none. */
export function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
