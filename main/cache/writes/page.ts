import { startOf } from '../dates.ts';
import { type Facts, factsOf } from '../ingest/facts.ts';
import type { Arrival } from '../ingest/graves.ts';
import type { Names } from '../ingest/names.ts';
import { purgeRecords, removeResource, storeResource } from '../ingest/store.ts';
import type { WriteDb } from '../open.ts';
import type { PageResult, SyncTask, WriteOperations } from '../operations.ts';
import { createSearchIndex } from '../search/index.ts';
import { sql } from '../statements.ts';
import type { LocalChanges } from './local-changes.ts';
import {
  advanceTask,
  beginTask,
  isFlawed,
  markFlawed,
  noteFailure,
  noteServerTime,
  noteTransactionTime,
  pendingTask,
} from './run.ts';
import { beginSection, settleSection, settleTold } from './sections.ts';
import { Touched } from './touched.ts';

type Page = Parameters<WriteOperations['applyPage']>[0];

/** What applying an answer works with. */
export interface Writer {
  readonly db: WriteDb;
  readonly names: Names;
  readonly localChanges: LocalChanges;
}

/** A resource that is not there any longer, as the server tells it. */
export interface Deletion {
  readonly type: string;
  readonly id: string;
  readonly versionId: string;
  /** Server time of the deletion in milliseconds, or of the answer that told of it. */
  readonly at: number | null;
}

/** Stores a page: its resources, what is derived from them, the sections' state and the cursor (design rule 1). */
export function applyPage(writer: Writer, page: Page): PageResult {
  const task = pendingTask(writer.db, page.seq);
  const arrival = beginPage(writer, task, page.serverTime);
  const result = storeAll(writer, page.resources, arrival);
  endPage(writer, task, { rejected: result.rejected, next: page.next });
  return result;
}

/** Notes the time of an answer, and that a section's first page has come. */
export function beginPage({ db, names }: Writer, task: SyncTask, serverTime: string): Arrival {
  noteServerTime(db, serverTime);
  const began = beginTask(db, task.seq, serverTime);
  if (task.next === null) beginSection(db, names, task);
  return { at: startOf(serverTime), began };
}

/** Moves the cursor behind a page, and settles the sections after the last. */
export function endPage(
  { db, names }: Writer,
  task: SyncTask,
  { rejected, next }: { rejected: number; next: string | null },
): void {
  if (rejected > 0) markFlawed(db, task.seq);
  const state = next === null ? (isFlawed(db, task.seq) ? 'incomplete' : 'done') : 'pending';
  advanceTask(db, task.seq, state, next);
  if (state !== 'pending') settleTask(db, names, { ...task, state });
}

/** What a task that has ended says of sections. */
function settleTask(db: WriteDb, names: Names, task: SyncTask): void {
  if (task.kind === 'history' && task.state === 'done') settleTold(db, names, task.resourceType);
  else settleSection(db, names, task);
}

/** The server or the token's scope refused the task's type. */
export function refuseTask({ db, names }: Writer, { seq, serverTime }: { seq: number; serverTime: string }): void {
  const task = pendingTask(db, seq);
  noteServerTime(db, serverTime);
  advanceTask(db, seq, 'refused', null);
  settleSection(db, names, { ...task, state: 'refused' }, serverTime);
}

type Ending = Parameters<WriteOperations['endTask']>[0];

/** Ends a task that is no sequence of pages. */
export function endTask({ db, names }: Writer, { seq, state, flawed = false, transactionTime, failure }: Ending): void {
  const task = pendingTask(db, seq);
  if (flawed) markFlawed(db, seq);
  if (transactionTime !== undefined) noteTransactionTime(db, transactionTime);
  const ended = isFlawed(db, seq) ? 'incomplete' : state;
  advanceTask(db, seq, ended, null);
  if (failure !== undefined) noteFailure(db, seq, failure);
  settleTask(db, names, { ...task, state: ended });
}

/** Stores the resources of a page, but for those that a clinician has changed. */
export function storeAll(
  writer: Writer,
  bodies: readonly string[],
  arrival: Arrival,
  isWanted: (facts: Facts) => boolean = () => true,
): PageResult {
  const { db, names, localChanges } = writer;
  const touched = new Touched();
  const mayHold = !localChanges.isEmpty();
  const counts = { stored: 0, unchanged: 0, rejected: 0 };
  let isNews = false;
  for (const body of inOrder(bodies)) {
    // One after the other: a whole page of parsed resources outlives the young heap, and is copied out of it.
    const facts = factsOf(body);
    if (!facts) counts.rejected += 1;
    if (!facts || facts.type === 'OperationOutcome' || !isWanted(facts)) continue;
    const held = mayHold && localChanges.hold(facts);
    isNews ||= held === 'news';
    const change = held ? 'unchanged' : storeResource(db, names, facts, arrival);
    if (change === 'unchanged') counts.unchanged += 1;
    else counts.stored += 1;
    if (held) touched.saw(facts, names);
    else touched.add(facts, change);
  }
  touched.finish(db, names);
  return { ...counts, patients: touched.ids(db), ...(isNews && { news: true }) };
}

/** Removes what the server has deleted, but for what a clinician has changed: that becomes a conflict. */
export function removeAll(
  { db, names, localChanges }: Writer,
  deletions: readonly Deletion[],
  how: 'deleted' | 'unavailable' = 'deleted',
): { removed: number; patients: string[]; news?: true } {
  const touched = new Touched();
  const mayHold = !localChanges.isEmpty();
  let removed = 0;
  let isNews = false;
  for (const { type, id, versionId, at } of deletions) {
    const unavailable = how === 'unavailable';
    const held = mayHold && localChanges.hold({ type, id, versionId, body: null, unavailable, deletedAt: at });
    isNews ||= held === 'news';
    if (held) continue;
    const change = removeResource(db, names, { type, id }, { how, at });
    if (change === 'unchanged') continue;
    removed += 1;
    touched.add({ type, lastUpdated: null }, change);
  }
  touched.finish(db, names);
  return { removed, patients: touched.ids(db), ...(isNews && { news: true }) };
}

/** Removes everything of patients who have left the panel, but for those of whom a clinician's change is unsent. */
export function purgePatients({ db, names, localChanges }: Writer, patientIds: readonly string[]): string[] {
  const purged = patientIds.filter((id) => {
    const row = sql(db, 'SELECT panel FROM patient WHERE id = ?').get(id) as { panel: number } | undefined;
    return row?.panel === 0 && !localChanges.hasUnsent(id);
  });
  for (const id of purged) purgeRecords(db, names, id);
  // Words of theirs that nothing else uses.
  if (purged.length > 0) createSearchIndex(db, names).sweep();
  return purged;
}

const PATIENT = 'Patient/';

/** The first patient that a text refers to, which nearly always is the one whose record it is. */
function firstPatient(body: string): string {
  const at = body.indexOf(PATIENT);
  return at < 0 ? '' : body.slice(at + PATIENT.length, body.indexOf('"', at));
}

/**
 * By patient, as far as the text tells without being parsed: rows that are read together are then written, and encrypted,
 * together. Those with one patient stay in the server's order, in which equals are shown.
 */
function inOrder(bodies: readonly string[]): readonly string[] {
  const keyed = bodies.map((body) => ({ body, patient: firstPatient(body) }));
  return keyed.sort((a, b) => compare(a.patient, b.patient)).map(({ body }) => body);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
