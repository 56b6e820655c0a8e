import type { WriteDb } from '../open.ts';
import { sql } from '../statements.ts';

/** How a version ended for this workstation. */
export type Ending = 'replaced' | 'deleted' | 'unavailable' | 'local';

/** Keeps the version in a resource's row as an earlier one. A partial one tells nothing that could be relied on. */
export function keepVersion(db: WriteDb, rid: number, ended: Ending, until: number | null): void {
  sql(
    db,
    `INSERT INTO history (type, id, version_id, last_updated, patient, known_from, known_until, ended, body)
     SELECT type, id, version_id, last_updated, patient, stored_at, ?, ?, body FROM resource
     WHERE rid = ? AND subsetted = 0 AND local = 0`,
  ).run(until, ended, rid);
}

/**
 * The server's version behind a local text is a version again: the current one, of which it answers when it came, or an
 * earlier one.
 */
export function settleLocal(
  db: WriteDb,
  type: number,
  id: string,
  server: { versionId: string | null; ended: Ending; until: number | null },
): number | null {
  const current = sql(
    db,
    `DELETE FROM history WHERE type = ? AND id = ? AND ended = 'local' AND version_id = ? RETURNING known_from AS came`,
  ).all(type, id, server.versionId) as { came: number | null }[];
  sql(db, `UPDATE history SET ended = ?, known_until = ? WHERE type = ? AND id = ? AND ended = 'local'`).run(
    server.ended,
    server.until,
    type,
    id,
  );
  return current[0]?.came ?? null;
}
