import { startOf } from '../dates.ts';
import { getMeta, runKeys } from '../meta.ts';
import type { ReadDb } from '../open.ts';
import type { SyncRun, SyncTask } from '../operations.ts';
import { sql } from '../statements.ts';

const TASK = 'SELECT seq, label, resource_type AS resourceType, url, patients, next, state FROM sync_task';

/** The sync run as it stands. */
export function readRun(db: ReadDb): SyncRun {
  return {
    startedAt: getMeta(db, runKeys.startedAt),
    tasks: sql(db, `${TASK} ORDER BY seq`).all().map(taskOf),
    asOf: getMeta(db, runKeys.asOf),
    complete: getMeta(db, runKeys.complete) === 'true',
  };
}

/** One task of the run, or undefined. */
export function readTask(db: ReadDb, seq: number): SyncTask | undefined {
  const row = sql(db, `${TASK} WHERE seq = ?`).get(seq);
  return row === undefined ? undefined : taskOf(row);
}

/** Ids of the clinician's patients. */
export function readPanel(db: ReadDb): string[] {
  return idsOf(sql(db, 'SELECT id FROM patient WHERE panel = 1 ORDER BY id').all());
}

/** Subjects of active care teams of which the practitioner is a member at a time. */
export function careTeamPatients(db: ReadDb, practitioner: string, at: string): string[] {
  const time = startOf(at);
  if (time === null) return [];
  return idsOf(
    sql(
      db,
      `SELECT DISTINCT p.id FROM care_team_member m JOIN patient p ON p.pid = m.patient
       WHERE m.member = @member AND m.starts <= @time AND m.ends >= @time ORDER BY p.id`,
    ).all({ member: practitioner, time }),
  );
}

/** Shared resources of the given types that cached ones refer to, and that aren't here. */
export function missingReferences(db: ReadDb, types: readonly string[]): { type: string; id: string }[] {
  return sql(
    db,
    `SELECT t.text AS type, w.id FROM json_each(?) wish JOIN term t ON t.text = wish.value
     JOIN wanted w ON w.type = t.tid
     WHERE NOT EXISTS (SELECT 1 FROM resource r WHERE r.type = w.type AND r.id = w.id) ORDER BY t.text, w.id`,
  ).all(JSON.stringify(types)) as { type: string; id: string }[];
}

/** Type, id and version of everything, to compare with the server. */
export function readVersions(db: ReadDb): { type: string; id: string; versionId: string }[] {
  return sql(
    db,
    `SELECT t.text AS type, r.id, r.version_id AS versionId FROM resource r JOIN term t ON t.tid = r.type
     ORDER BY t.text, r.id`,
  ).all() as { type: string; id: string; versionId: string }[];
}

/** A resource as the server wrote it, or null. */
export function readResource(db: ReadDb, type: string, id: string): string | null {
  const row = sql(db, 'SELECT body FROM resource WHERE type = (SELECT tid FROM term WHERE text = ?) AND id = ?').get(
    type,
    id,
  ) as { body: string } | undefined;
  return row?.body ?? null;
}

function taskOf(row: unknown): SyncTask {
  const task = row as Omit<SyncTask, 'patients'> & { patients: string | null };
  return { ...task, patients: task.patients === null ? null : (JSON.parse(task.patients) as string[]) };
}

function idsOf(rows: unknown[]): string[] {
  return (rows as { id: string }[]).map(({ id }) => id);
}
