import type { Statement } from 'better-sqlite3-multiple-ciphers';
import type { ReadDb } from './open.ts';

const prepared = new WeakMap<ReadDb, Map<string, Statement>>();

/** The prepared statement of an SQL text, compiled once for each connection. */
export function sql(db: ReadDb, text: string): Statement {
  let statements = prepared.get(db);
  if (!statements) {
    statements = new Map();
    prepared.set(db, statements);
  }
  let statement = statements.get(text);
  if (!statement) {
    statement = db.prepare(text);
    statements.set(text, statement);
  }
  return statement;
}
