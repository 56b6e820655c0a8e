import type { SectionState } from '../../../preload/contract/chart.ts';
import type { Names } from '../ingest/names.ts';
import type { WriteDb } from '../open.ts';
import type { SyncTask } from '../operations.ts';
import { sql } from '../statements.ts';

/** A first page has come: a section that was never complete is now partial. A complete one stays so, as of before. */
export function beginSection(db: WriteDb, names: Names, task: SyncTask): void {
  const type = names.term(task.resourceType);
  for (const id of task.patients ?? []) {
    sql(
      db,
      `INSERT INTO section_state (patient, type, state) VALUES (?, ?, 'partial')
       ON CONFLICT DO UPDATE SET state = 'partial', as_of = NULL WHERE state = 'not-permitted'`,
    ).run(names.patient(id), type);
  }
}

/**
 * A task was done or refused: says how its patients' sections stand. More than one task may bring the same type for a
 * patient (such as two categories), and only all of them together make it complete.
 */
export function settleSection(db: WriteDb, names: Names, task: SyncTask, asOf: string): void {
  const type = names.term(task.resourceType);
  const others = otherTasks(db, task);
  for (const id of task.patients ?? []) {
    const states = new Set([
      task.state,
      ...others.filter(({ patients }) => patients.has(id)).map(({ state }) => state),
    ]);
    if (states.has('pending') && task.state === 'done') continue;
    const state = stateOf(states);
    sql(
      db,
      `INSERT INTO section_state (patient, type, state, as_of) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET state = excluded.state, as_of = excluded.as_of`,
    ).run(names.patient(id), type, state, asOf);
  }
}

function stateOf(tasks: ReadonlySet<SyncTask['state']>): SectionState {
  if (tasks.has('incomplete')) return 'partial';
  if (!tasks.has('refused')) return 'complete';
  return tasks.has('done') ? 'partial' : 'not-permitted';
}

function otherTasks(db: WriteDb, task: SyncTask): { state: SyncTask['state']; patients: ReadonlySet<string> }[] {
  const rows = sql(
    db,
    'SELECT state, patients FROM sync_task WHERE resource_type = ? AND seq <> ? AND patients IS NOT NULL',
  ).all(task.resourceType, task.seq) as { state: SyncTask['state']; patients: string }[];
  return rows.map(({ state, patients }) => ({ state, patients: new Set(JSON.parse(patients) as string[]) }));
}
