import { type FileHandle, open } from 'node:fs/promises';
import type { OpenFile } from '../../../../main/documents/pending-file.ts';

export interface DyingFile {
  readonly openFile: OpenFile;
  /** Bytes that were written. */
  readonly written: () => number;
}

/** Files that are written to the byte at which the process kills itself with SIGKILL, and no further; null: it lives. */
export function dyingFile(limit: number | null, reached: () => void = () => undefined): DyingFile {
  let written = 0;

  async function write(file: FileHandle, block: Uint8Array, at: number, length: number, position: number) {
    const allowed = limit === null ? length : Math.min(length, limit - written);
    const done = await file.write(block, at, allowed, position);
    written += done.bytesWritten;
    dieAt(limit);
    return done;
  }

  function dieAt(byte: number | null): void {
    if (written === byte) process.kill(process.pid, 'SIGKILL');
  }

  return {
    written: () => written,
    async openFile(path, flags, mode) {
      reached();
      const file = await open(path, flags, mode);
      dieAt(limit);
      const around = (name: 'sync' | 'close') => async () => {
        reached();
        await file[name]();
        reached();
      };
      const writing = (block: Uint8Array, at: number, length: number, position: number) =>
        write(file, block, at, length, position);
      return Object.assign(Object.create(file), { write: writing, sync: around('sync'), close: around('close') });
    },
  };
}
