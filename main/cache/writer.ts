import { parentPort } from 'node:worker_threads';
import type { Result } from '../../preload/contract/channel.ts';
import type { StoreError } from '../../preload/contract/session.ts';
import { openDatabase, type WriteDb } from './open.ts';
import { type OpenRequest, type WriteOperations, writeNames } from './operations.ts';
import { type Operations, serve } from './rpc.ts';
import { cacheMigrations } from './schema/index.ts';
import { CodedError, storeErrorOf } from './store-error.ts';
import { createWrites } from './writes/index.ts';

/*
 * Entry of the thread that has the one connection which writes. A thread of its own, as a page or a checkpoint takes
 * longer than a read may wait.
 */

let opened: { readonly db: WriteDb; readonly writes: WriteOperations } | null = null;

function open({ file, key, create, nativeBinding }: OpenRequest): Result<null, StoreError> {
  const mode = create ? 'create' : 'write';
  const result = openDatabase({ file, key, mode, migrations: cacheMigrations, nativeBinding });
  key.fill(0);
  if (!result.ok) return result;
  opened = { db: result.value, writes: createWrites(result.value) };
  return { ok: true, value: null };
}

function write(name: keyof WriteOperations): (args: never) => unknown {
  return (args) => {
    if (!opened) throw new CodedError('cache-closed');
    return opened.writes[name](args);
  };
}

/** Leaves one file with everything in it. */
function close(): void {
  const db = opened?.db;
  opened = null;
  if (!db) return;
  try {
    db.pragma('analysis_limit = 400');
    db.pragma('optimize');
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
}

const operations: Operations = { open, close, ...Object.fromEntries(writeNames.map((name) => [name, write(name)])) };
if (parentPort) serve(parentPort, operations, storeErrorOf);
