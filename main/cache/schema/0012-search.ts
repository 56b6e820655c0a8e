import type { Database } from 'better-sqlite3-multiple-ciphers';
import { defineIdKey } from '../id-key.ts';
import type { WriteDb } from '../open.ts';
import { rebuildSearch } from '../search/rebuild.ts';

const TABLES = [
  ...['search_parameter', 'search_concept', 'search_concept_code', 'search_concept_text', 'search_target'],
  ...['search_unit', 'search_record', 'search_token', 'search_identifier', 'search_reference', 'search_date'],
  ...['search_date_long', 'search_date_of', 'search_string', 'search_string_of', 'search_quantity'],
  ...['search_quantity_kind'],
] as const;

/** Fills the index anew, which finds records by more of what they say than before; a new cache has nothing in it. */
export function refreshSearch(db: Database): void {
  replaceSigmas(db);
  if (db.prepare('SELECT 1 FROM search_parameter LIMIT 1').get() === undefined) return;
  for (const table of TABLES) db.exec(`DELETE FROM ${table}`);
  // The index of words has no text of its own, by which single ones could be taken out.
  db.exec(`INSERT INTO search_text (search_text) VALUES ('delete-all')`);
  defineIdKey(db);
  rebuildSearch(db as WriteDb);
}

/** What patients are found and sorted by, as it is folded now (fold.ts). */
function replaceSigmas(db: Database): void {
  db.exec(`
    UPDATE OR REPLACE patient_word SET word = replace(word, 'ς', 'σ') WHERE instr(word, 'ς') > 0;
    UPDATE patient SET name_key = replace(name_key, 'ς', 'σ'), location_key = replace(location_key, 'ς', 'σ')
      WHERE instr(name_key, 'ς') > 0 OR instr(location_key, 'ς') > 0;
  `);
}
