import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3-multiple-ciphers';
import { defineIdKey } from '../../main/cache/id-key.ts';
import { openDatabase, type ReadDb, type WriteDb } from '../../main/cache/open.ts';
import { createReads } from '../../main/cache/reads/index.ts';
import { cacheMigrations } from '../../main/cache/schema/index.ts';
import { migrate } from '../../main/cache/schema/migrate.ts';
import { createWrites } from '../../main/cache/writes/index.ts';
import type { Page } from './data.ts';
import { androidFhir } from './peers/android-fhir.ts';
import { storeFolder } from './peers/contender.ts';
import { COUNT, type Question } from './search-questions.ts';

/** A store of pages that answers questions with how many records it found. */
export interface Store {
  readonly name: string;
  readonly db: Database;
  ingest(pages: readonly Page[]): void | Promise<void>;
  ask(question: Question): number;
  /** Drops the pages that it has in memory. */
  forget(): void;
  close(): void | Promise<void>;
}

/** Our cache on a connection, without a run of sync around it. */
function cacheOn(name: string, db: WriteDb, reader: ReadDb, remove: () => void): Store {
  const writes = createWrites(db);
  const reads = createReads(reader);
  let seq = 0;
  return {
    name,
    db,
    ingest(pages) {
      for (const { type, resources } of pages) {
        writes.startRun({ tasks: [{ label: 'bench', resourceType: type, url: type, patients: null }] });
        seq = reads.tasks({}).at(-1)?.seq ?? seq;
        writes.applyPage({ seq, resources, next: null, serverTime: '2026-01-01T00:00:00.000Z' });
      }
    },
    ask({ type, query }) {
      const answer = reads.search({ type, query: `${query}&_count=${COUNT}`, sight: null });
      if (!answer.ok) throw new Error(`${answer.error.code}: ${query}`);
      return answer.value.entries.length;
    },
    forget: () => void reader.pragma('shrink_memory'),
    close() {
      reader.close();
      db.close();
      remove();
    },
  };
}

export function encrypted(): Store {
  const folder = storeFolder('search');
  const file = join(folder.path, 'cache.db');
  const key = randomBytes(32);
  const opened = openDatabase({ file, key, mode: 'create', migrations: cacheMigrations });
  if (!opened.ok) throw new Error(opened.error.code);
  const reader = openDatabase({ file, key, mode: 'read', migrations: cacheMigrations });
  if (!reader.ok) throw new Error(reader.error.code);
  return cacheOn('wardlight', opened.value, reader.value, folder.remove);
}

/** Our own schema in a plaintext file, with the same pragmas otherwise. */
export function plain(): Store {
  const folder = storeFolder('search-plain');
  const file = join(folder.path, 'cache.db');
  const db = new Sqlite(file);
  for (const pragma of ['journal_mode = wal', 'synchronous = 2', 'wal_autocheckpoint = 8000', 'cache_size = -64000']) {
    db.pragma(pragma);
  }
  db.pragma('temp_store = 2');
  defineIdKey(db);
  migrate(db, cacheMigrations);
  const reader = new Sqlite(file);
  for (const pragma of ['cache_size = -32000', 'temp_store = 2', 'mmap_size = 0', 'query_only = 1'])
    reader.pragma(pragma);
  defineIdKey(reader);
  return cacheOn('plain', db as WriteDb, reader as ReadDb, folder.remove);
}

export function android(): Store {
  const contender = androidFhir();
  return {
    ...contender,
    forget: () => void contender.db.pragma('shrink_memory'),
    ask: ({ peer }) => (peer ? contender.db.prepare(peer.sql).all(...peer.args).length : 0),
  };
}

/** Lets the planner of each store know its data, as it does when it is closed in order. */
export function settle(db: Database): void {
  db.pragma('analysis_limit = 400');
  db.pragma('optimize');
  db.pragma('wal_checkpoint(TRUNCATE)');
}
