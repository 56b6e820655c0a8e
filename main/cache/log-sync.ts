import { type FileHandle, open as openFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { LARGE_BYTES } from './checkpoints.ts';

/** How often it is looked whether there is more. */
const PAUSE_MS = 8;

/** Of the log's file; a test hands in one that it can watch. */
export type LogFile = Pick<FileHandle, 'stat' | 'datasync' | 'close'>;

/** Lets the disk have what is in a large log while the writer goes on, so that less is left for the end of a commit. */
export interface LogSync {
  open(file: string): void;
  /** Does what writes to the database. */
  during<Value>(writing: () => Promise<Value>): Promise<Value>;
  close(): Promise<void>;
}

/**
 * What was acknowledged is durable by the commit's own sync, as before; one that fails here fails there too, as the system
 * tells each handle of it (Linux, since 4.13). Elsewhere than on Linux, where nobody has measured it, it does nothing.
 */
export function createLogSync(
  openLog: (path: string) => Promise<LogFile> = (path) => openFile(path, 'r+'),
  isUsed = process.platform === 'linux',
): LogSync {
  let path: string | null = null;
  let log: LogFile | null = null;
  let writes = 0;
  let going: Promise<void> | null = null;

  async function keepUp(of: string): Promise<void> {
    log ??= await openLog(of);
    let last = 0;
    while (writes > 0 && path !== null) {
      await pause(PAUSE_MS);
      const { size, mtimeMs } = await log.stat();
      if (size < LARGE_BYTES || mtimeMs === last) continue;
      last = mtimeMs;
      await log.datasync();
    }
  }

  function begin(): void {
    if (!isUsed || path === null || going) return;
    const end = () => {
      going = null;
    };
    going = keepUp(path).then(end, end);
  }

  return {
    open(file) {
      path = `${file}-wal`;
    },
    async during(writing) {
      writes += 1;
      begin();
      try {
        return await writing();
      } finally {
        writes -= 1;
      }
    },
    async close() {
      path = null;
      await going;
      await log?.close();
      log = null;
    },
  };
}
