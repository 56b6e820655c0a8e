import type { Names } from '../ingest/names.ts';
import { getMeta, runKeys, setMeta } from '../meta.ts';
import type { WriteDb } from '../open.ts';
import type { NewTask, SyncTask } from '../operations.ts';
import { readTask } from '../reads/run.ts';
import { sql } from '../statements.ts';
import { CodedError } from '../store-error.ts';

/** Replaces the plan of an older run. Sections keep what is known of them until their tasks are done again. */
export function startRun(db: WriteDb, tasks: readonly NewTask[]): void {
  sql(db, 'DELETE FROM sync_task').run();
  setMeta(db, runKeys.startedAt, null);
  setMeta(db, runKeys.complete, null);
  appendTasks(db, tasks);
}

/** Sets the panel as the run found it, and appends the tasks that follow from it. */
export function expandRun(db: WriteDb, names: Names, panel: readonly string[], tasks: readonly NewTask[]): void {
  sql(db, 'UPDATE patient SET panel = 0 WHERE panel = 1').run();
  for (const id of panel) sql(db, 'UPDATE patient SET panel = 1 WHERE pid = ?').run(names.patient(id));
  setMeta(db, runKeys.panelAsOf, getMeta(db, runKeys.startedAt));
  appendTasks(db, tasks);
}

/** Closes the run; `asOf` is what the whole cache is known up to. */
export function finishRun(db: WriteDb, asOf: string): void {
  const pending = sql(db, `SELECT 1 FROM sync_task WHERE state = 'pending' LIMIT 1`).get();
  if (pending) throw new CodedError('tasks-pending');
  setMeta(db, runKeys.asOf, asOf);
  setMeta(db, runKeys.complete, 'true');
}

/** The task of a page that has come; it fails if it isn't waiting for one, such as a page of an older plan. */
export function pendingTask(db: WriteDb, seq: number): SyncTask {
  const task = readTask(db, seq);
  if (task?.state !== 'pending') throw new CodedError('task-not-pending');
  return task;
}

/** The first answer of a run tells up to when its data is known (design rule 2: the server's time, never ours). */
export function noteServerTime(db: WriteDb, serverTime: string): string {
  const startedAt = getMeta(db, runKeys.startedAt);
  if (startedAt !== null) return startedAt;
  setMeta(db, runKeys.startedAt, serverTime);
  return serverTime;
}

/** Remembers that something on a task's pages could not be stored: its sections must not claim to be complete. */
export function markFlawed(db: WriteDb, seq: number): void {
  sql(db, 'UPDATE sync_task SET flawed = 1 WHERE seq = ?').run(seq);
}

export function isFlawed(db: WriteDb, seq: number): boolean {
  return sql(db, 'SELECT 1 FROM sync_task WHERE seq = ? AND flawed = 1').get(seq) !== undefined;
}

/** Moves a task's cursor. */
export function advanceTask(db: WriteDb, seq: number, state: SyncTask['state'], next: string | null): void {
  sql(db, 'UPDATE sync_task SET state = ?, next = ? WHERE seq = ?').run(state, next, seq);
}

function appendTasks(db: WriteDb, tasks: readonly NewTask[]): void {
  for (const { label, resourceType, url, patients } of tasks) {
    sql(db, 'INSERT INTO sync_task (label, resource_type, url, patients) VALUES (?, ?, ?, ?)').run(
      label,
      resourceType,
      url,
      patients && JSON.stringify(patients),
    );
  }
}
