import type { WriteDb } from '../open.ts';
import type { SyncTask } from '../operations.ts';
import { sql } from '../statements.ts';
import { type BringingTask, typesOf } from '../task-types.ts';

/** Numbers of tasks by type, and by the patients of whom they are. */
type TasksOf = Map<string, Map<string, number[]>>;

interface Bringers {
  upTo: number;
  /** Those that bring records. */
  readonly byType: TasksOf;
  /** Those that compare what is here with what the server has. */
  readonly comparing: TasksOf;
  /** Those that tell what was deleted of a type. */
  readonly telling: Map<string, number>;
}

/*
 * Remembered for as long as the tasks stay what they are: a panel of 10,000 patients has tens of thousands, and reading
 * all of them whenever one was done took longer than writing what it had brought.
 */
const known = new WeakMap<WriteDb, Bringers>();

/** The tasks were dropped, or are about other patients than they were, or were never committed. */
export function forgetBringers(db: WriteDb): void {
  known.delete(db);
}

/** Of each patient of a task, the states of the other tasks that bring records of a type of hers. */
export function otherStates(db: WriteDb, task: SyncTask, type: string): (patientId: string) => SyncTask['state'][] {
  const ofType = upToDate(db).byType.get(type);
  const states = new Map<number, SyncTask['state'] | undefined>([[task.seq, undefined]]);
  const stateOf = (seq: number) => {
    if (!states.has(seq)) {
      const row = sql(db, 'SELECT state FROM sync_task WHERE seq = ?').get(seq) as Pick<SyncTask, 'state'> | undefined;
      states.set(seq, row?.state);
    }
    return states.get(seq) ?? [];
  };
  return (patientId) => ofType?.get(patientId)?.flatMap(stateOf) ?? [];
}

/**
 * Of each patient, whether records of a type that were here before the run may be deleted ones for all that it knows: the
 * type's history was not read to its end, or hers are being compared, which ends with the run.
 */
export function mayBeDeleted(db: WriteDb, type: string): (patientId: string) => boolean {
  const { comparing, telling } = upToDate(db);
  const seq = telling.get(type);
  const isUntold =
    seq !== undefined && sql(db, `SELECT 1 FROM sync_task WHERE seq = ? AND state <> 'done'`).get(seq) !== undefined;
  return (patientId) => isUntold || (comparing.get(type)?.has(patientId) ?? false);
}

function upToDate(db: WriteDb): Bringers {
  const bringers = known.get(db) ?? { upTo: 0, byType: new Map(), comparing: new Map(), telling: new Map() };
  known.set(db, bringers);
  const added = sql(
    db,
    'SELECT seq, kind, url, resource_type AS resourceType, patients FROM sync_task WHERE seq > ? ORDER BY seq',
  ).iterate(bringers.upTo) as IterableIterator<BringingTask & { seq: number; patients: string | null }>;
  for (const task of added) {
    const { seq, kind, resourceType } = task;
    bringers.upTo = seq;
    if (kind === 'history') bringers.telling.set(resourceType, seq);
    if (task.patients === null) continue;
    const patients = JSON.parse(task.patients) as string[];
    if (kind === 'sweep') add(bringers.comparing, seq, [resourceType], patients);
    else add(bringers.byType, seq, typesOf(task), patients);
  }
  return bringers;
}

function add(tasks: TasksOf, seq: number, types: readonly string[], patients: readonly string[]): void {
  for (const type of types) {
    const ofType = tasks.get(type) ?? new Map<string, number[]>();
    tasks.set(type, ofType);
    for (const id of patients) {
      const seqs = ofType.get(id);
      if (seqs) seqs.push(seq);
      else ofType.set(id, [seq]);
    }
  }
}
