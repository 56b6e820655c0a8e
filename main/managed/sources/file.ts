import { constants, type Stats } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DOCUMENT_MAX, type Found, type Source } from './source.ts';

/** Where IT puts the policy on Linux. */
export const POLICY_FILE = '/etc/wardlight/policy.json';

export interface FileSourceOptions {
  readonly file: string;
  /** Numeric user who alone may write the file and the folders above it: root. */
  readonly owner: number;
}

/**
 * A JSON file that only its owner can have written. One that is a link, of another owner, or that others may write, and
 * one below a folder of which that is true, is refused: anybody could have put it there.
 */
export function createFileSource({ file, owner }: FileSourceOptions): Source {
  const isOwned = ({ uid, mode }: Stats) => uid === owner && (mode & (constants.S_IWGRP | constants.S_IWOTH)) === 0;

  /** Folders of root too, so that nobody replaces the file as a whole. */
  async function isPlaceOwned(): Promise<boolean> {
    for (let folder = dirname(file); ; folder = dirname(folder)) {
      const stats = await lstat(folder);
      // A folder above in which others may only add, as in temp folders, can't have what is below it replaced.
      const isSticky = (stats.mode & 0o1000) !== 0 && (stats.uid === owner || stats.uid === 0);
      const isRoot = stats.uid === 0 && (stats.mode & 0o022) === 0;
      if (!stats.isDirectory() || !(isOwned(stats) || isSticky || isRoot)) return false;
      if (folder === dirname(folder)) return true;
    }
  }

  async function read(): Promise<Found> {
    // Not blocking: a named pipe would be waited for.
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (!stats.isFile() || !isOwned(stats) || !(await isPlaceOwned())) return problem('untrusted-file');
      if (stats.size > DOCUMENT_MAX) return problem('too-large');
      const text = await handle.readFile('utf8');
      try {
        return { kind: 'document', document: JSON.parse(text) };
      } catch {
        return problem('not-json');
      }
    } finally {
      await handle.close();
    }
  }

  return {
    name: 'file',
    async find() {
      try {
        return await read();
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'ENOENT') return { kind: 'none' };
        return problem(code === 'ELOOP' ? 'untrusted-file' : 'unreadable');
      }
    },
  };
}

const problem = (code: Extract<Found, { kind: 'problem' }>['code']): Found => ({ kind: 'problem', code });
