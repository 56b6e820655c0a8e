import { startOf } from '../dates.ts';
import { type Facts, factsOf } from '../ingest/facts.ts';
import type { Names } from '../ingest/names.ts';
import type { WriteDb } from '../open.ts';
import { sql } from '../statements.ts';
import { createDictionary } from './dictionary.ts';
import { createExtract } from './extract.ts';
import { createRows } from './rows.ts';
import { type FullText, fullTextOf, isEmpty } from './text.ts';

/** Keeps the search index in step with the cache. What a transaction changes is collected, and written by `flush`. */
export interface SearchIndex {
  /** A resource was stored under `rid`, new or in place of one that `remove` was told of. */
  put(rid: number, facts: Facts): void;
  /** A resource is about to be replaced or deleted: called while its row still holds the text that was indexed. */
  remove(rid: number, type: string): void;
  /** Writes what was collected, sorted. Called once, at the end of a transaction. */
  flush(): void;
  /** Does work of several transactions that are one: what they collect is written at the end of all. */
  together<Value>(work: () => Value): Value;
  /** The transaction was rolled back. */
  forget(): void;
  /**
   * Drops what the dictionary holds and nothing uses any more, such as the words of a purged patient's problems. Reads
   * the whole index: once after a purge.
   */
  sweep(): void;
}

const indexes = new WeakMap<Names, SearchIndex>();

/** The search index of a writer; one for each `names`, so that it may be asked for anywhere. */
export function createSearchIndex(db: WriteDb, names: Names): SearchIndex {
  let index = indexes.get(names);
  if (!index) {
    index = create(db, names);
    indexes.set(names, index);
  }
  return index;
}

/** The text of a resource before and after the transaction. */
interface TextChange {
  readonly before: FullText | null;
  after: FullText | null;
}

function create(db: WriteDb, names: Names): SearchIndex {
  const dictionary = createDictionary(db);
  const rows = createRows();
  const extractOf = createExtract({ rows, dictionary });
  const [addRecord, addDate] = [rows.to('search_record'), rows.to('search_date')];
  const texts = new Map<number, TextChange>();
  let isHeld = false;
  const lastUpdated = new Map<string, () => number>();

  function lastUpdatedOf(type: string): () => number {
    let param = lastUpdated.get(type);
    if (!param) {
      param = dictionary.parameter(`${type}._lastUpdated`);
      lastUpdated.set(type, param);
    }
    return param;
  }

  function apply(sign: 1 | -1, rid: number, { type, patient, lastUpdated, resource }: Facts): void {
    const pid = patient === null ? 0 : names.patient(patient);
    const updated = startOf(lastUpdated) ?? 0;
    rows.begin(sign);
    addRecord([names.term(type), pid, rid, updated]);
    if (updated !== 0) addDate([lastUpdatedOf(type)(), updated, updated, pid, rid]);
    extractOf(type)(resource, { rid, patient: pid, owner: `Patient/${patient}` });
  }

  function write(): void {
    rows.flush(db);
    for (const [rid, change] of [...texts].sort(([a], [b]) => a - b)) writeText(db, rid, change);
    texts.clear();
  }

  return {
    put(rid, facts) {
      apply(1, rid, facts);
      const after = fullTextOf(facts.type, facts.resource);
      const known = texts.get(rid);
      if (known) known.after = after;
      else if (!isEmpty(after)) texts.set(rid, { before: null, after });
    },
    remove(rid, type) {
      const row = sql(db, 'SELECT body FROM resource WHERE rid = ?').get(rid) as { body: string } | undefined;
      const facts = row && factsOf(row.body);
      if (!facts) return;
      apply(-1, rid, facts);
      const known = texts.get(rid);
      if (known) known.after = null;
      else texts.set(rid, { before: fullTextOf(type, facts.resource), after: null });
    },
    flush() {
      if (!isHeld) write();
    },
    together(work) {
      isHeld = true;
      try {
        const value = work();
        write();
        return value;
      } finally {
        isHeld = false;
      }
    },
    forget() {
      dictionary.forget();
      rows.clear();
      texts.clear();
    },
    sweep() {
      // Rows that wait may use entries that nothing else does.
      write();
      db.exec(UNUSED);
      dictionary.forget();
    },
  };
}

const UNUSED = `
  DELETE FROM search_quantity_kind AS k WHERE NOT EXISTS (
    SELECT 1 FROM search_quantity q WHERE q.param = k.param AND q.kid = k.kid AND q.uid = k.uid);
  DELETE FROM search_unit WHERE uid NOT IN (SELECT uid FROM search_quantity_kind);
  DELETE FROM search_concept WHERE kid NOT IN (
    SELECT kid FROM search_token UNION SELECT kid FROM search_quantity_kind);
  DELETE FROM search_concept_code WHERE kid NOT IN (SELECT kid FROM search_concept);
  DELETE FROM search_concept_text WHERE kid NOT IN (SELECT kid FROM search_concept);
  DELETE FROM search_target WHERE tid NOT IN (
    SELECT tid FROM search_reference UNION SELECT system FROM search_identifier);
`;

/** The index keeps no text, so that what leaves it must be told word for word. */
function writeText(db: WriteDb, rid: number, { before, after }: TextChange): void {
  if (before && after && before.narrative === after.narrative && before.content === after.content) return;
  if (before && !isEmpty(before)) {
    sql(db, `INSERT INTO search_text (search_text, rowid, narrative, content) VALUES ('delete', ?, ?, ?)`).run(
      rid,
      before.narrative,
      before.content,
    );
  }
  if (after && !isEmpty(after)) {
    sql(db, 'INSERT INTO search_text (rowid, narrative, content) VALUES (?, ?, ?)').run(
      rid,
      after.narrative,
      after.content,
    );
  }
}
