import { idKey } from '../id-key.ts';
import { keysHeld } from '../keys-held.ts';
import { createMemory } from '../memory.ts';
import type { WriteDb } from '../open.ts';
import { sql } from '../statements.ts';
import { conceptKey, conceptOf, conceptSort, type Measured, targetOf } from './values.ts';

/** Turns what repeats in the index into integers, and remembers them between pages. */
export interface Dictionary {
  /** Reads the integer of a parameter, which is asked for with every row. */
  parameter(name: string): () => number;
  /** Reads the integers of concepts in elements of a type; null of one in which there is nothing to find. */
  concept(element: string): (value: unknown) => number | null;
  target(text: string): number;
  /** What a reference points to; null where it points to nothing outside the resource. */
  reference(text: string): number | null;
  unit(measured: Measured): number;
  /** Notes that a parameter has quantities of this concept and unit. */
  quantityKind(param: number, kid: number, uid: number): void;
  /** Drops what was remembered: the transaction that made it was rolled back, or entries were swept out. */
  forget(): void;
}

/** Creates the writer's dictionary. */
export function createDictionary(db: WriteDb): Dictionary {
  let generation = 0;
  const parameters = createMemory((name) => intern(db, 'search_parameter', 'param', ['name'], [name]));
  const concepts = createMemory((key) => internConcept(db, key));
  const codings = new Map<string, KnownCoding[]>();
  const plain = createMemory<number | null>((value) => conceptIn('code', value));
  const targets = createMemory((text) => internTarget(db, text));
  const units = createMemory((key) =>
    intern(db, 'search_unit', 'uid', ['system', 'code', 'unit'], key.split('\u0001')),
  );
  const kinds = createMemory((key) => {
    const values = key.split('\u0001').map(Number);
    return sql(db, 'INSERT OR IGNORE INTO search_quantity_kind VALUES (?, ?, ?)').run(...values).changes;
  });
  const references = createMemory<number | null>((text) => {
    const target = targetOf(text);
    return target === null ? null : targets.get(target);
  });

  function conceptIn(element: string, value: unknown): number | null {
    const key = conceptKey(element, value);
    return key === null ? null : concepts.get(key);
  }

  /** Its key need not be made for most: they have one coding, which was met before. */
  function codeable(value: unknown): number | null {
    const coding = onlyCoding(value);
    if (coding === null) return conceptIn('CodeableConcept', value);
    const { system, code, display, text } = coding;
    const alike = codings.get(code);
    for (const known of alike ?? []) {
      if (known.system === system && known.display === display && known.text === text) return known.kid;
    }
    const kid = conceptIn('CodeableConcept', value);
    if (kid === null || (alike && alike.length >= ALIKE_MAX)) return kid;
    if (codings.size >= CODINGS_MAX) codings.clear();
    codings.set(code, [...(alike ?? []), { system, display, text, kid }]);
    return kid;
  }

  return {
    parameter(name) {
      let [known, of] = [0, -1];
      return () => {
        if (of === generation) return known;
        known = parameters.get(name);
        of = generation;
        return known;
      };
    },
    concept(element) {
      if (element === 'CodeableConcept') return codeable;
      if (element === 'Coding' || element === 'deceased') return (value) => conceptIn(element, value);
      return (value) => (typeof value === 'string' ? plain.get(value) : conceptIn(element, value));
    },
    target: targets.get,
    reference: references.get,
    unit: ({ system, code, unit }) => units.get(`${system}\u0001${code}\u0001${unit}`),
    quantityKind: (param, kid, uid) => void kinds.get(`${param}\u0001${kid}\u0001${uid}`),
    forget() {
      generation += 1;
      for (const one of [parameters, concepts, codings, plain, targets, references, units, kinds]) one.clear();
    },
  };
}

interface KnownCoding {
  readonly system: string | undefined;
  readonly display: string | undefined;
  readonly text: string | undefined;
  readonly kid: number;
}

/** Codes of which concepts are remembered. */
const CODINGS_MAX = 100_000;
/** Concepts of one code that are remembered, which differ in the rest. */
const ALIKE_MAX = 8;

/** The only coding of a CodeableConcept, with the concept's text; null where it has another number, or odd members. */
function onlyCoding(value: unknown): (Omit<KnownCoding, 'kid'> & { readonly code: string }) | null {
  const concept = value as { coding?: unknown; text?: unknown };
  if (!Array.isArray(concept.coding) || concept.coding.length !== 1) return null;
  const [coding] = concept.coding as [{ system?: unknown; code?: unknown; display?: unknown } | null];
  if (coding === null) return null;
  const { system, code, display } = coding;
  const { text } = concept;
  if (typeof code !== 'string' || !isText(system) || !isText(display) || !isText(text)) return null;
  return { system, code, display, text };
}

function isText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
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
  const held = keysHeld(db, 'search_target');
  const found = held.may(key)
    ? (sql(db, 'SELECT tid FROM search_target WHERE key = ? AND text = ?').get(key, text) as
        | { tid: number }
        | undefined)
    : undefined;
  if (found) return found.tid;
  held.add(key);
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
