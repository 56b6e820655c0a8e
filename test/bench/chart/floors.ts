import { join } from 'node:path';
import type { Database, Statement } from 'better-sqlite3-multiple-ciphers';
import { patientTypes, sharedTypes } from '../../../main/access/decisions.ts';
import { openDatabase, type ReadDb } from '../../../main/cache/open.ts';
import type { ReadOperations } from '../../../main/cache/operations.ts';
import { createReads } from '../../../main/cache/reads/index.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import { newestLabel, type Sight } from '../../../main/cache/sight.ts';
import { devUsers } from '../../server/users.ts';
import { profileSecrets } from '../../support/profile-files.ts';

const METHODS = ['get', 'all', 'iterate'] as const;

interface Asked {
  readonly source: string;
  readonly args: readonly unknown[];
}

/** The queries behind the views, asked straight of the same encrypted file while the program runs. */
export interface Floors {
  /** The answer of a view's read, and a function that asks its queries alone and tells the milliseconds. */
  of<Value>(read: (reads: ReadOperations, sight: Sight) => Value | Promise<Value>): Promise<() => number>;
  /** The same of the list, as somebody on all care teams sees it. */
  list(query: string, limit: number): Promise<() => number>;
  readonly db: ReadDb;
  close(): void;
}

export async function openFloors(userData: string): Promise<Floors> {
  const { folder, cacheKey } = await profileSecrets(userData);
  const file = join(folder, 'cache.db');
  const opened = openDatabase({ file, key: cacheKey, mode: 'read', migrations: cacheMigrations });
  if (!opened.ok) throw new Error(opened.error.code);
  const db = opened.value;
  const asked: Asked[] = [];
  const reads = createReads(recording(db, asked));
  const newest = newestLabel(db);
  const nothing = { types: [], labels: [] };
  const sight: Sight = {
    newest,
    shown: { types: [...patientTypes, ...sharedTypes], labels: [] },
    restricted: { purpose: nothing, emergency: nothing },
    row: { location: true, updated: true },
  };
  const everybody = { labels: [0], location: true, updated: true };
  const of: Floors['of'] = async (read) => {
    // Once for what is remembered between reads, as it is in the program.
    await read(reads, sight);
    asked.length = 0;
    await read(reads, sight);
    const queries = asked.map(({ source, args }) => ({ statement: db.prepare(source).raw(), args }));
    return () => {
      const begun = performance.now();
      for (const { statement, args } of queries) statement.all(...args);
      return performance.now() - begun;
    };
  };
  return {
    db,
    of,
    list: (query, limit) =>
      of((all) =>
        all.patientList({
          query,
          limit,
          offset: 0,
          sort: 'name',
          descending: false,
          sight: { newest, careTeam: everybody, panel: everybody },
          unfinished: [],
          practitioner: devUsers[0]?.practitionerId ?? '',
        }),
      ),
    close: () => void db.close(),
  };
}

/** The same database, that notes what it is asked for rows. */
function recording(db: ReadDb, asked: Asked[]): ReadDb {
  const noting = (statement: Statement): Statement =>
    new Proxy(statement, {
      get(target, name) {
        const member = Reflect.get(target, name) as unknown;
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          if (METHODS.includes(name as (typeof METHODS)[number])) asked.push({ source: target.source, args });
          const value: unknown = Reflect.apply(member, target, args);
          return value === target ? noting(target) : value;
        };
      },
    });
  return new Proxy<Database>(db, {
    get(target, name) {
      const member = Reflect.get(target, name) as unknown;
      if (name === 'prepare') return (source: string) => noting(target.prepare(source));
      return typeof member === 'function' ? member.bind(target) : member;
    },
  }) as ReadDb;
}
