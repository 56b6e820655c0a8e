import { startOf } from '../dates.ts';
import type { ServerText } from '../operations.ts';
import { isIdentical, placed, printResource, readResource, saysTheSame } from './content.ts';
import { settleAs } from './drop.ts';
import type { Parts } from './follow.ts';
import { mergeDisjoint } from './merge.ts';
import { type Row, updateRow } from './rows.ts';

/** What became of a waiting change that met a newer version of the server. */
export type Meeting = 'merged' | 'settled' | 'conflict';

/**
 * Brings a change that was not sent together with their newer version: merges what merges by itself, settles what both
 * did alike, and leaves the rest to a person. `mayHaveGone`: it may have been taken, and undone by theirs, so that nothing
 * merges by itself.
 */
export function meet(parts: Parts, row: Row, theirs: ServerText, mayHaveGone = false): Meeting {
  const found = compare(parts.neverMerge, row, theirs);
  const outcome = typeof found === 'object' && mayHaveGone ? 'conflict' : found;
  if (outcome === 'settled') settleAs(parts, row, theirs);
  else if (outcome === 'conflict') {
    const { versionId, body } = theirs;
    updateRow(parts.db, row.id, { state: 'conflict', theirsVersion: versionId, theirsBody: body, problem: null });
  } else rebase(parts, row, theirs, outcome);
  return typeof outcome === 'object' ? 'merged' : outcome;
}

/** Makes a change one of their version: `mine` is what the resource is to become. */
export function rebase({ db }: Parts, row: Row, theirs: ServerText, { mine }: { mine: string | null }): void {
  updateRow(db, row.id, {
    state: 'waiting',
    baseVersion: theirs.versionId,
    baseBody: theirs.body,
    mine,
    theirsVersion: null,
    theirsBody: null,
    problem: null,
    attempts: 0,
    sentAfter: null,
  });
}

export type Outcome = { readonly mine: string | null } | 'settled' | 'conflict';

/** What a change and their newer version make: a text that joins both, the same, or a question to a person. */
export function compare(neverMerge: ReadonlySet<string>, row: Row, theirs: ServerText): Outcome {
  if (theirs.body === null) return row.action === 'delete' ? 'settled' : 'conflict';
  if (row.baseBody === null) return 'conflict';
  const [base, server] = [readResource(row.baseBody), readResource(theirs.body)];
  const isUntouched = saysTheSame(base, server);
  if (row.mine === null) return isUntouched ? { mine: null } : 'conflict';
  const mine = readResource(row.mine);
  if (saysTheSame(mine, server)) return 'settled';
  // A new version with nothing new in it, a tag perhaps, is no reason to ask anybody.
  if (neverMerge.has(row.type) && !isUntouched) return 'conflict';
  const merged = mergeDisjoint({ base, mine, theirs: server });
  if (!merged) return 'conflict';
  if (isIdentical(merged, server)) return 'settled';
  return { mine: printResource(placed(merged, row.resource, server)) };
}

/** True where a version is older than another by the server's own times. Version ids are opaque and never ordered. */
export function isOlder(version: ServerText, than: ServerText): boolean {
  const [one, other] = [updatedOf(version), updatedOf(than)];
  return one !== null && other !== null && one < other;
}

function updatedOf({ body }: ServerText): number | null {
  return body === null ? null : startOf(lastUpdatedOf(body));
}

/** `meta.lastUpdated` of a resource's text. */
export function lastUpdatedOf(body: string): string | null {
  const { meta } = JSON.parse(body) as { meta?: { lastUpdated?: unknown } };
  return typeof meta?.lastUpdated === 'string' ? meta.lastUpdated : null;
}

/** The same version: ids are given out again by a server that was restored, so the time belongs to it. */
export function isSameVersion(a: ServerText, b: ServerText): boolean {
  if (a.versionId !== b.versionId || (a.body === null) !== (b.body === null)) return false;
  const [one, other] = [updatedOf(a), updatedOf(b)];
  return one === null || other === null || one === other;
}
