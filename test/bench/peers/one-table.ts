import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3-multiple-ciphers';
import { openDatabase } from '../../../main/cache/open.ts';
import { type Contender, storeFolder } from './contender.ts';

const TABLE = `CREATE TABLE resource (
  rid INTEGER PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL
) STRICT`;

/** The floor: each resource parsed and inserted into one table, without any index. */
export function oneTable(name: 'plain' | 'sqlcipher'): Contender {
  const folder = storeFolder(name);
  const file = join(folder.path, 'one.db');
  const db = name === 'plain' ? openPlain(file) : openEncrypted(file);
  // Each share of the set pays for its own checkpoints: with the cache's log, three of five shares left them to the others.
  db.pragma('wal_autocheckpoint = 8000');
  const insert = db.prepare('INSERT INTO resource (type, id, body) VALUES (?, ?, ?)');
  const store = db.transaction((bodies: readonly string[]) => {
    for (const body of bodies) {
      const { resourceType, id } = JSON.parse(body) as { resourceType: string; id: string };
      insert.run(resourceType, id, body);
    }
  });
  return {
    name,
    ingest: (pages) => store.immediate(pages.flatMap(({ resources }) => resources)),
    close() {
      db.close();
      folder.remove();
    },
  };
}

/** With the durability of the cache: a page that was acknowledged survives power loss. */
function openPlain(file: string) {
  const db = new Sqlite(file);
  db.pragma('journal_mode = wal');
  db.pragma('synchronous = 2');
  db.pragma('cache_size = -64000');
  db.exec(TABLE);
  return db;
}

function openEncrypted(file: string) {
  const opened = openDatabase({ file, key: randomBytes(32), mode: 'create', migrations: [(db) => db.exec(TABLE)] });
  if (!opened.ok) throw new Error(opened.error.code);
  return opened.value;
}
