import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

export const BLOCK_LENGTH = 1024 * 1024;

export type OpenFile = (path: string, flags: number, mode: number) => Promise<FileHandle>;

/** A file that is being written: under its name it is there whole, or not at all. */
export interface PendingFile {
  /** Takes a copy. Waits only when a block is full and the one before it is still being written. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Gives it its name; a durable file is on the disk before, and its name after. */
  commit(durable: boolean): Promise<void>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
  readonly size: () => number;
}

/**
 * Writes in large blocks, one being filled while the one before is written. `onBlock` sees all that goes to the file,
 * in its order.
 */
export async function createPendingFile(
  path: string,
  onBlock: (block: Buffer) => void = () => undefined,
  openFile: OpenFile = open,
): Promise<PendingFile> {
  const part = partOf(path);
  const file = await openFile(part, constants.O_CREAT | constants.O_TRUNC | constants.O_RDWR, 0o600);
  const blocks = [Buffer.allocUnsafe(BLOCK_LENGTH), Buffer.allocUnsafe(BLOCK_LENGTH)] as const;
  let current = 0;
  let filled = 0;
  let size = 0;
  let writing: Promise<void> = Promise.resolve();

  async function flush(): Promise<void> {
    const block = blocks[current % 2]!.subarray(0, filled);
    current += 1;
    filled = 0;
    onBlock(block);
    await writing;
    const at = size - block.length;
    writing = writeAll(file, block, at);
    // Waited for at the next block; until then it isn't forgotten.
    writing.catch(() => undefined);
  }

  async function write(bytes: Uint8Array): Promise<void> {
    for (let taken = 0; taken < bytes.length; ) {
      const room = Math.min(BLOCK_LENGTH - filled, bytes.length - taken);
      blocks[current % 2]!.set(bytes.subarray(taken, taken + room), filled);
      filled += room;
      taken += room;
      size += room;
      if (filled === BLOCK_LENGTH) await flush();
    }
  }

  return {
    write(bytes) {
      if (filled + bytes.length >= BLOCK_LENGTH) return write(bytes);
      blocks[current % 2]!.set(bytes, filled);
      filled += bytes.length;
      size += bytes.length;
      return undefined;
    },
    async commit(durable) {
      await flush();
      await writing;
      if (durable) await file.sync();
      await file.close();
      await rename(part, path);
      if (durable) await syncFolder(dirname(path));
    },
    async discard() {
      await writing.catch(() => undefined);
      await file.close().catch(() => undefined);
      await rm(part, { force: true });
    },
    size: () => size,
  };
}

const PART = '.part';

function partOf(path: string): string {
  return `${path}${PART}`;
}

/** Whether a file's name says that it was never finished. */
export function isUnfinished(name: string): boolean {
  return name.endsWith(PART);
}

async function writeAll(file: FileHandle, block: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < block.length; ) {
    const { bytesWritten } = await file.write(block, written, block.length - written, position + written);
    written += bytesWritten;
  }
}

/** The entry of a new name is durable only when the folder is, which Windows has no call for. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
