import { createMemory } from '../memory.ts';
import type { ReadDb, WriteDb } from '../open.ts';
import { sql } from '../statements.ts';

const CACHED_MAX = 100_000;

/** Turns texts into the integers that stand for them in the database, and remembers them between pages. */
export interface Names {
  /** Integer of a resource type or an observation code. */
  term(text: string): number;
  /** Integer of a patient's id. */
  patient(id: string): number;
  /** Integer of the security labels that records of a type have; 0 for none (`labelsText`). */
  label(type: string, labels: string): number;
  /** True for the first time that a shared resource is referred to. */
  isNewReference(type: string, id: string): boolean;
  /** Drops what was remembered: the transaction that made it was rolled back. */
  forget(): void;
}

/** The number of labels that records of a type have had; one that no sight knows where none ever had them. */
export function cachedLabel(db: ReadDb, type: string, labels: string): number {
  if (labels === '') return 0;
  const row = sql(db, 'SELECT lid FROM label WHERE type = ? AND labels = ?').get(type, labels) as
    | { lid: number }
    | undefined;
  return row?.lid ?? UNKNOWN_LABEL;
}

const UNKNOWN_LABEL = -1;

/** Creates the writer's names. */
export function createNames(db: WriteDb): Names {
  const number = (table: 'term' | 'patient') => createMemory((text) => numberIn(db, table, text));
  const [terms, patients] = [number('term'), number('patient')];
  const labelSets = new Map<string, number>();
  const references = new Map<string, Set<string>>();

  return {
    term: terms.get,
    patient: patients.get,
    label(type, labels) {
      if (labels === '') return 0;
      const key = `${type} ${labels}`;
      const remembered = labelSets.get(key);
      if (remembered !== undefined) return remembered;
      sql(db, 'INSERT OR IGNORE INTO label (type, labels) VALUES (?, ?)').run(type, labels);
      const { lid } = sql(db, 'SELECT lid FROM label WHERE type = ? AND labels = ?').get(type, labels) as {
        lid: number;
      };
      if (labelSets.size > CACHED_MAX) labelSets.clear();
      labelSets.set(key, lid);
      return lid;
    },
    isNewReference(type, id) {
      let ids = references.get(type);
      if (!ids || ids.size > CACHED_MAX) {
        ids = new Set();
        references.set(type, ids);
      }
      if (ids.has(id)) return false;
      ids.add(id);
      return true;
    },
    forget() {
      terms.clear();
      patients.clear();
      labelSets.clear();
      references.clear();
    },
  };
}

/** The number of a text, given if it has none. Names of tables and columns are constants. */
function numberIn(db: WriteDb, table: 'term' | 'patient', text: string): number {
  const [key, column] = table === 'term' ? ['tid', 'text'] : ['pid', 'id'];
  const found = sql(db, `SELECT ${key} AS n FROM ${table} WHERE ${column} = ?`).get(text) as { n: number } | undefined;
  return found?.n ?? Number(sql(db, `INSERT INTO ${table} (${column}) VALUES (?)`).run(text).lastInsertRowid);
}
