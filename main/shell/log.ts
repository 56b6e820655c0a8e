import { fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';

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
  /** Resolves when what was logged is on disk. */
  flush(): Promise<void>;
}

const allowed = ['code', 'feature', 'name', 'ms', 'count', 'status', 'version'] as const;

/** Copies the allowed fields only: the types end where a cast begins. */
function pick(fields: LogFields = {}): LogFields {
  return Object.fromEntries(allowed.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]));
}

/** A JSON line per event, in a file that only its owner can read. */
export function createLog({ folder, now }: { folder: string; now: () => number }): Log {
  const file = openLog(folder);
  // At once, as a line that waits is lost with the crash that it was written for; and without pino's own destination,
  // which tries for ever to write to a full disk when the program ends.
  const attempt = (work: () => unknown) => {
    try {
      work();
    } catch {
      // A full disk must not end the program on behalf of its log.
    }
  };
  const destination = { write: (line: string) => attempt(() => file !== null && writeSync(file, line)) };
  const timestamp = () => `,"time":"${new Date(now()).toISOString()}"`;
  const logger = pino({ base: null, timestamp }, destination);
  return {
    info: (event, fields) => logger.info({ event, ...pick(fields) }),
    warn: (event, fields) => logger.warn({ event, ...pick(fields) }),
    flush: async () => attempt(() => file !== null && fsyncSync(file)),
  };
}

/** Null where there can be no log: the program says itself what it can't write, and goes on without. */
function openLog(folder: string): number | null {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return openSync(join(folder, 'main.log'), 'a', 0o600);
  } catch {
    return null;
  }
}
