import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Result } from '../../preload/contract/channel.ts';
import type { StoreError } from '../../preload/contract/session.ts';
import { fieldWrappingKey } from './fields/key.ts';
import { setFieldLayer } from './fields/layer.ts';
import { openFieldLayer } from './fields/relay.ts';
import { createNames } from './ingest/names.ts';
import { getMeta, setMeta } from './meta.ts';
import { openDatabase, type WriteDb } from './open.ts';
import {
  type OpenedStore,
  type OpenRequest,
  type OutboxOperations,
  outboxNames,
  type WriteOperations,
  writeNames,
} from './operations.ts';
import { openOutbox } from './outbox/open.ts';
import { createOutbox } from './outbox/outbox.ts';
import type { Operations } from './rpc.ts';
import { cacheMigrations } from './schema/index.ts';
import { setAside } from './set-aside.ts';
import { CodedError, storeErrorOf } from './store-error.ts';
import { createUpgrade, type Upgrade, type UpgradeFailure, type UpgradeStep } from './upgrade.ts';
import { createWrites, type Writes } from './writes/index.ts';

export interface WriterOptions {
  /** Opens a database; tests hand in one that they can interrupt. */
  readonly open?: typeof openDatabase;
  readonly newId?: () => string;
  /** Tells of each step of an upgrade; tests end the process there. */
  readonly onUpgrade?: (step: UpgradeStep) => void;
}

/** Kept in a cache that was made anew. */
const REBUILT = 'cache.rebuilt';

/** Kept in the cache: the version of the program that opened it last. */
const PROGRAM = 'program.version';

const missingOutbox = { ok: false, error: { code: 'outbox-missing' } } as const;

interface Opened {
  readonly databases: readonly WriteDb[];
  readonly operations: WriteOperations & OutboxOperations;
  readonly together: Writes['together'];
}

export interface Writer {
  /** `open`, `close`, and by name whatever writes to the cache or works on the outbox. */
  readonly operations: Operations;
  /** Several operations of the cache in one transaction, which commits whole or, where one throws, not at all. */
  together<Value>(work: () => Value): Value;
  /** The cache's connection; null while closed. */
  cache(): WriteDb | null;
}

/** What the thread that writes answers: it has the one connection that writes to the cache, and that to the outbox. */
export function createWriter({ open = openDatabase, newId = randomUUID, onUpgrade }: WriterOptions = {}): Writer {
  let opened: Opened | null = null;

  function openBoth(request: OpenRequest, upgrade: Upgrade): Result<WriteDb[], StoreError> {
    const { file, key, create, anew = [], outbox: other, nativeBinding } = request;
    const isAnew = anew.includes('cache');
    // Before anything is moved: unsent changes that are gone are told, and never replaced by an empty list.
    if (isAnew && !anew.includes('outbox') && !existsSync(other.file)) return missingOutbox;
    if (isAnew) setAside(file);
    if (anew.includes('outbox')) setAside(other.file);
    const mode = create || isAnew ? 'create' : 'write';
    const beforeChange = (db: WriteDb) => upgrade.beforeChange(file, db, getMeta(db, PROGRAM));
    const cache = open({ file, key, mode, migrations: cacheMigrations, beforeChange, nativeBinding });
    if (!cache.ok) return cache;
    if (isAnew) setMeta(cache.value, REBUILT, 'true');
    const program = getMeta(cache.value, PROGRAM);
    const outbox = openOutbox(open, cache.value, request, (db) => upgrade.beforeChange(other.file, db, program));
    if (!outbox.ok) {
      cache.value.close();
      return outbox;
    }
    const both = [cache.value, outbox.value];
    const damage = request.check ? damageOf(cache.value, outbox.value) : null;
    if (damage === null) return { ok: true, value: both };
    for (const db of both) db.close();
    return { ok: false, error: { code: damage } };
  }

  /** Opens both, or leaves both as they were: a new version of the program never has one of them without the other. */
  function openAll(request: OpenRequest): Result<OpenedStore, StoreError> {
    const upgrade = upgradeOf(request);
    try {
      const failed = upgrade.begin();
      if (failed) return upgradeFailed(failed);
      const result = openWith(request, upgrade);
      if (result.ok) return result;
      // What a disk or a key may do again in another way is tried again.
      const isFinal = result.error.code === 'store-failed';
      const taken = upgrade.takeBack(isFinal);
      return isFinal && taken ? upgradeFailed(taken) : result;
    } catch (error) {
      return { ok: false, error: { code: storeErrorOf(error) } };
    } finally {
      request.key.fill(0);
      request.outbox.key.fill(0);
    }
  }

  function upgradeOf({ file, outbox, version = '' }: OpenRequest): Upgrade {
    return createUpgrade({
      files: [file, outbox.file],
      note: join(dirname(file), 'upgrade.json'),
      version,
      ...(onUpgrade && { reached: onUpgrade }),
    });
  }

  function openWith(request: OpenRequest, upgrade: Upgrade): Result<OpenedStore, StoreError> {
    // Before the keys are wiped.
    const [ofCache, ofOutbox] = [fieldWrappingKey(request.key), fieldWrappingKey(request.outbox.key)];
    const both = opening(request, upgrade);
    if (!both.ok) return both;
    const [cache, db] = both.value as [WriteDb, WriteDb];
    const { marks = [] } = request;
    const names = createNames(cache);
    const outbox = createOutbox({ db, cache, names, newId, neverMerge: request.outbox.neverMerge });
    const { together, ...writes } = createWrites(cache, { names, localChanges: outbox.localChanges });
    try {
      setFieldLayer(db, marks, ofOutbox);
      openFieldLayer(cache, names, { marks, wrapping: ofCache });
      outbox.reconcile();
      const { version = '' } = request;
      if (getMeta(cache, PROGRAM) !== version) setMeta(cache, PROGRAM, version);
      upgrade.done();
    } catch (error) {
      for (const one of both.value) one.close();
      return { ok: false, error: { code: storeErrorOf(error) } };
    }
    opened = { databases: both.value, operations: { ...writes, ...outbox.operations }, together };
    return { ok: true, value: { rebuilt: getMeta(cache, REBUILT) !== null, schema: cacheMigrations.length } };
  }

  function opening(request: OpenRequest, upgrade: Upgrade): Result<WriteDb[], StoreError> {
    try {
      return openBoth(request, upgrade);
    } catch (error) {
      return { ok: false, error: { code: storeErrorOf(error) } };
    }
  }

  /** Leaves one file each with everything in it. */
  function close(): void {
    const databases = opened?.databases ?? [];
    opened = null;
    for (const db of databases) closeDatabase(db);
  }

  const named = [...writeNames, ...outboxNames].map((name) => [
    name,
    (args: never) => {
      if (!opened) throw new CodedError('cache-closed');
      return (opened.operations[name] as (args: never) => unknown)(args);
    },
  ]);
  return {
    operations: { open: openAll, close, ...Object.fromEntries(named) },
    together: (work) => (opened ? opened.together(work) : work()),
    cache: () => opened?.databases[0] ?? null,
  };
}

function upgradeFailed({ before }: UpgradeFailure): Result<never, StoreError> {
  return { ok: false, error: { code: 'upgrade-failed', ...(before && { detail: before }) } };
}

/** Unsent work first: it is nowhere else. */
function damageOf(cache: WriteDb, outbox: WriteDb): StoreError | null {
  if (!isWhole(outbox)) return 'outbox-damaged';
  return isWhole(cache) ? null : 'cache-damaged';
}

function isWhole(db: WriteDb): boolean {
  try {
    return db.pragma('quick_check', { simple: true }) === 'ok';
  } catch (error) {
    if (storeErrorOf(error) === 'cache-damaged') return false;
    throw error;
  }
}

function closeDatabase(db: WriteDb): void {
  try {
    db.pragma('analysis_limit = 400');
    db.pragma('optimize');
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
}
