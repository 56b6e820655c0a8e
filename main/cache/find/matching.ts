import type { ReadDb } from '../open.ts';
import { createLast } from '../reads/remembered.ts';
import { termOf } from '../reads/sections.ts';
import { attachmentParameter } from '../search/extract.ts';
import { sql } from '../statements.ts';
import { recordsNamed } from './names.ts';
import type { Term } from './terms.ts';

/** A record that may be seen, as the index knows it. */
export interface Known {
  readonly type: string;
  readonly bucket: number;
  readonly recency: number;
  readonly pid: number;
}

/** Whose records are searched. */
export interface Scope {
  /** One patient's alone; null for all that `known` lets through. */
  readonly pid: number | null;
  /** A record by its number; undefined where it may not be seen or is of no interest. */
  known(rid: number): Known | undefined;
  /** Whether a record that belongs to no patient, such as a file or a medicine, may be seen. */
  isSharedShown(rid: number, type: string): boolean;
  /** The least and the greatest number of a record that can be found; null where that says nothing. */
  readonly bounds: readonly [from: number, to: number] | null;
  /** Texts that are looked at, the last stored first. */
  readonly limit: number;
}

export interface Match extends Known {
  readonly rid: number;
  /** The record whose text it is: a file's, or its own. */
  readonly textOf: number;
}

export interface Matches {
  /** The newest first. */
  readonly found: readonly Match[];
  /** There may be others. */
  readonly more: boolean;
}

/** Records that have all the terms: in their own text, in that of a file that they refer to, or in what they name. */
export function matchesIn(db: ReadDb, terms: readonly Term[], scope: Scope): Matches {
  if (terms.length === 0) return { found: [], more: false };
  const found = new Map<number, Match>();
  const add = (rid: number, textOf: number) => {
    const known = found.has(rid) ? undefined : scope.known(rid);
    if (known) found.set(rid, { ...known, rid, textOf });
  };
  const files = filesOf(db);
  const texts = textsWith(db, terms, scope, files);
  for (const rid of texts) {
    if (!files.has(rid)) add(rid, rid);
    else if (scope.isSharedShown(rid, 'Binary')) for (const holder of holdersOf(db, rid)) add(holder, rid);
  }
  const isShown = (rid: number) => scope.isSharedShown(rid, 'Medication');
  const named = recordsNamed(db, terms, { pid: scope.pid, limit: scope.limit, isShown });
  for (const rid of named.rids) add(rid, rid);
  return {
    found: [...found.values()].sort((a, b) => a.recency - b.recency || b.rid - a.rid),
    more: named.cut || texts.length === scope.limit,
  };
}

function textsWith(db: ReadDb, terms: readonly Term[], { bounds, limit }: Scope, files: ReadonlySet<number>): number[] {
  // A file may have any number.
  const [from, to] = bounds && files.size === 0 ? bounds : [0, Number.MAX_SAFE_INTEGER];
  return sql(
    db,
    `SELECT rowid FROM search_text WHERE search_text MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC LIMIT ?`,
  )
    .pluck()
    .all(terms.map(({ match }) => `(${match})`).join(' AND '), from, to, limit) as number[];
}

const filesMemory = createLast<ReadonlySet<number>>();

/** Files that are cached apart from what refers to them. */
function filesOf(db: ReadDb): ReadonlySet<number> {
  return filesMemory(db, 'files', () => {
    const rids = sql(db, 'SELECT rid FROM resource WHERE type = ?').pluck().all(termOf(db, 'Binary'));
    return new Set(rids as number[]);
  });
}

/** Records that refer to a file. */
function holdersOf(db: ReadDb, file: number): number[] {
  const parameters = ['DocumentReference', 'DiagnosticReport'].map(attachmentParameter);
  return sql(
    db,
    `SELECT f.rid FROM resource b
     JOIN search_target t ON t.key = id_key('Binary/' || b.id) AND t.text = 'Binary/' || b.id
     JOIN search_reference f ON f.tid = t.tid
       AND f.param IN (SELECT param FROM search_parameter WHERE name IN (SELECT value FROM json_each(?)))
     WHERE b.rid = ?`,
  )
    .pluck()
    .all(JSON.stringify(parameters), file) as number[];
}
