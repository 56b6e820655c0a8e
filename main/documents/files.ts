import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isUnfinished } from './pending-file.ts';

/** Bytes of a file from a position on, in memory of their own; fewer where it ends. */
export async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let done = 0; ; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    done += bytesRead;
    if (bytesRead === 0 || done === length) return bytes.subarray(0, done);
  }
}

/** A file from a position to its end; the next piece is read while the one before is worked on. */
export async function* readFrom(file: FileHandle, from: number, length: number): AsyncGenerator<Buffer> {
  let next = readAt(file, from, length);
  for (let position = from; ; position += length) {
    const chunk = await next;
    if (chunk.length === length) {
      next = readAt(file, position + length, length);
      // Waited for in its turn, or not at all.
      next.catch(() => undefined);
    }
    if (chunk.length > 0) yield chunk;
    if (chunk.length < length) return;
  }
}

/** The file, or null where it can't be opened. */
export async function openToRead(path: string): Promise<FileHandle | null> {
  return open(path, 'r').catch(() => null);
}

/**
 * Removes what a process that was ended has left: opened documents, whose keys are gone with it, and what was never
 * finished in the spool. Called before a process is started.
 */
export async function removeLeftovers(folders: { readonly opened: string; readonly spool: string }): Promise<void> {
  await removeFrom(folders.opened, () => true);
  await removeFrom(folders.spool, isUnfinished);
}

async function removeFrom(folder: string, which: (name: string) => boolean): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  await Promise.all(names.filter(which).map((name) => rm(join(folder, name), { force: true })));
}
