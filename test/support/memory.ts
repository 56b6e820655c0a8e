import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder, in memory where that is possible: for tests in which processes die but no power fails. */
export function folderInMemory(prefix: string): string {
  try {
    return mkdtempSync(join(process.platform === 'linux' ? '/dev/shm' : tmpdir(), prefix));
  } catch {
    return mkdtempSync(join(tmpdir(), prefix));
  }
}
