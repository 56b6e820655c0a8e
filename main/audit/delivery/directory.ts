import { hash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type Consignment,
  type Delivered,
  type DeliveryFailure,
  type Receipt,
  type Target,
  undelivered,
} from './receipt.ts';

export interface DirectoryOptions {
  readonly name: string;
  /** An absolute path: a folder, or a share, to which files can only be added. */
  readonly path: string;
  readonly now: () => number;
}

/** How many other files may have the name of a segment before somebody has to look. */
const OTHERS_MAX = 9;

/**
 * Files in a folder, each made once and never written again (mode 0440). What it can't promise: whoever administers the
 * folder can delete and replace; a receipt says when the file was whole here, and nothing of later.
 */
export function createDirectoryTarget({ name, path, now }: DirectoryOptions): Target {
  async function deliver(segment: Consignment): Promise<Delivered> {
    const body = await segment.body();
    const folder = join(path, dirname(segment.name));
    // The folder that policy names is never made: where a share isn't mounted, nothing is to be written in its place.
    await open(path, constants.O_RDONLY).then((handle) => handle.close());
    await mkdir(folder, { recursive: true, mode: 0o750 });
    let besideAnother = false;
    for (let other = 0; other <= OTHERS_MAX; other += 1) {
      const relative = nameBeside(segment.name, other);
      const file = join(path, relative);
      if (!(await create(file, body))) {
        const present = await readFile(file);
        if (!present.equals(body)) {
          // One of ours that was cut off by a crash is the beginning of it, and no other file.
          besideAnother ||= !body.subarray(0, present.length).equals(present);
          continue;
        }
        await flush(file);
      }
      await flush(folder);
      return { ok: true, value: await receiptOf(relative, besideAnother) };
    }
    return undelivered('request-refused');
  }

  async function receiptOf(relative: string, besideAnother: boolean): Promise<Receipt> {
    const handle = await open(join(path, relative), constants.O_RDONLY);
    try {
      const { ino, size } = await handle.stat({ bigint: true });
      return {
        kind: 'directory',
        writeOnce: false,
        path: relative,
        // Of what can be read there, and not of what was to be written.
        sha256: hash('sha256', await handle.readFile()),
        size: Number(size),
        inode: String(ino),
        besideAnother,
        time: new Date(now()).toISOString(),
      };
    } finally {
      await handle.close();
    }
  }

  return {
    name,
    deliver: (segment) => deliver(segment).catch((error: unknown) => undelivered(codeOf(error))),
    async confirm({ sha256 }, receipt) {
      if (receipt.kind !== 'directory') return { ok: true, value: false };
      try {
        return { ok: true, value: hash('sha256', await readFile(join(path, receipt.path))) === sha256 };
      } catch (error) {
        const isGone = (error as { code?: unknown }).code === 'ENOENT' && (await isThere(path));
        return isGone ? { ok: true, value: false } : undelivered(codeOf(error));
      }
    },
  };
}

function nameBeside(name: string, other: number): string {
  return other === 0 ? name : name.replace(/\.jwe$/, `.${other + 1}.jwe`);
}

/** Makes a file that wasn't there; false where one was. */
async function create(file: string, body: Buffer): Promise<boolean> {
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY;
  const handle = await open(file, flags, 0o440).catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 'EEXIST') return null;
    throw error;
  });
  if (!handle) return false;
  try {
    await handle.writeFile(body);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return true;
}

/** A folder's entry needs it too, which Windows has no call for. */
async function flush(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function isThere(path: string): Promise<boolean> {
  return open(path, constants.O_RDONLY).then(
    (handle) => handle.close().then(() => true),
    () => false,
  );
}

function codeOf(error: unknown): DeliveryFailure {
  const codes: Readonly<Record<string, DeliveryFailure>> = {
    ENOENT: 'target-missing',
    ENOTDIR: 'target-missing',
    EACCES: 'access-denied',
    EPERM: 'access-denied',
    EROFS: 'access-denied',
    ENOSPC: 'target-full',
    EDQUOT: 'target-full',
    EHOSTUNREACH: 'target-unreachable',
    ETIMEDOUT: 'target-unreachable',
    ESTALE: 'target-unreachable',
    'segment-unknown': 'segment-unreadable',
  };
  return codes[String((error as { code?: unknown } | null)?.code)] ?? 'target-failed';
}
