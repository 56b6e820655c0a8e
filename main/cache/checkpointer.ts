import { parentPort } from 'node:worker_threads';
import { openDatabase, type WriteDb } from './open.ts';
import { type Operations, serve } from './rpc.ts';
import { cacheMigrations } from './schema/index.ts';
import { CodedError, storeErrorOf } from './store-error.ts';
import type { ThreadDatabase } from './thread.ts';

/*
 * Entry of the thread that moves what the log holds into the database file while the writer goes on. A page of the file
 * is decrypted and encrypted anew on its way, which would take the writer a third of its time.
 */

let db: WriteDb | null = null;

function open({ file, key, nativeBinding }: ThreadDatabase): void {
  const opened = openDatabase({ file, key, mode: 'write', migrations: cacheMigrations, nativeBinding });
  key.fill(0);
  if (!opened.ok) throw new CodedError(opened.error.code);
  db = opened.value;
}

/** Pages in the log from which on it is worth while: 16 MB. Many of them are then written once for several times. */
const STEP_PAGES = 4_000;
/**
 * Pages of a log that is half full (open.ts), from which on whatever there is, is moved: what is left in a full one, the
 * writer moves.
 */
const HALF_PAGES = 16_000;

interface LogState {
  readonly log: number;
  readonly checkpointed: number;
}

/** Moves what readers no longer need out of the log, if that is much; waits for nobody (SQLite, "PRAGMA wal_checkpoint"). */
function checkpoint(): void {
  const [state] = (db?.pragma('wal_checkpoint(NOOP)') ?? []) as LogState[];
  if (!state) return;
  const step = state.log < HALF_PAGES ? STEP_PAGES : 1;
  if (state.log - state.checkpointed >= step) db?.pragma('wal_checkpoint(PASSIVE)');
}

function close(): void {
  db?.close();
  db = null;
}

const operations: Operations = { open, checkpoint, close };
if (parentPort) serve(parentPort, operations, storeErrorOf);
