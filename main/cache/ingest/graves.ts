import { startOf } from '../dates.ts';
import type { WriteDb } from '../open.ts';
import { sql } from '../statements.ts';
import type { Facts } from './facts.ts';

/* Records that the server has deleted, so that an older page doesn't bring them back. */

/** When a version came, in milliseconds of the server's clock; null where no answer brought it. */
export interface Arrival {
  readonly at: number | null;
  /** When the search began that brought it: a deletion noticed since then stands. */
  readonly began?: number | null;
}

/**
 * Whether a connection's database has any: a first sync, which has none, would look for each of its records. What is
 * true stays so, as a deletion of the last one may be rolled back.
 */
const any = new WeakMap<WriteDb, boolean>();

/** Notes a deletion. */
export function bury(db: WriteDb, type: number, id: string, versionId: string, deleted: number): void {
  any.set(db, true);
  sql(
    db,
    `INSERT INTO tombstone (type, id, version_id, deleted) VALUES (@type, @id, @versionId, @deleted)
     ON CONFLICT DO UPDATE SET deleted = max(deleted, excluded.deleted),
       version_id = CASE excluded.version_id WHEN '' THEN version_id ELSE excluded.version_id END`,
  ).run({ type, id, versionId, deleted });
}

/** A page that is older than the deletion; two minutes for what a server that searches a copy shows late. */
const LATE_MS = 2 * 60_000;

/** True where a record was deleted, and this version of it is not known to be later. */
export function isBuried(db: WriteDb, type: number, facts: Facts, { began = null }: Arrival): boolean {
  if (!hasGraves(db)) return false;
  const grave = sql(db, 'SELECT version_id AS versionId, deleted FROM tombstone WHERE type = ? AND id = ?').get(
    type,
    facts.id,
  ) as { versionId: string; deleted: number } | undefined;
  if (!grave) return false;
  const updated = startOf(facts.lastUpdated);
  const isLater = updated !== null && updated >= grave.deleted && facts.versionId !== grave.versionId;
  const isAskedLater = began !== null && began > grave.deleted + LATE_MS;
  if (!isLater && !isAskedLater) return true;
  sql(db, 'DELETE FROM tombstone WHERE type = ? AND id = ?').run(type, facts.id);
  return false;
}

function hasGraves(db: WriteDb): boolean {
  const known = any.get(db);
  if (known !== undefined) return known;
  const has = sql(db, 'SELECT 1 FROM tombstone LIMIT 1').get() !== undefined;
  any.set(db, has);
  return has;
}
