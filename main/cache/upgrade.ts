import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3-multiple-ciphers';
import { syncDirectory } from './key-check.ts';
import { CodedError } from './store-error.ts';

/*
 * A new version of the program brings databases to its schema, all of them or none: each is copied as it is, encrypted,
 * before it is changed, and a note beside them says that they are being changed until all of them have opened. What is found
 * of that at a start was cut off, and is taken back. So the version before finds its own data where this one can't go on.
 */

/** What has been done when it is told; the tests end the process at each. */
export type UpgradeStep = 'noted' | 'flushed' | 'copying' | 'copied' | 'taken-back' | 'done' | 'cleared';

export interface UpgradeOptions {
  /** The databases, in the order in which they are opened. */
  readonly files: readonly string[];
  /** Of the note; `<note>-failed` beside it tells of a version that could not go on. */
  readonly note: string;
  /** Of the program. */
  readonly version: string;
  readonly reached?: (step: UpgradeStep) => void;
}

/** That a version could not go on with the databases, and which one had them before; null where that isn't known. */
export interface UpgradeFailure {
  readonly before: string | null;
}

export interface Upgrade {
  /** Takes back what was cut off. Answers how this version has failed with these databases before; null where it hasn't. */
  begin(): UpgradeFailure | null;
  /**
   * To be called before a database that is open is changed: keeps a copy of it. `before`: the version that had it last.
   *
   * @throws where there is no room for the copy, or it would not be all of the database.
   */
  beforeChange(file: string, db: Database, before: string | null): void;
  /** All of them are open, and as this version wants them. */
  done(): void;
  /**
   * To be called once they are closed, where one did not open: all of them are as they were. `isFinal`: this version is not
   * to try again. Answers null where nothing had been changed.
   */
  takeBack(isFinal: boolean): UpgradeFailure | null;
}

/** How often a change may be cut off before it counts as failed: a process may die of it each time. */
const ATTEMPTS_MAX = 3;

interface Note extends UpgradeFailure {
  readonly version: string;
  readonly attempts: number;
}

export function createUpgrade({ files, note, version, reached = () => undefined }: UpgradeOptions): Upgrade {
  const failed = `${note}-failed`;
  let noted: Note | null = null;

  function restore(): void {
    for (const file of files) {
      const copy = copyOf(file);
      rmSync(`${copy}.part`, { force: true });
      if (!existsSync(copy)) continue;
      // First: the log of the changed file would be taken for one of the file that comes back.
      for (const beside of [`${file}-wal`, `${file}-shm`]) rmSync(beside, { force: true });
      renameSync(copy, file);
      syncDirectory(dirname(file));
      reached('taken-back');
    }
  }

  function clear(): void {
    for (const file of files) for (const one of [copyOf(file), `${copyOf(file)}.part`]) rmSync(one, { force: true });
    reached('cleared');
  }

  return {
    begin() {
      const cutOff = readNote(note);
      if (cutOff === null) clear();
      else {
        restore();
        // Of another version it says nothing about this one.
        const isOurs = cutOff.version === version;
        const isFinal = isOurs && cutOff.attempts >= ATTEMPTS_MAX;
        if (isFinal) writeNote(failed, cutOff);
        if (isFinal || !isOurs) remove(note);
      }
      const failure = readNote(failed);
      if (failure?.version === version) return { before: failure.before };
      if (failure) remove(failed);
      return null;
    },

    beforeChange(file, db, before) {
      if (noted === null) {
        const attempts = (readNote(note)?.attempts ?? 0) + 1;
        noted = { version, before, attempts };
        writeNote(note, noted);
        reached('noted');
      }
      const isBusy = db.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) !== 0;
      // What somebody still reads stays in the log beside the file, and a copy without it would be older than the file.
      if (isBusy) throw new CodedError('store-failed');
      reached('flushed');
      copyDurably(file, () => reached('copying'));
      reached('copied');
    },

    done() {
      // Also one that an earlier attempt has left, where nothing was left to change.
      if (readNote(note) !== null) remove(note);
      noted = null;
      reached('done');
      clear();
    },

    takeBack(isFinal) {
      if (noted === null) return null;
      const { before } = noted;
      restore();
      if (isFinal) writeNote(failed, noted);
      remove(note);
      noted = null;
      return { before };
    },
  };
}

/** Where the copy of a database lies while it is being changed. */
export const copyOf = (file: string): string => `${file}.before`;

/** Whole, or not there. On file systems that can, it takes neither time nor room. */
function copyDurably(file: string, halfway: () => void): void {
  const part = `${copyOf(file)}.part`;
  try {
    copyFileSync(file, part, constants.COPYFILE_FICLONE);
    halfway();
    flush(part);
    renameSync(part, copyOf(file));
    syncDirectory(dirname(file));
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

function flush(file: string): void {
  const handle = openSync(file, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function writeNote(file: string, content: Note): void {
  const part = `${file}.new`;
  writeFileSync(part, JSON.stringify(content), { mode: 0o600, flush: true });
  renameSync(part, file);
  syncDirectory(dirname(file));
}

function remove(file: string): void {
  rmSync(file, { force: true });
  syncDirectory(dirname(file));
}

/** Null where there is none. One that can't be read still says that something was cut off. */
function readNote(file: string): Note | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { version, before, attempts } = JSON.parse(text) as Partial<Note>;
    if (typeof version === 'string' && typeof attempts === 'number')
      return { version, before: before ?? null, attempts };
  } catch {
    // As below.
  }
  return { version: '', before: null, attempts: 0 };
}
