import { parentPort } from 'node:worker_threads';
import { openDatabase, openInMemory, type ReadDb } from './open.ts';
import type { ReadOperations } from './operations.ts';
import { readNames } from './operations.ts';
import { createReads } from './reads/index.ts';
import { type Operations, serve } from './rpc.ts';
import { cacheMigrations } from './schema/index.ts';
import { CodedError, storeErrorOf } from './store-error.ts';
import type { ThreadDatabase } from './thread.ts';

/* Entry of a reader thread of the cache process. Messages are answered in order, so `open` comes before any read. */

let db: ReadDb | null = null;
let reads: ReadOperations | null = null;

function open({ file, key, nativeBinding }: ThreadDatabase): void {
  const opened = openDatabase({ file, key, mode: 'read', migrations: cacheMigrations, nativeBinding });
  key.fill(0);
  if (!opened.ok) throw new CodedError(opened.error.code);
  db = opened.value;
  reads = createReads(db, Date.now, () => openInMemory(cacheMigrations, nativeBinding));
}

function read(name: keyof ReadOperations): (args: never) => unknown {
  return (args) => {
    if (!reads) throw new CodedError('cache-closed');
    return reads[name](args);
  };
}

function close(): void {
  db?.close();
  db = null;
  reads = null;
}

const operations: Operations = { open, close, ...Object.fromEntries(readNames.map((name) => [name, read(name)])) };
if (parentPort) serve(parentPort, operations, storeErrorOf);
