import type { Database } from 'better-sqlite3-multiple-ciphers';
import { defineIdKey } from '../id-key.ts';

/**
 * Records, and what is referred to, are found by numbers in place of their ids (id-key.ts): the indexes of ids were
 * nearly a third of all pages that a first sync wrote. Older steps call this too, before they use what it makes.
 */
export function createIdKeys(db: Database): void {
  const has = db.prepare(`SELECT 1 FROM pragma_table_info('resource') WHERE name = 'key'`).get();
  if (has) return;
  defineIdKey(db);
  db.exec(`
    ALTER TABLE resource ADD COLUMN key INTEGER NOT NULL DEFAULT 0;
    UPDATE resource SET key = id_key(id);
    DROP INDEX resource_by_id;
    CREATE INDEX resource_by_key ON resource (type, key);

    CREATE TABLE search_target_new (tid INTEGER PRIMARY KEY, text TEXT NOT NULL, key INTEGER NOT NULL) STRICT;
    INSERT INTO search_target_new (tid, text, key) SELECT tid, text, id_key(text) FROM search_target ORDER BY tid;
    DROP TABLE search_target;
    ALTER TABLE search_target_new RENAME TO search_target;
    CREATE INDEX search_target_by_key ON search_target (key);
    -- Addresses, which are also found by their beginning. A reference by type and id has no colon.
    CREATE INDEX search_target_by_address ON search_target (text) WHERE text GLOB '*:*';
  `);
}
