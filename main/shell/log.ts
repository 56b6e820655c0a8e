import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Policy } from '../managed/policy.ts';

/** Everything that may stand in a log. No patient, token, key, passphrase, URL or message of an exception does. */
export interface LogFields {
  code?: string;
  feature?: string;
  name?: string;
  ms?: number;
  count?: number;
  status?: number;
  version?: string;
}

export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  /** Deletes what policy no longer keeps. */
  tidy(): void;
  /** Resolves when what was logged is on disk. */
  flush(): Promise<void>;
}

export interface LogOptions {
  readonly folder: string;
  readonly now: () => number;
  /** As policy has it now. */
  readonly rules: () => Policy['log'];
}

/** Levels as pino and its readers number them. */
const INFO = 30;
const WARN = 40;

const allowed = ['code', 'feature', 'name', 'ms', 'count', 'status', 'version'] as const;

/** Copies the allowed fields only: the types end where a cast begins. */
function pick(fields: LogFields = {}): LogFields {
  return Object.fromEntries(allowed.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]));
}

/** A JSON line per event, in a file that only its owner can read. */
export function createLog({ folder, now, rules }: LogOptions): Log {
  const files = createFiles(folder, now, rules);
  // At once, as a line that waits is lost with the crash that it was written for.
  const write = (level: number, event: string, fields?: LogFields) =>
    attempt(() => {
      const line = { level, time: new Date(now()).toISOString(), event, ...pick(fields) };
      files.write(`${JSON.stringify(line)}\n`);
    });
  attempt(files.tidy);
  return {
    info(event, fields) {
      if (rules().level === 'info') write(INFO, event, fields);
    },
    warn: (event, fields) => write(WARN, event, fields),
    tidy: () => attempt(files.tidy),
    flush: async () => attempt(files.flush),
  };
}

/** A full disk must not end the program on behalf of its log. */
function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // The program says itself what it can't write, and goes on without.
  }
}

const CURRENT = 'main.log';
/** `main-2026-03-04.log`, and `main-2026-03-04.2.log` where a day has several. */
const EARLIER = /^main-(\d{4}-\d{2}-\d{2})(?:\.(\d+))?\.log$/;
const DAY_MS = 24 * 60 * 60_000;
const MIB = 1024 * 1024;
/** Of what all files may have together, the share of one. */
const PARTS = 4;

/** Files of the days before, and of today where the current one was full; the oldest first. @throws where there is no folder. */
function earlierLogs(folder: string) {
  return readdirSync(folder)
    .flatMap((name) => {
      const [, day, count = '1'] = EARLIER.exec(name) ?? [];
      return day === undefined ? [] : [{ name, day, count: Number(count) }];
    })
    .toSorted((a, b) => a.day.localeCompare(b.day) || a.count - b.count);
}

/** Paths of all files of a log, the one that is written to last; none where there is no folder. */
export function logFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return [...earlierLogs(folder).map(({ name }) => name), CURRENT].map((name) => join(folder, name));
}

const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);

/** The file of today, and those of the days before for as long as policy keeps them. Each operation may throw. */
function createFiles(folder: string, now: () => number, rules: LogOptions['rules']) {
  const current = join(folder, CURRENT);
  let file: { descriptor: number; day: string; size: number } | null = null;
  attempt(open);

  function open(): void {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const descriptor = openSync(current, 'a', 0o600);
    const { size, mtimeMs } = fstatSync(descriptor);
    // One of an earlier start is of the day on which it was written to last.
    file = { descriptor, size, day: dayOf(size === 0 ? now() : mtimeMs) };
  }

  const partSize = () => (rules().maxMegabytes * MIB) / PARTS;

  const earlier = () => earlierLogs(folder);

  /** Deletes what is older than policy's days, and the oldest of what is beyond its size. */
  function tidy(): void {
    // What is written next has room.
    const { keptDays, maxMegabytes } = rules();
    const oldest = dayOf(now() - keptDays * DAY_MS);
    const kept = earlier().map((one) => ({ ...one, size: statSync(join(folder, one.name)).size }));
    let total = kept.reduce((sum, { size }) => sum + size, 0);
    for (const { name, day, size } of kept) {
      if (day >= oldest && total <= maxMegabytes * MIB - partSize()) continue;
      rmSync(join(folder, name));
      total -= size;
    }
  }

  /** Puts the file of another day, or one that is full, beside the current one. */
  function turn(day: string): void {
    if (file) closeSync(file.descriptor);
    file = null;
    // After the last of that day, and not where one was deleted: by their numbers the older ones are known.
    const last = earlier().findLast((one) => one.day === day);
    const name = last ? `main-${day}.${last.count + 1}.log` : `main-${day}.log`;
    // One that can't be put aside, as another program has it open, goes on.
    attempt(() => renameSync(current, join(folder, name)));
    open();
    tidy();
  }

  return {
    tidy,
    write(line: string) {
      const isOver = file && file.size > 0 && file.size + line.length > partSize();
      if (file && file.size > 0 && (isOver || file.day !== dayOf(now()))) turn(file.day);
      if (!file) return;
      file.size += writeSync(file.descriptor, line);
    },
    flush() {
      if (file) fsyncSync(file.descriptor);
    },
  };
}
