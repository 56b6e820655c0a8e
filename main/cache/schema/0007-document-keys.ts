import type { Database } from 'better-sqlite3-multiple-ciphers';

/**
 * Keys of documents: this workstation's own pairs (the newest is in force, the older ones open what was encrypted for
 * them), certificates of colleagues' devices, and the newest list of revoked keys. A private key has no other place.
 */
export function createDocumentKeys(db: Database): void {
  db.exec(`
    CREATE TABLE device_key (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      thumbprint TEXT NOT NULL UNIQUE,
      jwk TEXT NOT NULL,
      made_at TEXT NOT NULL,
      -- As the organisation has signed it; null before.
      certificate TEXT,
      -- The server has this certificate.
      published INTEGER NOT NULL DEFAULT 0
    ) STRICT;

    CREATE TABLE key_certificate (
      practitioner TEXT NOT NULL,
      thumbprint TEXT NOT NULL,
      certificate TEXT NOT NULL,
      PRIMARY KEY (practitioner, thumbprint)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE key_revocations (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      -- Seconds: the list's own time, which never goes backwards.
      iat INTEGER NOT NULL,
      list TEXT NOT NULL
    ) STRICT;
  `);
}
