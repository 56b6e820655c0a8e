import { existsSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { keyCheckFile, syncDirectory } from './key-check.ts';

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
