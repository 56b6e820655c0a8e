import type { Database } from 'better-sqlite3-multiple-ciphers';
import type { Migration } from '../cache/schema/migrate.ts';
import { appendOnly } from './append-only.ts';
import { deliveryTables } from './delivery/tables.ts';
import { enrolmentTables } from './enrolment/tables.ts';
import { entryOf } from './entries.ts';
import { type Head, startOf } from './log/verify.ts';
import { packed } from './packing.ts';
import { sendingTables } from './sending/tables.ts';

/** What a log is made with. */
export interface LogIdentity {
  readonly origin: string;
  /** Public key that its checkpoints are signed by. */
  readonly vkey: string;
  /** Where the log before it stood, when that was lost or can't be trusted; JSON. */
  readonly predecessor: string | null;
}

/** The first log: a plain list. */
function plainList(db: Database): void {
  db.exec(`
    CREATE TABLE entry (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      event TEXT NOT NULL
    ) STRICT;
    CREATE TRIGGER entry_is_append_only_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append only'); END;
    CREATE TRIGGER entry_is_append_only_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append only'); END;
  `);
}

/** A Merkle log; what the plain list held becomes its first entries. */
function merkleLog(identity: LogIdentity): Migration {
  return (db) => {
    const carried = db.prepare('SELECT event FROM entry ORDER BY seq').pluck().all() as string[];
    db.exec('DROP TABLE entry');
    db.exec(TABLES);
    db.prepare('INSERT INTO log (one, origin, vkey, predecessor) VALUES (1, ?, ?, ?)').run(
      identity.origin,
      identity.vkey,
      identity.predecessor,
    );
    const insert = db.prepare('INSERT INTO entry (seq, leaf, hash) VALUES (?, ?, ?)');
    const insertTile = db.prepare('INSERT INTO tile (number, hash) VALUES (?, ?)');
    let head: Head = startOf(identity.origin);
    for (const event of carried) {
      const { seq, leaf, hash, tile, head: after } = entryOf(head, carriedEvent(event));
      insert.run(seq, leaf, hash);
      if (tile) insertTile.run(tile.number, tile.hash);
      head = after;
    }
  };
}

/** What was changed by hand in the plain list is carried along as it is. */
function carriedEvent(text: string): object {
  try {
    const event: unknown = JSON.parse(text);
    if (typeof event === 'object' && event !== null) return event;
  } catch {
    // As below.
  }
  return { carried: text };
}

const TABLES = `
  CREATE TABLE log (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    origin TEXT NOT NULL,
    vkey TEXT NOT NULL,
    predecessor TEXT
  ) STRICT;
  CREATE TABLE entry (
    seq INTEGER PRIMARY KEY,
    leaf TEXT NOT NULL,
    hash BLOB NOT NULL
  ) STRICT;
  -- What entries are found by, as far as indexed says.
  CREATE TABLE about (patient TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (patient, seq)) STRICT, WITHOUT ROWID;
  CREATE TABLE agent (reference TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (reference, seq)) STRICT, WITHOUT ROWID;
  CREATE TABLE moment (time INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (time, seq)) STRICT, WITHOUT ROWID;
  CREATE TABLE kind (action TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (action, seq)) STRICT, WITHOUT ROWID;
  CREATE TABLE indexed (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL) STRICT;
  -- Roots of full subtrees of 256 entries, so that a proof needn't read the whole log.
  CREATE TABLE tile (number INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;
  CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note TEXT NOT NULL, frontier BLOB NOT NULL) STRICT;
  -- The largest size that was anchored in the keychain.
  CREATE TABLE anchored (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL) STRICT;
  -- What was found wrong; seq is the entry that tells of it.
  CREATE TABLE finding (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    log TEXT NOT NULL,
    first INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    seq INTEGER,
    UNIQUE (code, log, first, "end")
  ) STRICT;
  ${['log', 'entry', 'about', 'agent', 'moment', 'kind', 'tile', 'checkpoint'].map(appendOnly).join('')}
  CREATE TRIGGER finding_is_kept BEFORE DELETE ON finding BEGIN SELECT RAISE(ABORT, 'append only'); END;
`;

/** The texts of entries are packed. */
function packedEntries(db: Database): void {
  db.function('packed', { deterministic: true }, packed as (leaf: unknown) => Buffer);
  db.exec(`
    CREATE TABLE packed_entry (seq INTEGER PRIMARY KEY, leaf BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
    INSERT INTO packed_entry (seq, leaf, hash) SELECT seq, packed(leaf), hash FROM entry ORDER BY seq;
    DROP TABLE entry;
    ALTER TABLE packed_entry RENAME TO entry;
    ${appendOnly('entry')}
  `);
}

/** The numbered steps of the log's schema; `identity` is what a log gets that is made or becomes one now. */
export function auditMigrations(identity: LogIdentity): readonly Migration[] {
  return [plainList, merkleLog(identity), deliveryTables, sendingTables, enrolmentTables, packedEntries];
}
