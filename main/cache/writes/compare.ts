import { startOf } from '../dates.ts';
import type { WriteDb } from '../open.ts';
import type { SyncTask } from '../operations.ts';
import { sql } from '../statements.ts';

/** A version as a search told of it. */
export interface SeenVersion {
  readonly id: string;
  readonly versionId: string;
  readonly updated: number | null;
}

/**
 * Compares the ids and versions that a search of some patients' records brought with those of the cache. Nothing is
 * removed for being absent (design rule 3): what differs is asked for by its id.
 */
export function compareSweep(db: WriteDb, task: SyncTask, began: number | null): void {
  const { seq, resourceType } = task;
  const scope = { ...scopeOf(task), began };
  const source = task.patients === null ? SHARED : RECORDS;
  // What came while the search was under way may be newer than what it tells. The server tells its time in seconds.
  const compared = `${source} WHERE r.local = 0 AND (r.stored_at IS NULL OR r.stored_at < @began)`;
  sql(
    db,
    `INSERT OR IGNORE INTO difference (type, id, why)
     SELECT r.type, r.id, 'missing' ${compared}
       AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.seq = @seq AND s.id = r.id)`,
  ).run({ ...scope, seq });
  sql(db, `UPDATE sync_task SET compared = (SELECT count(*) ${compared}) WHERE seq = @seq`).run({ ...scope, seq });
  noteVersions(db, seq, resourceType, began);
  sql(db, 'DELETE FROM seen WHERE seq = ?').run(seq);
}

/** The cached records of some patients, and shared resources by their ids. */
const RECORDS = `
  FROM json_each(@among) wish JOIN patient p ON p.id = wish.value
  JOIN entry e ON e.patient = p.pid AND e.type = (SELECT tid FROM term WHERE text = @type)
  JOIN resource r ON r.rid = e.rid`;
const SHARED = `
  FROM json_each(@among) wish
  JOIN resource r ON r.type = (SELECT tid FROM term WHERE text = @type) 
    AND r.key = id_key(wish.value) AND r.id = wish.value`;

/** What a search is about: the patients, or the ids that its address names. */
function scopeOf({ resourceType, patients, url }: SyncTask): { type: string; among: string } {
  const ids = new URLSearchParams(url.slice(url.indexOf('?'))).get('_id')?.split(',') ?? [];
  return { type: resourceType, among: JSON.stringify(patients ?? ids) };
}

function noteVersions(db: WriteDb, seq: number, resourceType: string, began: number | null): void {
  const rows = sql(
    db,
    `SELECT s.id, s.updated, r.rid, r.last_updated AS lastUpdated,
       s.version_id = '' OR s.version_id = r.version_id AS same FROM seen s
     LEFT JOIN resource r ON r.type = (SELECT tid FROM term WHERE text = @type)
       AND r.key = id_key(s.id) AND r.id = s.id
     WHERE s.seq = @seq AND (r.rid IS NULL OR (r.local = 0 AND (r.stored_at IS NULL OR r.stored_at < @began)))`,
  ).all({ type: resourceType, seq, began }) as {
    id: string;
    updated: number | null;
    rid: number | null;
    lastUpdated: string | null;
    same: number | null;
  }[];
  for (const { id, updated, rid, lastUpdated, same } of rows) {
    const why = rid === null ? 'unknown' : changeOf(same === 1, updated, startOf(lastUpdated));
    if (why === null) continue;
    sql(
      db,
      `INSERT OR IGNORE INTO difference (type, id, why)
       VALUES ((SELECT tid FROM term WHERE text = ?), ?, ?)`,
    ).run(resourceType, id, why);
  }
}

/** Version ids are opaque: which of two is the older one, only the server's times tell. */
function changeOf(same: boolean, theirs: number | null, ours: number | null): 'changed' | 'older' | null {
  if (theirs !== null && ours !== null && theirs < ours) return 'older';
  return same && (theirs === ours || theirs === null || ours === null) ? null : 'changed';
}
