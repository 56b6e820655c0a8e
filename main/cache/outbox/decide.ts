import type { Result } from '../../../preload/contract/channel.ts';
import type { Choice, Resolution } from '../../../preload/contract/sync.ts';
import { factsOf } from '../ingest/facts.ts';
import type { MergeAsked, OutboxOperations, ServerText, Touched } from '../operations.ts';
import { tokenOf } from './conflict.ts';
import {
  identified,
  isIdentical,
  type JsonObject,
  placed,
  printResource,
  readResource,
  withReferences,
} from './content.ts';
import { dropNeverSent, serverOf, settleAs } from './drop.ts';
import { follow, type Key, type Parts } from './follow.ts';
import { rebase } from './meet.ts';
import { isEntwined, merge } from './merge.ts';
import { deleteRow, insertRow, isUncertain, openRows, type Row, rowById, theirsOf, updateRow } from './rows.ts';
import { isCreatable } from './types.ts';

type Decided<Code extends string> = Result<Touched, Code>;

function refused<Code extends string>(code: Code): { ok: false; error: { code: Code } } {
  return { ok: false, error: { code } };
}

/**
 * Decides a conflict, as far as it is the one that was seen. Their version may be older than what the server has by now:
 * then it conflicts again.
 */
export function resolveConflict(
  parts: Parts,
  { id, token, resolution, provenance = null }: Parameters<OutboxOperations['resolve']>[0],
): Decided<'not-found' | 'not-mergeable' | 'conflict-changed'> {
  const found = rowById(parts.db, id);
  const theirs = found && theirsOf(found);
  if (found?.state !== 'conflict' || !theirs) return refused('not-found');
  if (tokenOf(found) !== token) return refused('conflict-changed');
  const row = { ...found, provenance: provenance ?? found.provenance };
  const decide = parts.db.transaction(() => {
    const decided = apply(parts, row, theirs, resolution);
    // Who has decided is who answers for it from now on.
    if (decided) updateRow(parts.db, id, { provenance: row.provenance });
    return decided;
  });
  const key = decide.immediate();
  return key ? { ok: true, value: { patients: follow(parts, [row, key]) } } : refused('not-mergeable');
}

/** Where the record is now; null where the resolution can't be applied. */
function apply(parts: Parts, row: Row, theirs: ServerText, resolution: Resolution): Key | null {
  if (resolution.kind === 'theirs') {
    settleAs(parts, row, theirs);
    return row;
  }
  if (resolution.kind === 'mine') return theirs.body === null ? createAnew(parts, row) : putOnTop(parts, row, theirs);
  const merged = mergedBy(parts, row, theirs, resolution.choices);
  if (!merged || theirs.body === null) return null;
  keepMerged(parts, row, theirs, readResource(theirs.body), merged);
  return row;
}

type Choices = Readonly<Record<string, Choice>>;

/** What choices make of a conflict; null where they make nothing that could be kept. */
function mergedBy({ neverMerge }: Parts, row: Row, theirs: ServerText, choices: Choices): JsonObject | null {
  if (row.mine === null || row.baseBody === null || theirs.body === null) return null;
  const [base, mine, server] = [readResource(row.baseBody), readResource(row.mine), readResource(theirs.body)];
  const choose = (path: string) => (Object.hasOwn(choices, path) ? choices[path] : undefined);
  const versions = { base, mine, theirs: server };
  const merged = merge(versions, choose, { all: neverMerge.has(row.type) || isEntwined(versions) });
  return merged && !isOfAnother(row, merged) ? merged : null;
}

/** What a merge would be sent as, before it is decided; null where the conflict or the choices aren't good any more. */
export function mergeOf(parts: Parts, { id, token, choices }: MergeAsked): { body: string; theirs: string } | null {
  const row = rowById(parts.db, id);
  const theirs = row && theirsOf(row);
  if (row?.state !== 'conflict' || !theirs?.body || tokenOf(row) !== token) return null;
  const merged = mergedBy(parts, row, theirs, choices);
  if (!merged) return null;
  return { body: printResource(placed(merged, row.resource, readResource(theirs.body))), theirs: theirs.body };
}

/** The text would go into another patient's chart than the one in which it was written. */
function isOfAnother({ patient }: Row, merged: JsonObject): boolean {
  const facts = factsOf(printResource(merged));
  return facts?.patient !== null && facts?.patient !== patient;
}

function putOnTop(parts: Parts, row: Row, theirs: ServerText): Key {
  const server = readResource(theirs.body ?? '');
  if (row.mine === null) rebase(parts, row, theirs, { mine: null });
  else keepMerged(parts, row, theirs, server, { ...readResource(row.mine), ...(server.meta && { meta: server.meta }) });
  return row;
}

function keepMerged(parts: Parts, row: Row, theirs: ServerText, server: JsonObject, merged: JsonObject): void {
  const text = placed(merged, row.resource, server);
  if (isIdentical(text, server)) settleAs(parts, row, theirs);
  else rebase(parts, row, theirs, { mine: printResource(text) });
}

/**
 * What the server has deleted is no version that an update could name, so what the clinician keeps becomes a resource
 * of its own. This row leaves the deletion to the cache.
 */
function createAnew(parts: Parts, row: Row): Key | null {
  if (row.mine === null || !isCreatable(row.type)) return null;
  const { patient, type, title, author, changedAt } = row;
  const resource = parts.newId();
  const provenance = row.provenance && aboutAnother(row.provenance, row, resource);
  const mine = printResource(identified(placed(readResource(row.mine), resource, null), resource));
  const version = { baseVersion: null, baseBody: null, mine, provenance };
  settleAs(parts, row, theirsOf(row));
  const head = { id: parts.newId(), patient, type, resource, action: 'create' as const, title, author, changedAt };
  insertRow(parts.db, { ...head, ...version });
  return { type, resource };
}

/** A Provenance that tells of a record under another id. */
function aboutAnother(provenance: string, { type, resource }: Key, id: string): string {
  const change = (reference: string) => (reference === `${type}/${resource}` ? `${type}/${id}` : undefined);
  return printResource(withReferences(readResource(provenance), change));
}

/** Lets a parked change go with the next upload, as it is. */
export function retryChange(parts: Parts, { id }: { id: string }): Decided<'not-found'> {
  const row = rowById(parts.db, id);
  if (row?.state !== 'parked') return refused('not-found');
  // What may have been taken is asked for first.
  if (isUncertain(row)) updateRow(parts.db, id, { state: 'sending', problem: null });
  else updateRow(parts.db, id, { state: 'waiting', problem: null, attempts: 0, sentAfter: null });
  return { ok: true, value: { patients: follow(parts, [row]) } };
}

/** Takes an unsent change back: the cache has again what the server has. */
export function withdrawChange(parts: Parts, { id }: { id: string }): Decided<'not-found' | 'being-sent'> {
  const row = rowById(parts.db, id);
  if (!row || row.state === 'acknowledged' || row.state === 'withdrawn') return refused('not-found');
  if (row.state === 'sending') return refused('being-sent');
  parts.db.transaction(() => takeBack(parts, row)).immediate();
  return { ok: true, value: { patients: follow(parts, [row]) } };
}

function takeBack(parts: Parts, row: Row): void {
  const [first, ...later] = openRows(parts.db, row.type, row.resource);
  // An edit of what is being sent: that one stays, and is shown again.
  if (first && first.id !== row.id) {
    deleteRow(parts.db, row.id);
    return;
  }
  // Edits of what is taken back have nothing left that they could change.
  for (const { id } of later) deleteRow(parts.db, id);
  if (row.action === 'create') dropNeverSent(parts, row);
  else settleAs(parts, row, serverOf(row));
}
