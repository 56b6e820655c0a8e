import type { Result } from '../../preload/contract/channel.ts';
import type { StoreError } from '../../preload/contract/session.ts';
import { openDatabase, type WriteDb } from '../cache/open.ts';
import type { Operations } from '../cache/rpc.ts';
import type { Migration } from '../cache/schema/migrate.ts';
import { CodedError } from '../cache/store-error.ts';

const migrations: readonly Migration[] = [
  (db) => {
    // AUTOINCREMENT: a number that was used once is never used again, so that a gap shows.
    db.exec(`
      CREATE TABLE entry (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        event TEXT NOT NULL
      ) STRICT;
      CREATE TRIGGER entry_is_append_only_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append only'); END;
      CREATE TRIGGER entry_is_append_only_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append only'); END;
    `);
  },
];

export interface OpenLogRequest {
  readonly file: string;
  readonly key: Uint8Array;
  readonly create: boolean;
  readonly nativeBinding?: string | undefined;
}

/**
 * The operations of the audit process: open, append, close. An append has returned only when the event is on disk
 * (`synchronous = FULL`).
 */
export function createAuditLog(): Operations {
  let db: WriteDb | null = null;
  return {
    open({ file, key, create, nativeBinding }: OpenLogRequest): Result<null, StoreError> {
      const opened = openDatabase({ file, key, mode: create ? 'create' : 'write', migrations, nativeBinding });
      key.fill(0);
      if (!opened.ok) return opened;
      db = opened.value;
      return { ok: true, value: null };
    },
    append(event: string): void {
      if (!db) throw new CodedError('audit-closed');
      db.prepare('INSERT INTO entry (event) VALUES (?)').run(event);
    },
    close(): void {
      db?.close();
      db = null;
    },
  };
}
