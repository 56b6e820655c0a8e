import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { foundInJson } from './json.ts';
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
export function createFileSource(options: FileSourceOptions): Source {
  return { name: 'file', find: async () => findInFile(options) };
}

/** The same at once, for what is decided before anything is opened. */
export function findInFile({ file, owner }: FileSourceOptions): Found {
  try {
    return read(file, owner);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return { kind: 'none' };
    return problem(code === 'ELOOP' ? 'untrusted-file' : 'unreadable');
  }
}

function read(file: string, owner: number): Found {
  // Not blocking: a named pipe would be waited for.
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || !isOwned(stats, owner) || !isPlaceOwned(file, owner)) return problem('untrusted-file');
    const bytes = readAtMost(descriptor, DOCUMENT_MAX);
    return bytes === null ? problem('too-large') : foundInJson(bytes);
  } finally {
    closeSync(descriptor);
  }
}

/** By what comes, and not by what its size says: it may grow meanwhile. null where it is more. */
function readAtMost(descriptor: number, most: number): Uint8Array | null {
  const bytes = Buffer.alloc(most + 1);
  let length = 0;
  for (let read = -1; read !== 0 && length < bytes.length; length += read) {
    read = readSync(descriptor, bytes, length, bytes.length - length, null);
  }
  return length > most ? null : bytes.subarray(0, length);
}

const isOwned = ({ uid, mode }: Stats, owner: number) =>
  uid === owner && (mode & (constants.S_IWGRP | constants.S_IWOTH)) === 0;

/** Whether nobody else can replace the file as a whole, by any folder above it. */
function isPlaceOwned(file: string, owner: number): boolean {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const stats = lstatSync(folder);
    // In a folder to which others may only add, as in temp folders, they can't replace what is there.
    const isSticky = (stats.mode & 0o1000) !== 0 && (stats.uid === owner || stats.uid === 0);
    if (!stats.isDirectory() || !(isOwned(stats, owner) || isOwned(stats, 0) || isSticky)) return false;
    if (folder === dirname(folder)) return true;
  }
}

const problem = (code: Extract<Found, { kind: 'problem' }>['code']): Found => ({ kind: 'problem', code });
