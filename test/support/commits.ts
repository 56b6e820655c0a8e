import type { Database, Statement } from 'better-sqlite3-multiple-ciphers';

/** Called right before and right after each commit; either may end the program, or throw to stand in for that. */
export interface CommitHooks {
  before(): void;
  after(): void;
}

type Transaction = ReturnType<Database['transaction']>;

/** Puts hooks around every commit of a handle: its transactions, and what is written outside of one. */
export function watchCommits<Db extends Database>(db: Db, hooks: CommitHooks): Db {
  const { transaction, prepare, exec } = db;
  let depth = 0;

  function hooked<Value>(write: () => Value): Value {
    hooks.before();
    const value = write();
    hooks.after();
    return value;
  }

  function watchedTransaction(work: (...args: unknown[]) => unknown): Transaction {
    const original = transaction.call(db, (...args: unknown[]) => {
      const value = work(...args);
      if (depth === 1) hooks.before();
      return value;
    });
    const watched = (run: (...args: unknown[]) => unknown) =>
      function (this: unknown, ...args: unknown[]): unknown {
        depth += 1;
        try {
          const value = run.apply(this, args);
          if (depth === 1) hooks.after();
          return value;
        } finally {
          depth -= 1;
        }
      };
    const { deferred, immediate, exclusive } = original;
    return Object.assign(watched(original), {
      default: watched(original),
      deferred: watched(deferred),
      immediate: watched(immediate),
      exclusive: watched(exclusive),
    }) as Transaction;
  }

  function watchedStatement(source: string): Statement {
    const statement = prepare.call(db, source) as Statement;
    if (statement.readonly) return statement;
    for (const name of ['run', 'get', 'all'] as const) {
      const original = statement[name] as (...args: unknown[]) => unknown;
      const watched = (...args: unknown[]) =>
        db.inTransaction ? original.apply(statement, args) : hooked(() => original.apply(statement, args));
      Object.defineProperty(statement, name, { value: watched });
    }
    return statement;
  }

  Object.defineProperties(db, {
    transaction: { value: watchedTransaction },
    prepare: { value: watchedStatement },
    exec: { value: (text: string) => (db.inTransaction ? exec.call(db, text) : hooked(() => exec.call(db, text))) },
  });
  return db;
}
