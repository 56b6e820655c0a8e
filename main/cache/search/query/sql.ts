import type { Statement } from 'better-sqlite3-multiple-ciphers';
import type { ReadDb } from '../../open.ts';

/** A piece of SQL with its values, which are always bound. */
export interface Sql {
  readonly text: string;
  readonly args: readonly (string | number)[];
}

export const ALWAYS: Sql = { text: '1', args: [] };
export const NEVER: Sql = { text: '0', args: [] };

/** A piece of SQL; the text is a constant of the code, names of columns included. */
export function piece(text: string, ...args: readonly (string | number)[]): Sql {
  return { text, args };
}

export function and(parts: readonly Sql[]): Sql {
  return joined(
    parts.filter((part) => part.text !== '1'),
    ' AND ',
    ALWAYS,
  );
}

export function or(parts: readonly Sql[]): Sql {
  return joined(
    parts.filter((part) => part.text !== '0'),
    ' OR ',
    NEVER,
  );
}

export function not(part: Sql): Sql {
  return { text: `NOT (${part.text})`, args: part.args };
}

function joined(parts: readonly Sql[], separator: string, none: Sql): Sql {
  const [first] = parts;
  if (!first) return none;
  if (parts.length === 1) return first;
  return { text: `(${parts.map(({ text }) => text).join(separator)})`, args: parts.flatMap(({ args }) => args) };
}

/** `column = ?`, or a list of any length in one parameter. */
export function among(column: string, values: readonly (string | number)[]): Sql {
  if (values.length === 0) return NEVER;
  if (values.length === 1) return piece(`${column} = ?`, values[0] as string | number);
  return piece(`${column} IN (SELECT value FROM json_each(?))`, JSON.stringify(values));
}

/** Searches have many forms: only the last ones' statements are kept. */
const PREPARED_MAX = 300;
const prepared = new WeakMap<ReadDb, Map<string, Statement>>();

/** The prepared statement of a search. */
export function prepare(db: ReadDb, text: string): Statement {
  const statements = prepared.get(db) ?? new Map<string, Statement>();
  prepared.set(db, statements);
  const statement = statements.get(text) ?? db.prepare(text);
  statements.delete(text);
  statements.set(text, statement);
  if (statements.size > PREPARED_MAX) statements.delete(statements.keys().next().value ?? '');
  return statement;
}

export function all<Row>(db: ReadDb, { text, args }: Sql): Row[] {
  return prepare(db, text).all(...args) as Row[];
}

export function one<Row>(db: ReadDb, { text, args }: Sql): Row | undefined {
  return prepare(db, text).get(...args) as Row | undefined;
}

/** Above every text that begins with another: the end of a prefix. */
export const LAST = '\u{10FFFF}';
