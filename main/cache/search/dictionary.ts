import { idKey } from '../id-key.ts';
import type { WriteDb } from '../open.ts';
import { sql } from '../statements.ts';
import { conceptOf, conceptSort, type Measured } from './values.ts';

const REMEMBERED_MAX = 100_000;

/** Turns what repeats in the index into integers, and remembers them between pages. */
export interface Dictionary {
  parameter(name: string): number;
  /** By the key that values.ts makes. */
  concept(key: string): number;
  target(text: string): number;
  unit(measured: Measured): number;
  /** Notes that a parameter has quantities of this concept and unit. */
  quantityKind(param: number, kid: number, uid: number): void;
  /** Drops what was remembered: the transaction that made it was rolled back, or entries were swept out. */
  forget(): void;
}

/** Creates the writer's dictionary. */
export function createDictionary(db: WriteDb): Dictionary {
  const parameters = memory((name) => intern(db, 'search_parameter', 'param', ['name'], [name]));
  const concepts = memory((key) => internConcept(db, key));
  const targets = memory((text) => internTarget(db, text));
  const units = memory((key) => intern(db, 'search_unit', 'uid', ['system', 'code', 'unit'], key.split('\u0001')));
  const kinds = memory((key) => {
    const values = key.split('\u0001').map(Number);
    return sql(db, 'INSERT OR IGNORE INTO search_quantity_kind VALUES (?, ?, ?)').run(...values).changes;
  });
  return {
    parameter: parameters.get,
    concept: concepts.get,
    target: targets.get,
    unit: ({ system, code, unit }) => units.get(`${system}\u0001${code}\u0001${unit}`),
    quantityKind: (param, kid, uid) => void kinds.get(`${param}\u0001${kid}\u0001${uid}`),
    forget() {
      for (const one of [parameters, concepts, targets, units, kinds]) one.clear();
    },
  };
}

function memory(find: (text: string) => number): { get(text: string): number; clear(): void } {
  const known = new Map<string, number>();
  return {
    get(text) {
      const remembered = known.get(text);
      if (remembered !== undefined) return remembered;
      const found = find(text);
      if (known.size >= REMEMBERED_MAX) known.clear();
      known.set(text, found);
      return found;
    },
    clear: () => known.clear(),
  };
}

type Table = 'search_parameter' | 'search_unit';

/** The integer of a row, made if it isn't there. Names of tables and columns are constants of this file. */
function intern(db: WriteDb, table: Table, id: string, columns: readonly string[], values: readonly string[]): number {
  const marks = columns.map(() => '?').join(', ');
  const insert = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks}) ON CONFLICT DO NOTHING`;
  const added = sql(db, insert).run(...values);
  if (added.changes > 0) return Number(added.lastInsertRowid);
  const where = columns.map((column) => `${column} = ?`).join(' AND ');
  return (sql(db, `SELECT ${id} AS n FROM ${table} WHERE ${where}`).get(...values) as { n: number }).n;
}

function internTarget(db: WriteDb, text: string): number {
  const key = idKey(text);
  const found = sql(db, 'SELECT tid FROM search_target WHERE key = ? AND text = ?').get(key, text) as
    | { tid: number }
    | undefined;
  if (found) return found.tid;
  return Number(sql(db, 'INSERT INTO search_target (text, key) VALUES (?, ?)').run(text, key).lastInsertRowid);
}

function internConcept(db: WriteDb, key: string): number {
  const found = sql(db, 'SELECT kid FROM search_concept WHERE key = ?').get(key) as { kid: number } | undefined;
  if (found) return found.kid;
  const { codes, texts } = conceptOf(key);
  const insert = sql(db, 'INSERT INTO search_concept (key, sort) VALUES (?, ?)');
  const kid = Number(insert.run(key, conceptSort(key)).lastInsertRowid);
  for (const { code, system } of codes) {
    sql(db, 'INSERT OR IGNORE INTO search_concept_code VALUES (?, ?, ?)').run(code, system, kid);
  }
  for (const text of texts) sql(db, 'INSERT OR IGNORE INTO search_concept_text VALUES (?, ?)').run(text, kid);
  return kid;
}
