import { type HistoryEntry, readHistory, readSearchset, type SearchsetPage } from '../../fhir/bundle-text.ts';
import { startOf } from '../dates.ts';
import { idKey } from '../id-key.ts';
import { type Facts, factsOf } from '../ingest/facts.ts';
import type { Arrival } from '../ingest/graves.ts';
import { isOnTeam } from '../ingest/store.ts';
import { field, isId, text as textAt } from '../json.ts';
import { keysHeld } from '../keys-held.ts';
import type { WriteDb } from '../open.ts';
import type { Answer, AnswerResult, PageResult, SyncTask, WriteOperations } from '../operations.ts';
import { readVersion } from '../reads/run.ts';
import { sql } from '../statements.ts';
import { compareSweep, type SeenVersion } from './compare.ts';
import { noteMoved } from './moved.ts';
import { beginPage, type Deletion, endPage, removeAll, storeAll, type Writer } from './page.ts';
import { advanceTask, appendTasks, noteFailure, noteServerTime, pendingTask } from './run.ts';

type Applied = PageResult & { removed: number };

const NOTHING: Applied = { stored: 0, unchanged: 0, rejected: 0, patients: [], removed: 0 };

/** What an answer says, read before anything is written of it. */
interface Reading {
  readonly next: string | null;
  apply(writer: Writer, task: SyncTask, arrival: Arrival): Applied;
}

/** Stores what an answer says, as its task takes it, and moves the cursor behind it (design rule 1). */
export function applyText(writer: Writer, answer: Answer): AnswerResult {
  const task = pendingTask(writer.db, answer.seq);
  const reading = readAnswer(task, answer.text);
  const next = reading && nextWithin(reading.next, answer);
  if (!reading || next === undefined) return { kind: 'invalid' };
  const arrival = beginPage(writer, task, answer.serverTime);
  const applied = reading.apply(writer, task, arrival);
  endPage(writer, task, { rejected: applied.rejected, next });
  if (reading === UNUSABLE) noteFailure(writer.db, answer.seq, 'server-answer-invalid');
  if (next === null && task.kind === 'sweep') compareSweep(writer.db, task, arrival.began ?? null);
  return { kind: 'applied', ...applied, next };
}

/** The next link, null where there is none, or undefined where it leads astray: elsewhere, or in a circle. */
function nextWithin(next: string | null, { base, asked }: Answer): string | null | undefined {
  if (next === null) return null;
  if (!URL.canParse(next, base)) return undefined;
  const { href } = new URL(next, base);
  return href.startsWith(base) && !asked.includes(href) && !asked.includes(next) ? next : undefined;
}

function readAnswer(task: SyncTask, text: string): Reading | null {
  try {
    if (task.kind === 'read') return readResource(task, text);
    if (task.kind === 'history') return readDeletions(text);
    const page = readSearchset(text);
    const { resources, next } = page;
    if (task.kind === 'sweep') return { next, apply: (writer, swept) => noteSeen(writer.db, swept, resources) };
    if (task.kind === 'teams') return { next, apply: (writer, asked, at) => applyTeams(writer, asked, page, at) };
    return {
      next,
      apply(writer, searched, arrival) {
        noteTotal(writer.db, searched, page);
        return { ...storeAll(writer, resources, arrival, heeded(writer.db, searched, arrival)), removed: 0 };
      },
    };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * Keeps of the teams that are or were somebody's what says who is on the panel, and what belongs to the charts that are here:
 * a search for them brings those of years ago too, with the names of their patients.
 */
function applyTeams(writer: Writer, task: SyncTask, page: SearchsetPage, arrival: Arrival): Applied {
  const { db } = writer;
  const { resources } = page;
  noteTotal(db, task, page);
  for (const body of resources) note(db, task.seq, seenOf(body));
  const members = new URLSearchParams(task.url.slice(task.url.indexOf('?'))).get('participant')?.split(',') ?? [];
  const heed = heeded(db, task, arrival);
  const isWanted = (facts: Facts) => {
    heed(facts);
    noteOlder(db, facts);
    return (
      facts.type !== 'CareTeam' ||
      facts.subsetted ||
      !isOfStranger(db, facts) ||
      isOnTeam(facts, members, arrival.at) ||
      cachedTime(db, facts) !== undefined
    );
  };
  return { ...storeAll(writer, resources, arrival, isWanted), removed: 0 };
}

/** Whether a record is of a patient who isn't on the panel, and hasn't left it lately either. */
function isOfStranger(db: WriteDb, { patient }: Facts): boolean {
  if (patient === null) return false;
  return !sql(db, 'SELECT 1 FROM patient WHERE id = ? AND (panel = 1 OR left_at IS NOT NULL)').get(patient);
}

/** When the server made the version of a resource that is here; null where it isn't known, undefined where none is. */
function cachedTime(db: WriteDb, { type, id }: Pick<Facts, 'type' | 'id'>): number | null | undefined {
  // A history tells of everybody's records.
  if (!keysHeld(db, 'resource').may(idKey(id))) return undefined;
  const row = sql(
    db,
    `SELECT last_updated AS lastUpdated FROM resource
     WHERE type = (SELECT tid FROM term WHERE text = ?) AND key = ? AND id = ?`,
  ).get(type, idKey(id), id) as { lastUpdated: string | null } | undefined;
  return row && startOf(row.lastUpdated);
}

/**
 * An older version doesn't take the place of the one that is here, so that a server which was restored could never say
 * again who is on the panel: the run asks it whether it remembers the newer one.
 */
function noteOlder(db: WriteDb, facts: Facts): void {
  const [theirs, ours] = [startOf(facts.lastUpdated), cachedTime(db, facts) ?? null];
  if (theirs === null || ours === null || theirs >= ours) return;
  sql(
    db,
    `INSERT OR IGNORE INTO difference (type, id, why) VALUES ((SELECT tid FROM term WHERE text = ?), ?, 'older')`,
  ).run(facts.type, facts.id);
}

/** A record that was filed on another patient since, who is not the clinician's: what was changed of it here is in doubt. */
function dropStrangers(writer: Writer, facts: Facts, at: number | null): Applied {
  const { type, id, versionId } = facts;
  const held = !writer.localChanges.isEmpty() && writer.localChanges.hold(facts);
  if (held) return { ...NOTHING, unchanged: 1, ...(held === 'news' && { news: true }) };
  return { ...NOTHING, ...removeAll(writer, [{ type, id, versionId, at }], 'unavailable') };
}

/**
 * Keeps whatever a search brings, and heeds what that tells: of a record of which only a part came (`SUBSETTED`), the
 * whole is asked for by its id. One on a later page that was written since the search began has moved there, as the
 * oldest come first; where a server counts its pages, another one has moved from this page to one that was read.
 */
function heeded(db: WriteDb, { next, resourceType }: SyncTask, { began = null }: Arrival): (facts: Facts) => boolean {
  const isLater = next !== null && began !== null;
  let hasMoved = false;
  return ({ subsetted, type, id, lastUpdated }) => {
    if (subsetted) readAgain(db, type, id);
    if (isLater && !hasMoved && (startOf(lastUpdated) ?? began - 1) >= began) {
      hasMoved = true;
      noteMoved(db, resourceType);
    }
    return true;
  };
}

/**
 * A later page that says that fewer are found than the first did: one was deleted meanwhile, and where the server counts its
 * pages, what followed has moved up, and the first of this page to one that was read.
 */
function noteTotal(db: WriteDb, { seq, next, resourceType }: SyncTask, page: SearchsetPage): void {
  if (page.total === null) return;
  if (next === null) {
    if (page.next !== null) sql(db, 'UPDATE sync_task SET total = ? WHERE seq = ?').run(page.total, seq);
    return;
  }
  const row = sql(db, 'SELECT 1 FROM sync_task WHERE seq = ? AND total > ?').get(seq, page.total);
  if (row !== undefined) noteMoved(db, resourceType);
}

/**
 * The answer to a read by id is that resource, and no other. One that is none ends the task without it, which the end of
 * the run tells: it may be so each time, and must not keep the others from being asked for. Only what says who is on the
 * panel is waited for.
 */
function readResource(task: SyncTask, text: string): Reading | null {
  const facts = factsOf(text);
  if (!facts || `${facts.type}/${facts.id}` !== task.url) return listsPatients(task) ? null : UNUSABLE;
  return {
    next: null,
    apply(writer, { phase }, { at }) {
      // A team is asked for to learn whether its patient is one.
      const isRecord = phase === 'check' && facts.type !== 'CareTeam';
      if (isRecord && isOfStranger(writer.db, facts)) return dropStrangers(writer, facts, at);
      if (phase === 'panel') noteOlder(writer.db, facts);
      // What is read by its id is there, whatever was thought of it before.
      return { ...storeAll(writer, [text], { at, began: Number.POSITIVE_INFINITY }), removed: 0 };
    },
  };
}

const UNUSABLE: Reading = { next: null, apply: () => ({ ...NOTHING, rejected: 1 }) };

function listsPatients({ resourceType }: SyncTask): boolean {
  return resourceType === 'Group' || resourceType === 'List';
}

function readDeletions(text: string): Reading {
  const { entries, next } = readHistory(text);
  return { next, apply: (writer, task) => applyHistory(writer, task, entries) };
}

/** The newest entry of a resource comes first, and tells whether it is there (R4 http.html#history). */
function applyHistory(writer: Writer, task: SyncTask, entries: readonly HistoryEntry[]): Applied {
  const { db } = writer;
  const deletions: Deletion[] = [];
  for (const { id, method, lastModified, versionId } of entries) {
    if (id === null || !isId(id)) continue;
    const isFirst = note(db, task.seq, { id, versionId, updated: startOf(lastModified) });
    if (!isFirst) continue;
    const at = startOf(lastModified);
    if (method !== 'DELETE') noteTold(db, task.resourceType, { id, versionId, at });
    else if (isNewer(db, task.resourceType, id, at)) readLater(db, task.resourceType, id);
    else deletions.push({ type: task.resourceType, id, versionId, at });
  }
  return { ...NOTHING, ...removeAll(writer, deletions) };
}

/**
 * Of a record that is here, a version that isn't. It may be filed on another patient by now, so that no search for those of
 * the panel brings it.
 */
function noteTold(
  db: WriteDb,
  type: string,
  { id, versionId, at }: { id: string; versionId: string; at: number | null },
): void {
  const updated = cachedTime(db, { type, id }) ?? null;
  if (at === null || updated === null || at <= updated) return;
  if (versionId !== '' && readVersion(db, type, id) === versionId) return;
  waitFor(db, type, id, at);
}

/** It may be deleted: what its section says waits until it was read. */
function readLater(db: WriteDb, type: string, id: string): void {
  readAgain(db, type, id);
  waitFor(db, type, id, (cachedTime(db, { type, id }) ?? 0) + 1);
}

/** Its section waits for a version of a time, in milliseconds. */
function waitFor(db: WriteDb, type: string, id: string, updated: number): void {
  sql(
    db,
    `INSERT INTO told (type, id, updated) VALUES ((SELECT tid FROM term WHERE text = ?), ?, ?)
     ON CONFLICT DO UPDATE SET updated = max(updated, excluded.updated)`,
  ).run(type, id, updated);
}

/** True where the cache has a version that was written after the deletion, or it can't be told. */
function isNewer(db: WriteDb, type: string, id: string, deleted: number | null): boolean {
  const updated = cachedTime(db, { type, id });
  if (updated === undefined) return false;
  return deleted === null || updated === null || updated > deleted;
}

function readAgain(db: WriteDb, type: string, id: string): void {
  appendTasks(db, [
    { label: 'Changes', resourceType: type, url: `${type}/${id}`, patients: null, kind: 'read', phase: 'check' },
  ]);
}

function noteSeen(db: WriteDb, { seq, resourceType }: SyncTask, resources: readonly string[]): Applied {
  let rejected = 0;
  for (const body of resources) {
    const seen = seenOf(body);
    if (seen && seen.type === resourceType) note(db, seq, seen);
    else if (seen?.type !== 'OperationOutcome') rejected += 1;
  }
  return { ...NOTHING, rejected };
}

/** The version of an entry; null where it is none that could be stored. */
function seenOf(body: string): (SeenVersion & { type: string }) | null {
  const resource = parsed(body);
  const id = field(resource, 'id');
  if (!isId(id)) return null;
  return {
    type: String(field(resource, 'resourceType')),
    id,
    versionId: textAt(resource, 'meta', 'versionId') ?? '',
    updated: startOf(field(resource, 'meta', 'lastUpdated')),
  };
}

/** Undefined where it is no JSON: one broken record says nothing of the others on its page. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Notes a version of a resource; false where one was noted before. */
function note(db: WriteDb, seq: number, seen: SeenVersion | null): boolean {
  if (!seen) return false;
  const { id, versionId, updated } = seen;
  const done = sql(db, 'INSERT OR IGNORE INTO seen (seq, id, version_id, updated) VALUES (?, ?, ?, ?)').run(
    seq,
    id,
    versionId,
    updated,
  );
  return done.changes > 0;
}

/** A read by id found nothing: the resource is removed, unless a clinician has changed it. */
export function applyGone(
  writer: Writer,
  { seq, how, serverTime }: Parameters<WriteOperations['applyGone']>[0],
): Applied {
  const { db } = writer;
  const task = pendingTask(db, seq);
  noteServerTime(db, serverTime);
  advanceTask(db, seq, 'done', null);
  const id = task.url.slice(task.resourceType.length + 1);
  const deletion = { type: task.resourceType, id, versionId: '', at: startOf(serverTime) };
  return { ...NOTHING, ...removeAll(writer, [deletion], how === 'gone' ? 'deleted' : 'unavailable') };
}
