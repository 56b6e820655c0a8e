import { existsSync, renameSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { keyCheckFile, syncDirectory } from './key-check.ts';

/** Whether something of a database was set aside, and is still there. */
export async function isSetAside(file: string): Promise<boolean> {
  const name = basename(file);
  const names = await readdir(dirname(file)).catch(() => []);
  return names.some((one) => one.startsWith(name) && /\.aside-\d+$/.test(one));
}

/**
 * Renames what is left of a database, so that another one can be made in its place; nothing is deleted. The database
 * itself goes first: without its WAL it might seem whole, and be older than it was.
 */
export function setAside(file: string): void {
  const parts = [file, `${file}-wal`, `${file}-shm`, keyCheckFile(file)].filter((part) => existsSync(part));
  let number = 1;
  const placed = (part: string) => `${part}.aside-${number}`;
  while (parts.some((part) => existsSync(placed(part)))) number += 1;
  for (const part of parts) renameSync(part, placed(part));
  syncDirectory(dirname(file));
}
