import { mkdirSync } from 'node:fs';
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
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const destination = pino.destination({ dest: join(folder, 'main.log'), sync: false, mode: 0o600 });
  const timestamp = () => `,"time":"${new Date(now()).toISOString()}"`;
  const logger = pino({ base: null, timestamp }, destination);
  return {
    info: (event, fields) => logger.info({ event, ...pick(fields) }),
    warn: (event, fields) => logger.warn({ event, ...pick(fields) }),
    flush: () => new Promise((resolve) => logger.flush(() => resolve())),
  };
}
