import type { WriteDb } from '../open.ts';
import type { SyncTask } from '../operations.ts';
import { sql } from '../statements.ts';
import { type BringingTask, typesOf } from '../task-types.ts';

/** Numbers of the tasks by type, and by the patients of whom they bring it. */
interface Bringers {
  upTo: number;
  readonly byType: Map<string, Map<string, number[]>>;
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

function upToDate(db: WriteDb): Bringers {
  const bringers = known.get(db) ?? { upTo: 0, byType: new Map() };
  known.set(db, bringers);
  const added = sql(
    db,
    'SELECT seq, kind, url, resource_type AS resourceType, patients FROM sync_task WHERE seq > ? ORDER BY seq',
  ).iterate(bringers.upTo) as IterableIterator<BringingTask & { seq: number; patients: string | null }>;
  for (const task of added) {
    bringers.upTo = task.seq;
    if (task.patients !== null) add(bringers, task.seq, typesOf(task), JSON.parse(task.patients) as string[]);
  }
  return bringers;
}

function add({ byType }: Bringers, seq: number, types: readonly string[], patients: readonly string[]): void {
  for (const type of types) {
    const ofType = byType.get(type) ?? new Map<string, number[]>();
    byType.set(type, ofType);
    for (const id of patients) {
      const tasks = ofType.get(id);
      if (tasks) tasks.push(seq);
      else ofType.set(id, [seq]);
    }
  }
}
