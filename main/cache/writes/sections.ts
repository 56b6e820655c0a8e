import type { SectionState } from '../../../preload/contract/chart.ts';
import type { Names } from '../ingest/names.ts';
import { getMeta, runKeys } from '../meta.ts';
import type { WriteDb } from '../open.ts';
import type { SyncTask, TaskKind } from '../operations.ts';
import { sql } from '../statements.ts';

/** Tasks that bring the records of a section, and so say how it stands. */
const bringing: ReadonlySet<TaskKind> = new Set(['search', 'export']);

/** Types that a task brings: of an export those that its address names. */
export function typesOf({ kind, resourceType, url }: Pick<SyncTask, 'kind' | 'resourceType' | 'url'>): string[] {
  if (kind !== 'export') return [resourceType];
  return new URLSearchParams(url.slice(url.indexOf('?'))).get('_type')?.split(',') ?? [];
}

/** A first page has come: a section that was never complete is now partial. A complete one stays so, as of before. */
export function beginSection(db: WriteDb, names: Names, task: SyncTask): void {
  if (!bringing.has(task.kind)) return;
  for (const type of typesOf(task).map(names.term)) {
    for (const id of task.patients ?? []) {
      sql(
        db,
        `INSERT INTO section_state (patient, type, state) VALUES (?, ?, 'partial')
         ON CONFLICT DO UPDATE SET state = 'partial', as_of = NULL WHERE state = 'not-permitted'`,
      ).run(names.patient(id), type);
    }
  }
}

/**
 * A task was done or refused: says how its patients' sections stand. More than one task may bring the same type for a
 * patient (the last twelve months, and what is older), and only all of them together make it complete. Until then it is
 * partial, as of the run's beginning.
 */
export function settleSection(db: WriteDb, names: Names, task: SyncTask, refusedAt: string | null = null): void {
  if (!bringing.has(task.kind)) return;
  const asOf = refusedAt ?? getMeta(db, runKeys.startedAt);
  for (const type of typesOf(task)) settleType(db, names, { ...task, resourceType: type }, asOf);
}

function settleType(db: WriteDb, names: Names, task: SyncTask, asOf: string | null): void {
  const type = names.term(task.resourceType);
  const others = otherTasks(db, task);
  for (const id of task.patients ?? []) {
    const states = new Set([
      task.state,
      ...others.filter(({ patients }) => patients.has(id)).map(({ state }) => state),
    ]);
    const pid = names.patient(id);
    if (states.has('pending') && task.state === 'done') {
      sql(db, `UPDATE section_state SET as_of = ? WHERE patient = ? AND type = ? AND state = 'partial'`).run(
        asOf,
        pid,
        type,
      );
      continue;
    }
    const whole = stateOf(states);
    const state = whole === 'complete' && hasPart(db, pid, type) ? 'partial' : whole;
    sql(
      db,
      `INSERT INTO section_state (patient, type, state, as_of) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET state = excluded.state, as_of = excluded.as_of`,
    ).run(pid, type, state, asOf);
  }
}

function hasPart(db: WriteDb, pid: number, type: number): boolean {
  const row = sql(db, 'SELECT 1 FROM resource WHERE patient = ? AND type = ? AND subsetted = 1 LIMIT 1').get(pid, type);
  return row !== undefined;
}

function stateOf(tasks: ReadonlySet<SyncTask['state']>): SectionState {
  if (tasks.has('incomplete')) return 'partial';
  if (!tasks.has('refused')) return 'complete';
  return tasks.has('done') ? 'partial' : 'not-permitted';
}

function otherTasks(db: WriteDb, task: SyncTask): { state: SyncTask['state']; patients: ReadonlySet<string> }[] {
  const rows = sql(
    db,
    `SELECT state, patients, kind, url, resource_type AS resourceType FROM sync_task
     WHERE seq <> ? AND patients IS NOT NULL AND (kind = 'export' OR (kind = 'search' AND resource_type = ?))`,
  ).all(task.seq, task.resourceType) as (Omit<SyncTask, 'patients'> & { patients: string })[];
  const same = rows.filter((row) => typesOf(row).includes(task.resourceType));
  return same.map(({ state, patients }) => ({ state, patients: new Set(JSON.parse(patients) as string[]) }));
}

/** Patients whose records this run has compared, or has tried to. */
const COMPARED = `
  SELECT p.pid, t.tid, a.state FROM sync_task a, json_each(a.patients) wish
  JOIN patient p ON p.id = wish.value JOIN term t ON t.text = a.resource_type
  WHERE a.kind = 'sweep' AND a.state <> 'pending'`;

/**
 * Says of which sections the server's deletions can't be learnt. A comparison that was made tells all of them; where
 * one was due and the server refused it, only the type's history could have told.
 */
export function noteDeletions(db: WriteDb): void {
  sql(
    db,
    `UPDATE section_state SET deletions_unknown = 0 WHERE deletions_unknown = 1
       AND (patient, type) IN (SELECT pid, tid FROM (${COMPARED}) WHERE state = 'done')`,
  ).run();
  sql(
    db,
    `UPDATE section_state SET deletions_unknown = 1
     WHERE patient IN (SELECT pid FROM (${COMPARED}))
       AND (patient, type) NOT IN (SELECT pid, tid FROM (${COMPARED}) WHERE state = 'done')
       AND type NOT IN (SELECT t.tid FROM sync_task a JOIN term t ON t.text = a.resource_type
                        WHERE a.kind = 'history' AND a.state = 'done')`,
  ).run();
}
