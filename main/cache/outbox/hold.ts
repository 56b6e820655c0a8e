import { localState, setLocal } from '../ingest/store.ts';
import type { ServerText } from '../operations.ts';
import type { LocalChanges, ServerVersion } from '../writes/local-changes.ts';
import { identifiersOf, readResource, saysTheSame } from './content.ts';
import type { Parts } from './follow.ts';
import { compare, isOlder, isSameVersion } from './meet.ts';
import { deleteRow, hasOpenRows, isEmpty, openRows, type Row, theirsOf, updateRow } from './rows.ts';

/**
 * What the download asks before it stores or removes a resource. Called within the cache's transaction: it writes to
 * the outbox, which commits first, and of the cache only the mark of a row.
 */
export function createLocalChanges(parts: Parts): LocalChanges {
  return {
    hold: (server) => hold(parts, server),
    hasUnsent: (patientId) => hasOpenRows(parts.db, patientId),
  };
}

function hold(parts: Parts, server: ServerVersion): boolean {
  // Asked for each resource of a first sync, when there is nothing to hold.
  if (isEmpty(parts.db)) return false;
  const [row] = openRows(parts.db, server.type, server.id);
  if (!row) return isBeingCreated(parts, server);
  if (row.state === 'sending') keepWhileSending(parts, row, server);
  else if (isNews(row, server)) keepNews(parts, row, server);
  const [now] = openRows(parts.db, server.type, server.id);
  // Settled by this: the cache takes it as any other version.
  if (!now) return false;
  if (now.state === 'conflict') setLocal(parts.cache, server.type, server.id, localState.conflict);
  return true;
}

/**
 * What was created here and whose answer was lost comes back under the server's id. It is kept out of the cache until
 * the upload has found out, so that the chart doesn't show it twice.
 */
function isBeingCreated({ db }: Parts, { type, body }: ServerVersion): boolean {
  if (!body?.includes('urn:uuid:')) return false;
  return identifiersOf(JSON.parse(body)).some((id) => openRows(db, type, id)[0]?.action === 'create');
}

/** Until the outcome is known, a version may be the change's own. */
function keepWhileSending(parts: Parts, row: Row, server: ServerVersion): void {
  const isOurs =
    server.body !== null && row.mine !== null && saysTheSame(readResource(row.mine), readResource(server.body));
  if (isOurs || !isNews(row, server)) return;
  updateRow(parts.db, row.id, { theirsVersion: server.versionId, theirsBody: server.body });
}

function isNews(row: Row, server: ServerText): boolean {
  const base: ServerText = { versionId: row.baseVersion ?? '', body: row.baseBody };
  const known = theirsOf(row);
  if (isSameVersion(server, base)) return false;
  // What a server that was restored has is older, and news.
  if (row.doubted === 0 && isOlder(server, base)) return false;
  return !known || !(isSameVersion(server, known) || isOlder(server, known));
}

/** Merging waits until the change is sent; that a person has to decide is told at once. */
function keepNews({ db, neverMerge }: Parts, row: Row, server: ServerVersion): void {
  if (server.body === null && row.action === 'delete') {
    // Deleted by both: the download applies it.
    deleteRow(db, row.id);
    return;
  }
  const { versionId, body } = server;
  const isConflict = row.state === 'waiting' && compare(neverMerge, row, server) === 'conflict';
  const state = isConflict ? 'conflict' : row.state;
  updateRow(db, row.id, { theirsVersion: versionId, theirsBody: body, state });
}
