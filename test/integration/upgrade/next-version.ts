import type { Database } from 'better-sqlite3-multiple-ciphers';
import type { openDatabase } from '../../../main/cache/open.ts';
import type { OpenRequest } from '../../../main/cache/operations.ts';

/* A version of the program that has one more migration for each database than this one. */

/** What its migrations do: nothing but their work, or one of them fails. */
export type More = 'works' | 'cache-fails' | 'outbox-fails';

export interface Task {
  readonly request: OpenRequest;
  readonly more: More;
  /** Number of the step at which it dies; -1 for none. */
  readonly kill: number;
}

type Options = Parameters<typeof openDatabase>[0];

/** The options of an opening, with the migration that this version has more. */
export function withMore(options: Options, more: More, reached: () => void = () => undefined): Options {
  const isOutbox = options.file.endsWith('outbox.db');
  const fails = more === (isOutbox ? 'outbox-fails' : 'cache-fails');
  const migration = (db: Database) => {
    reached();
    db.exec('CREATE TABLE of_the_next_version (what TEXT) STRICT');
    if (isOutbox) db.exec("UPDATE change SET title = 'as the next version has it'");
    reached();
    if (fails) throw new Error('a bug');
  };
  return { ...options, migrations: [...options.migrations, migration] };
}
