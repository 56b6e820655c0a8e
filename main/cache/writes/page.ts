import { startOf } from '../dates.ts';
import { type Facts, factsOf } from '../ingest/facts.ts';
import { patientsInHouse, updateLocations } from '../ingest/location.ts';
import type { Names } from '../ingest/names.ts';
import { storeResource } from '../ingest/store.ts';
import type { WriteDb } from '../open.ts';
import type { PageResult, WriteOperations } from '../operations.ts';
import { sql } from '../statements.ts';
import { advanceTask, isFlawed, markFlawed, noteServerTime, pendingTask } from './run.ts';
import { beginSection, settleSection } from './sections.ts';

type Page = Parameters<WriteOperations['applyPage']>[0];

/** Stores a page: its resources, what is derived from them, the sections' state and the cursor (design rule 1). */
export function applyPage(db: WriteDb, names: Names, page: Page): PageResult {
  const task = pendingTask(db, page.seq);
  const startedAt = noteServerTime(db, page.serverTime);
  if (task.next === null) beginSection(db, names, task);
  const result = storeAll(db, names, page.resources);
  if (result.rejected > 0) markFlawed(db, page.seq);
  const state = page.next === null ? (isFlawed(db, page.seq) ? 'incomplete' : 'done') : 'pending';
  advanceTask(db, page.seq, state, page.next);
  if (state !== 'pending') settleSection(db, names, { ...task, state }, startedAt);
  return result;
}

/** The server or the token's scope refused the task's type. */
export function refuseTask(db: WriteDb, names: Names, { seq, serverTime }: { seq: number; serverTime: string }): void {
  const task = pendingTask(db, seq);
  noteServerTime(db, serverTime);
  advanceTask(db, seq, 'refused', null);
  settleSection(db, names, { ...task, state: 'refused' }, serverTime);
}

function storeAll(db: WriteDb, names: Names, bodies: readonly string[]): PageResult {
  const { accepted, rejected } = readAll(bodies);
  const touched = new Touched();
  let unchanged = 0;
  for (const facts of accepted) {
    const change = storeResource(db, names, facts);
    if (change === 'unchanged') unchanged += 1;
    else touched.add(facts, change.patients);
  }
  touched.finish(db, names);
  return { stored: accepted.length - unchanged, unchanged, rejected, patients: touched.ids(db) };
}

/** Entries by patient and type: rows that are read together are then written, and encrypted, together. */
function readAll(bodies: readonly string[]): { accepted: Facts[]; rejected: number } {
  const accepted: Facts[] = [];
  let rejected = 0;
  for (const body of bodies) {
    const facts = factsOf(body);
    if (facts?.type === 'OperationOutcome') continue;
    if (facts) accepted.push(facts);
    else rejected += 1;
  }
  accepted.sort((a, b) => compare(a.patient ?? '', b.patient ?? '') || compare(a.type, b.type));
  return { accepted, rejected };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What a page touched, so that the derived columns of each patient are written once a page. */
class Touched {
  private readonly newest = new Map<number, { time: number; text: string | null }>();
  private readonly moved = new Set<number>();
  private locations = false;

  add(facts: Facts, patients: readonly number[]): void {
    for (const pid of patients) {
      const time = startOf(facts.lastUpdated) ?? Number.NEGATIVE_INFINITY;
      const known = this.newest.get(pid);
      if (!known || time > known.time) this.newest.set(pid, { time, text: facts.lastUpdated });
      if (facts.type === 'Encounter') this.moved.add(pid);
    }
    if (facts.type === 'Location') this.locations = true;
  }

  finish(db: WriteDb, names: Names): void {
    for (const [pid, { time, text }] of this.newest) {
      if (text === null) continue;
      sql(
        db,
        `UPDATE patient SET updated = @time, last_updated = @text
         WHERE pid = @pid AND (updated IS NULL OR updated < @time)`,
      ).run({ time, text, pid });
    }
    updateLocations(db, names, this.locations ? [...this.moved, ...patientsInHouse(db, names)] : this.moved);
  }

  ids(db: WriteDb): string[] {
    return [...this.newest.keys()].map(
      (pid) => (sql(db, 'SELECT id FROM patient WHERE pid = ?').get(pid) as { id: string }).id,
    );
  }
}
