import type { SectionState } from '../../../preload/contract/chart.ts';
import { startOf } from '../dates.ts';
import type { Names } from '../ingest/names.ts';
import { sharedTypes } from '../ingest/references.ts';
import { getMeta, runKeys } from '../meta.ts';
import type { WriteDb } from '../open.ts';
import type { SyncTask } from '../operations.ts';
import { outdated, readTask } from '../reads/run.ts';
import { sql } from '../statements.ts';
import { typesOf } from '../task-types.ts';
import { mayBeDeleted, otherStates } from './bringers.ts';
import { movedTypes } from './moved.ts';

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
 *
 * A section of which something may be here that the server has deleted, or be missing, keeps what it said of an earlier
 * time, which is still true, until `settleDeferred`: the run may end before it knows.
 */
export function settleSection(db: WriteDb, names: Names, task: SyncTask, refusedAt: string | null = null): void {
  const asOf = refusedAt ?? getMeta(db, runKeys.startedAt);
  for (const type of sectionsOf(task)) {
    settleType(db, names, task, { type, asOf, isDeferred: deferral(db, names, type, asOf) });
  }
}

/**
 * Whether only the end of the run tells of a type: all of it is compared, as the server was reset or pages moved while they
 * were read, or a record of it is asked for once more that could not be read.
 */
function isToldLast(db: WriteDb, type: string): boolean {
  return getMeta(db, runKeys.refetch) !== null || doubtful(db).includes(type);
}

function doubtful(db: WriteDb): readonly string[] {
  return [...movedTypes(db), ...(JSON.parse(getMeta(db, runKeys.unread) ?? '[]') as string[])];
}

function sectionsOf(task: SyncTask): string[] {
  return typesOf(task).filter((type) => !sharedTypes.has(type));
}

/**
 * Who waits: also somebody of whom a record is here that may be another patient's by now. A patient whose records are
 * fetched for the first time has none that could have been deleted since.
 */
function deferral(db: WriteDb, names: Names, type: string, asOf: string | null): (patientId: string) => boolean {
  if (isToldLast(db, type)) return () => true;
  const isSuspect = mayBeDeleted(db, type);
  const behind = new Set(outdated(db, type).map(({ patient }) => patient));
  const tid = names.term(type);
  return (id) => {
    if (!isSuspect(id) && !behind.has(id)) return false;
    const pid = names.patient(id);
    const row = sql(db, 'SELECT as_of AS asOf FROM section_state WHERE patient = ? AND type = ?').get(pid, tid) as
      | { asOf: string | null }
      | undefined;
    if (row === undefined) return false;
    return row.asOf === null ? hasEarlier(db, pid, tid, asOf) : row.asOf !== asOf;
  };
}

/** Whether records are here that came before the run: of a section that was not permitted meanwhile, say. */
function hasEarlier(db: WriteDb, pid: number, type: number, asOf: string | null): boolean {
  const row = sql(
    db,
    `SELECT 1 FROM entry e JOIN resource r ON r.rid = e.rid
     WHERE e.patient = ? AND e.type = ? AND r.stored_at < ? LIMIT 1`,
  ).get(pid, type, startOf(asOf));
  return row !== undefined;
}

/** What was deleted of a type is known now: says how the sections stand that have waited for it. */
export function settleTold(db: WriteDb, names: Names, type: string): void {
  if (isToldLast(db, type)) return;
  const isDeferred = deferral(db, names, type, getMeta(db, runKeys.startedAt));
  const tasks = settled(db, `AND (kind = 'export' OR resource_type = ?)`, type);
  for (const task of tasks) {
    if (sectionsOf(task).includes(type)) settleAgain(db, names, task, { type, isDeferred });
  }
}

/** Everything that the run was to find out is known: says how all sections stand that have waited. */
export function settleDeferred(db: WriteDb, names: Names): void {
  const isDoubtful = getMeta(db, runKeys.refetch) !== null || doubtful(db).length > 0;
  if (!isDoubtful && !hasUntold(db)) return;
  for (const task of settled(db)) {
    for (const type of sectionsOf(task)) settleAgain(db, names, task, { type, isDeferred: () => false });
  }
}

/** Tasks that have brought all of their records. */
function settled(db: WriteDb, which = '', ...parameters: string[]): SyncTask[] {
  const rows = sql(
    db,
    `SELECT seq FROM sync_task
     WHERE kind IN ('search', 'export') AND state = 'done' AND patients IS NOT NULL ${which}`,
  ).all(...parameters) as { seq: number }[];
  return rows.flatMap(({ seq }) => readTask(db, seq) ?? []);
}

/** Settles a type of those of a task's patients whose section doesn't say that it is whole as of the run's beginning. */
function settleAgain(db: WriteDb, names: Names, task: SyncTask, settling: Omit<Settling, 'asOf'>): void {
  const asOf = getMeta(db, runKeys.startedAt);
  const behind = sql(
    db,
    `SELECT p.id FROM json_each(?) wish JOIN patient p ON p.id = wish.value
     JOIN section_state s ON s.patient = p.pid AND s.type = ? WHERE s.as_of IS NOT ? OR s.state <> 'complete'`,
  ).all(JSON.stringify(task.patients), names.term(settling.type), asOf) as { id: string }[];
  const patients = behind.map(({ id }) => id);
  if (patients.length > 0) settleType(db, names, { ...task, patients }, { ...settling, asOf });
}

function hasUntold(db: WriteDb): boolean {
  const row = sql(
    db,
    `SELECT 1 FROM sync_task WHERE kind = 'sweep' OR (kind = 'history' AND state <> 'done')
     UNION ALL SELECT 1 FROM told LIMIT 1`,
  ).get();
  return row !== undefined;
}

interface Settling {
  readonly type: string;
  readonly asOf: string | null;
  readonly isDeferred: (patientId: string) => boolean;
}

function settleType(db: WriteDb, names: Names, task: SyncTask, { type: typeName, asOf, isDeferred }: Settling): void {
  const type = names.term(typeName);
  const othersOf = otherStates(db, task, typeName);
  for (const id of task.patients ?? []) {
    const states = new Set([task.state, ...othersOf(id)]);
    const pid = names.patient(id);
    if (states.has('pending') && task.state === 'done') {
      if (isDeferred(id)) continue;
      sql(db, `UPDATE section_state SET as_of = ? WHERE patient = ? AND type = ? AND state = 'partial'`).run(
        asOf,
        pid,
        type,
      );
      continue;
    }
    const whole = stateOf(states);
    if (whole === 'complete' && isDeferred(id)) continue;
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
  SELECT p.pid, t.tid, a.state, a.flawed FROM sync_task a, json_each(a.patients) wish
  JOIN patient p ON p.id = wish.value JOIN term t ON t.text = a.resource_type
  WHERE a.kind = 'sweep' AND a.state <> 'pending'`;

/** Of a record that could not be read by its id: its patient's section, or those of all where it isn't here at all. */
const UNREAD = `
  SELECT p.pid, t.tid FROM sync_task a JOIN term t ON t.text = a.resource_type
  LEFT JOIN resource r ON r.type = t.tid
    AND r.key = id_key(substr(a.url, length(a.resource_type) + 2)) AND r.id = substr(a.url, length(a.resource_type) + 2)
  JOIN patient p ON p.panel = 1 AND (r.rid IS NULL OR p.pid = r.patient)
  WHERE a.kind = 'read' AND a.phase = 'check' AND a.state = 'incomplete'`;

/**
 * Where pages moved while they were read and the comparison could not be made, or met what can't be stored, records may be
 * missing: that is a gap, which the next run fetches whole. So it is of a record that the server has and did not give, which
 * the next run asks for.
 */
export function doubtMissing(db: WriteDb): void {
  sql(
    db,
    `UPDATE sync_task SET flawed = 1 WHERE kind = 'sweep' AND state = 'incomplete'
       AND resource_type IN (SELECT value FROM json_each(?))`,
  ).run(JSON.stringify(movedTypes(db)));
  sql(
    db,
    `UPDATE section_state SET state = 'partial' WHERE state = 'complete'
       AND (patient, type) IN (SELECT pid, tid FROM (${COMPARED}) WHERE flawed = 1 UNION ${UNREAD})`,
  ).run();
}

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
     WHERE (patient, type) IN (SELECT pid, tid FROM (${COMPARED}))
       AND (patient, type) NOT IN (SELECT pid, tid FROM (${COMPARED}) WHERE state = 'done')
       AND type NOT IN (SELECT t.tid FROM sync_task a JOIN term t ON t.text = a.resource_type
                        WHERE a.kind = 'history' AND a.state = 'done')`,
  ).run();
}
