import type { SyncError } from '../../../preload/contract/sync.ts';
import { startOf } from '../dates.ts';
import type { Names } from '../ingest/names.ts';
import { getMeta, runKeys, setMeta } from '../meta.ts';
import type { WriteDb } from '../open.ts';
import type { NewTask, SyncTask } from '../operations.ts';
import { readTask } from '../reads/run.ts';
import { sql } from '../statements.ts';
import { CodedError } from '../store-error.ts';
import { forgetBringers } from './bringers.ts';
import { noteForms } from './forms.ts';
import { doubtMissing, noteDeletions, settleDeferred } from './sections.ts';

/** Replaces the plan of an older run. Sections keep what is known of them until their tasks are done again. */
export function startRun(db: WriteDb, tasks: readonly NewTask[]): void {
  // A plan that is given up need not have come to ask for what the one before it could not read.
  const before = getMeta(db, runKeys.complete) === null ? (getMeta(db, runKeys.unread) ?? '[]') : '[]';
  const unread = new Set([...(JSON.parse(before) as string[]), ...unreadTypes(db)]);
  setMeta(db, runKeys.unread, JSON.stringify([...unread]));
  for (const table of ['sync_task', 'seen', 'difference', 'told'] as const) sql(db, `DELETE FROM ${table}`).run();
  forgetBringers(db);
  for (const key of [runKeys.startedAt, runKeys.complete, runKeys.planned, runKeys.panelAt]) setMeta(db, key, null);
  appendTasks(db, tasks);
}

function unreadTypes(db: WriteDb): string[] {
  return sql(
    db,
    `SELECT DISTINCT resource_type FROM sync_task WHERE kind = 'read' AND phase = 'check' AND state = 'incomplete'`,
  )
    .pluck()
    .all() as string[];
}

/** Asks for the panel of a run anew: what is planned stays, and is adapted when the panel is known. */
export function reopenRun(db: WriteDb, tasks: readonly NewTask[]): void {
  sql(db, `DELETE FROM seen WHERE seq IN (SELECT seq FROM sync_task WHERE phase = 'panel')`).run();
  sql(db, `DELETE FROM sync_task WHERE phase = 'panel'`).run();
  setMeta(db, runKeys.planned, null);
  setMeta(db, runKeys.panelAt, null);
  appendTasks(db, tasks);
}

export interface Expansion {
  readonly panel: readonly string[];
  readonly tasks: readonly NewTask[];
  readonly drop?: readonly number[];
}

/** Sets the panel as the run found it, and appends the tasks that follow from it. */
export function expandRun(db: WriteDb, names: Names, { panel, tasks, drop = [] }: Expansion): void {
  const at = getMeta(db, runKeys.panelAt) ?? getMeta(db, runKeys.startedAt);
  const isMember = new Set(panel.map((id) => names.patient(id)));
  const before = sql(db, 'SELECT pid FROM patient WHERE panel = 1').all() as { pid: number }[];
  for (const { pid } of before) {
    if (isMember.has(pid)) continue;
    sql(db, 'UPDATE patient SET panel = 0, left_at = ? WHERE pid = ?').run(startOf(at), pid);
    forgetInTasks(db, pid);
  }
  for (const pid of isMember) sql(db, 'UPDATE patient SET panel = 1, left_at = NULL WHERE pid = ?').run(pid);
  setMeta(db, runKeys.panelAsOf, at);
  setMeta(db, runKeys.planned, 'true');
  appendTasks(db, tasks, drop);
}

/** A patient who leaves and returns is fetched whole: what was done for her does not count. */
function forgetInTasks(db: WriteDb, patient: number): void {
  sql(
    db,
    `UPDATE sync_task SET patients = (
       SELECT json_group_array(j.value) FROM json_each(patients) j
       WHERE j.value <> (SELECT id FROM patient WHERE pid = @patient))
     WHERE state <> 'pending' AND EXISTS (
       SELECT 1 FROM json_each(patients) j WHERE j.value = (SELECT id FROM patient WHERE pid = @patient))`,
  ).run({ patient });
  forgetBringers(db);
}

function dropTask(db: WriteDb, seq: number): void {
  sql(db, 'DELETE FROM sync_task WHERE seq = ?').run(seq);
  sql(db, 'DELETE FROM seen WHERE seq = ?').run(seq);
}

/** Closes the run; `asOf` is what the whole cache is known up to. */
export function finishRun(db: WriteDb, names: Names, asOf: string): void {
  const pending = sql(db, `SELECT 1 FROM sync_task WHERE state = 'pending' LIMIT 1`).get();
  if (pending) throw new CodedError('tasks-pending');
  settleDeferred(db, names);
  doubtMissing(db);
  noteDeletions(db);
  noteForms(db, asOf);
  leaveStrangers(db, asOf);
  setMeta(db, runKeys.asOf, asOf);
  noteFinished(db, asOf);
  setMeta(db, runKeys.complete, 'true');
  for (const key of [runKeys.refetch, runKeys.moved]) setMeta(db, key, null);
  forgetBringers(db);
}

/** Records of patients who never were on the panel, such as a search brought beside others: they go as a leaver's do. */
function leaveStrangers(db: WriteDb, asOf: string): void {
  sql(
    db,
    `UPDATE patient SET left_at = ? WHERE panel = 0 AND left_at IS NULL
       AND EXISTS (SELECT 1 FROM entry e WHERE e.patient = pid)`,
  ).run(startOf(asOf));
}

const REMEMBERED_MS = 400 * 86_400_000;

/** Remembers when the cache was whole, for who looks at the past. */
function noteFinished(db: WriteDb, asOf: string): void {
  const at = startOf(getMeta(db, runKeys.answeredAt) ?? asOf);
  if (at === null) return;
  sql(db, 'INSERT INTO sync_past (at, as_of) VALUES (?, ?) ON CONFLICT DO UPDATE SET as_of = excluded.as_of').run(
    at,
    asOf,
  );
  sql(db, 'DELETE FROM sync_past WHERE at < ?').run(at - REMEMBERED_MS);
}

/**
 * Takes the server for what it is now, after it was reset: nothing that is known of its versions and times holds any
 * longer. The texts stay, and can be read, until the server's own replace them.
 */
export function acceptServer(db: WriteDb): void {
  startRun(db, []);
  for (const table of ['tombstone', 'witness'] as const) sql(db, `DELETE FROM ${table}`).run();
  sql(db, `UPDATE resource SET version_id = '', last_updated = NULL WHERE local = 0`).run();
  sql(db, `UPDATE section_state SET state = 'partial' WHERE state = 'complete'`).run();
  setMeta(db, runKeys.asOf, null);
  setMeta(db, runKeys.refetch, 'true');
}

/** The task of an answer that has come; it fails if it isn't waiting for one, such as an answer to an older plan. */
export function pendingTask(db: WriteDb, seq: number): SyncTask {
  const task = readTask(db, seq);
  if (task?.state !== 'pending') throw new CodedError('task-not-pending');
  return task;
}

/** The first answer of a run tells up to when its data is known (design rule 2: the server's time, never ours). */
export function noteServerTime(db: WriteDb, serverTime: string): string {
  setMeta(db, runKeys.answeredAt, serverTime);
  if (getMeta(db, runKeys.panelAt) === null) setMeta(db, runKeys.panelAt, serverTime);
  const startedAt = getMeta(db, runKeys.startedAt);
  if (startedAt !== null) return startedAt;
  setMeta(db, runKeys.startedAt, serverTime);
  return serverTime;
}

/** What an export holds is known up to its own time only, which may be before the run began. */
export function noteTransactionTime(db: WriteDb, transactionTime: string): void {
  const startedAt = startOf(getMeta(db, runKeys.startedAt));
  const time = startOf(transactionTime);
  if (time !== null && startedAt !== null && time < startedAt) setMeta(db, runKeys.startedAt, transactionTime);
}

/** When the first answer to a task came, in milliseconds of the server's clock. */
export function beginTask(db: WriteDb, seq: number, serverTime: string): number | null {
  sql(db, 'UPDATE sync_task SET began = coalesce(began, ?) WHERE seq = ?').run(startOf(serverTime), seq);
  return (sql(db, 'SELECT began FROM sync_task WHERE seq = ?').get(seq) as { began: number | null }).began;
}

/** Remembers that something on a task's pages could not be stored: its sections must not claim to be complete. */
export function markFlawed(db: WriteDb, seq: number): void {
  sql(db, 'UPDATE sync_task SET flawed = 1 WHERE seq = ?').run(seq);
}

export function isFlawed(db: WriteDb, seq: number): boolean {
  return sql(db, 'SELECT 1 FROM sync_task WHERE seq = ? AND flawed = 1').get(seq) !== undefined;
}

/** Remembers why the run goes on without a task: it may be cut off before it comes to tell so. */
export function noteFailure(db: WriteDb, seq: number, failure: SyncError): void {
  sql(db, 'UPDATE sync_task SET failure = ? WHERE seq = ?').run(failure, seq);
}

/** Moves a task's cursor. */
export function advanceTask(db: WriteDb, seq: number, state: SyncTask['state'], next: string | null): void {
  sql(db, 'UPDATE sync_task SET state = ?, next = ? WHERE seq = ?').run(state, next, seq);
}

/** Appends tasks to the run as it is, in place of those that are dropped. */
export function appendTasks(db: WriteDb, tasks: readonly NewTask[], drop: readonly number[] = []): void {
  for (const seq of drop) dropTask(db, seq);
  for (const { label, resourceType, url, patients, kind = 'search', phase = 'rest' } of tasks) {
    sql(db, 'INSERT INTO sync_task (label, resource_type, url, patients, kind, phase) VALUES (?, ?, ?, ?, ?, ?)').run(
      label,
      resourceType,
      url,
      patients && JSON.stringify(patients),
      kind,
      phase,
    );
  }
}
