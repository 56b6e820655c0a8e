import { localState, setLocal } from '../ingest/store.ts';
import type { ServerText } from '../operations.ts';
import type { LocalChanges, ServerVersion } from '../writes/local-changes.ts';
import { identifiersOf, readResource, saysTheSame } from './content.ts';
import type { Parts } from './follow.ts';
import { compare, isOlder, isSameVersion } from './meet.ts';
import { deleteRow, hasRows, isEmpty, openRows, type Row, theirsOf, updateRow } from './rows.ts';

/**
 * What the download asks before it stores or removes a resource. Called within the cache's transaction: it writes to
 * the outbox, which commits first, and of the cache only the mark of a row.
 */
export function createLocalChanges(parts: Parts): LocalChanges {
  return {
    isEmpty: () => isEmpty(parts.db),
    hold: (server) => hold(parts, server),
    hasUnsent: (patientId) => hasRows(parts.db, patientId),
  };
}

function hold(parts: Parts, server: ServerVersion): boolean | 'news' {
  const [row] = openRows(parts.db, server.type, server.id);
  if (!row) return isBeingCreated(parts, server);
  // What the server left out would be deleted by an update that is made of the rest; the whole is read by its id. And
  // what may not be read is not known to be deleted.
  if (server.subsetted || server.unavailable) return true;
  if (row.state === 'sending') keepWhileSending(parts, row, server);
  else if (isNews(row, server)) keepNews(parts, row, server);
  const [now] = openRows(parts.db, server.type, server.id);
  // Settled by this: the cache takes it as any other version.
  if (!now) return false;
  if (now.state === 'conflict') setLocal(parts.cache, server.type, server.id, localState.conflict);
  else if (row.state === 'conflict') setLocal(parts.cache, server.type, server.id, localState.waiting);
  const isOther = now.theirsBody !== row.theirsBody || now.theirsVersion !== row.theirsVersion;
  return isOther || now.state !== row.state ? 'news' : true;
}

/**
 * What was created here and whose answer was lost comes back under the server's id. It is kept out of the cache until
 * the upload has found out, so that the chart doesn't show it twice, and is kept for the case that the create is
 * withdrawn.
 */
function isBeingCreated({ db }: Parts, { type, versionId, body }: ServerVersion): boolean {
  if (!body?.includes('urn:uuid:')) return false;
  const creates = identifiersOf(JSON.parse(body)).flatMap((id) => openRows(db, type, id)[0] ?? []);
  const row = creates.find(({ action }) => action === 'create');
  if (!row) return false;
  const known = theirsOf(row);
  if (!known || !isOlder({ versionId, body }, known)) {
    updateRow(db, row.id, { theirsVersion: versionId, theirsBody: body });
  }
  return true;
}

/** Until the outcome is known, a version may be the change's own. */
function keepWhileSending(parts: Parts, row: Row, server: ServerVersion): void {
  const isOurs =
    server.body !== null && row.mine !== null && saysTheSame(readResource(row.mine), readResource(server.body));
  if (isOurs || !isNews(row, server)) return;
  updateRow(parts.db, row.id, theirsAs(server));
}

/** Their version as a row keeps it, with the time of a deletion. */
function theirsAs({ versionId, body, deletedAt }: ServerVersion) {
  const isTimed = body === null && typeof deletedAt === 'number';
  const finalAt = isTimed ? new Date(deletedAt).toISOString() : null;
  return { theirsVersion: versionId, theirsBody: body, finalAt };
}

function isNews(row: Row, server: ServerText): boolean {
  const base: ServerText = { versionId: row.baseVersion ?? '', body: row.baseBody };
  const known = theirsOf(row);
  // What a server that was restored has may be older, and is news: what was known of it before is forgotten.
  if (row.doubted === 1) return !isSameVersion(server, known ?? base);
  if (isSameVersion(server, base) || isOlder(server, base)) return false;
  return !known || !(isSameVersion(server, known) || isOlder(server, known));
}

/** Merging waits until the change is sent; that a person has to decide is told at once. */
function keepNews({ db, neverMerge }: Parts, row: Row, server: ServerVersion): void {
  if (server.body === null && row.action === 'delete') {
    // Deleted by both: the download applies it.
    deleteRow(db, row.id);
    return;
  }
  // A conflict with a version that a restored server has forgotten is none any longer.
  const isOpen = row.state === 'waiting' || (row.state === 'conflict' && row.doubted === 1);
  const isConflict = isOpen && compare(neverMerge, row, server) === 'conflict';
  const state = isConflict ? 'conflict' : isOpen ? 'waiting' : row.state;
  // What it tells now is what the server has since the reset.
  updateRow(db, row.id, { ...theirsAs(server), state, doubted: 0 });
}
