import type { BigIntStats } from 'node:fs';
import * as z from 'zod';
import { programVersion } from '../../preload/contract/updates.ts';

/** The part of `node:fs/promises` that is used: Electron's own reads archives as if they were folders. */
export interface PlainFiles {
  stat(path: string, options: { bigint: true }): Promise<BigIntStats>;
  open(path: string, flags: string): Promise<PlainFile>;
}

interface PlainFile {
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<unknown>;
  close(): Promise<void>;
}

/** Larger than the list of any program's files. */
const HEADER_MAX = 16 * 1024 * 1024;

const place = z.object({ size: z.int().min(1).max(1_000_000), offset: z.string().regex(/^\d{1,15}$/) });
const header = z.object({ files: z.object({ 'package.json': place }) });
const manifest = z.object({ version: programVersion });

/**
 * Makes what tells whether another program lies in the place of the one that runs, as IT's package manager has put it there.
 * It answers its version; null where it is still the same, or is just being put there.
 */
export function createOnDisk(archive: string, installed: string, files: PlainFiles) {
  const started = stampOf(archive, files);
  return async (): Promise<string | null> => {
    const now = await stampOf(archive, files);
    if (now === null || now === (await started)) return null;
    const version = await versionIn(archive, files).catch(() => null);
    return version === installed ? null : version;
  };
}

async function stampOf(archive: string, { stat }: PlainFiles): Promise<string | null> {
  const found = await stat(archive, { bigint: true }).catch(() => null);
  return found && [found.ino, found.size, found.mtimeNs].join(' ');
}

/** The version of an asar archive's package.json: the length of a list in JSON, the list, and the files behind it. */
async function versionIn(archive: string, files: PlainFiles): Promise<string> {
  const file = await files.open(archive, 'r');
  const bytes = async (length: number, position: number) => {
    const buffer = Buffer.alloc(length);
    await file.read(buffer, 0, length, position);
    return buffer;
  };
  try {
    const head = await bytes(16, 0);
    const [behind, length] = [head.readUInt32LE(4) + 8, head.readUInt32LE(12)];
    if (length > HEADER_MAX) throw new Error('no archive');
    const { size, offset } = header.parse(JSON.parse((await bytes(length, 16)).toString())).files['package.json'];
    return manifest.parse(JSON.parse((await bytes(size, behind + Number(offset))).toString())).version;
  } finally {
    await file.close();
  }
}
