import type { SectionState } from '../../../preload/contract/chart.ts';
import type { Names } from '../ingest/names.ts';
import { sharedTypes } from '../ingest/references.ts';
import { getMeta, runKeys } from '../meta.ts';
import type { WriteDb } from '../open.ts';
import type { SyncTask } from '../operations.ts';
import { sql } from '../statements.ts';
import { typesOf } from '../task-types.ts';
import { otherStates } from './bringers.ts';

/** A first page has come: a section that was never complete is now partial. A complete one stays so, as of before. */
export function beginSection(db: WriteDb, names: Names, task: SyncTask): void {
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
 * partial, as of the run's beginning. Shared resources, which an export brings as well, are no section of a patient: no
 * later task is about them and her, so that a gap in them would stay.
 */
export function settleSection(db: WriteDb, names: Names, task: SyncTask, refusedAt: string | null = null): void {
  const asOf = refusedAt ?? getMeta(db, runKeys.startedAt);
  const types = typesOf(task).filter((type) => !sharedTypes.has(type));
  for (const type of types) settleType(db, names, task, type, asOf);
}

function settleType(db: WriteDb, names: Names, task: SyncTask, typeName: string, asOf: string | null): void {
  const type = names.term(typeName);
  const othersOf = otherStates(db, task, typeName);
  for (const id of task.patients ?? []) {
    const states = new Set([task.state, ...othersOf(id)]);
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
