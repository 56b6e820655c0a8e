import type { Database } from 'better-sqlite3-multiple-ciphers';

/**
 * Ciphertexts on their way to the server. Here and not in the cache, because what was not sent outlives the cache; and
 * beside the changes, so that a file and its record are kept in one transaction.
 */
export function createTransfers(db: Database): void {
  db.exec(`
    CREATE TABLE transfer (
      id TEXT PRIMARY KEY,
      -- Local id of the DocumentReference.
      document TEXT NOT NULL UNIQUE,
      patient TEXT NOT NULL,
      title TEXT NOT NULL,
      author TEXT NOT NULL,
      -- Name of the ciphertext in the spool, its length in bytes and its SHA-256 in base64.
      file TEXT NOT NULL,
      size INTEGER NOT NULL,
      sha256 TEXT NOT NULL,
      place INTEGER NOT NULL,
      -- stored: the server has it, which was looked at by its hash.
      state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'stored', 'failed')),
      paused INTEGER NOT NULL DEFAULT 0,
      -- Why it has failed.
      code TEXT,
      -- Bytes that the server is known to have.
      done INTEGER NOT NULL DEFAULT 0,
      -- Uploads after which the server had other bytes.
      mismatches INTEGER NOT NULL DEFAULT 0,
      -- JSON: the tus upload that is gone on with.
      tus TEXT,
      -- Id of the Binary that may be there already.
      binary TEXT,
      -- Address of what is stored.
      url TEXT,
      -- sent: the server has the record too; withdrawn: there is no record any longer.
      record TEXT NOT NULL DEFAULT 'open' CHECK (record IN ('open', 'sent', 'withdrawn')),
      CHECK (state <> 'stored' OR url IS NOT NULL)
    ) STRICT, WITHOUT ROWID;
  `);
}
