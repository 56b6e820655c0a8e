import { field, isId } from '../json.ts';
import type {
  Acknowledgement,
  OutboxOperations,
  Problem,
  QueuedChange,
  SentChange,
  ServerText,
  Touched,
} from '../operations.ts';
import { attest } from './attest.ts';
import {
  forSending,
  identifierToken,
  isPartial,
  type JsonObject,
  knownBy,
  placed,
  printResource,
  readResource,
  saysTheSame,
  withReferences,
} from './content.ts';
import { collapse, isDangling, isReferenceTo, mentioned, parkDangling, refersTo } from './drop.ts';
import { follow, type Key, type Parts } from './follow.ts';
import { isOlder, lastUpdatedOf, meet } from './meet.ts';
import { differences } from './merge.ts';
import {
  allOpenRows,
  keepAlias,
  keepOwnVersion,
  openRows,
  type Row,
  rowById,
  rowsMentioning,
  theirsOf,
  UNCERTAIN,
  updateRow,
} from './rows.ts';
import { heldDocuments, settleTransfer } from './transfer-rows.ts';

const keysOf = (rows: readonly Row[]): Key[] => rows.map(({ type, resource }) => ({ type, resource }));

/**
 * What can be sent. Newer versions that the download saw are met first. The record of a file waits until the file is
 * stored: it is to say where.
 */
export function queue(parts: Parts): QueuedChange[] {
  meetWaiting(parts);
  parkAllDangling(
    parts,
    allOpenRows(parts.db).filter(({ state }) => state === 'waiting'),
  );
  const rows = allOpenRows(parts.db);
  const held = heldDocuments(parts.db);
  const creates = new Map(rows.flatMap((row) => (row.action === 'create' ? [[row.resource, row] as const] : [])));
  return rows
    .filter((row) => isSendable(row, rows) && !(row.state === 'waiting' && isHeld(row, held)))
    .flatMap((row) => readable(parts, row, () => queued(row, creates)) ?? []);
}

/** A text of one change that can't be read holds up no other: a person has to look at it. */
function readable<Value>(parts: Parts, { id }: Row, read: () => Value): Value | null {
  try {
    return parts.db.transaction(read)();
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    updateRow(parts.db, id, { state: 'parked', problem: JSON.stringify(unreadable) });
    return null;
  }
}

const unreadable: Problem = {
  code: 'unreadable',
  lines: ['A text of the record can’t be read, so that it can’t be put together with what the server has.'],
};

function meetWaiting(parts: Parts): void {
  const met = parts.db
    .transaction(() => {
      const rows = allOpenRows(parts.db).filter(({ state }) => state === 'waiting');
      return rows.filter((row) => {
        const theirs = theirsOf(row);
        if (theirs && row.baseVersion !== null) readable(parts, row, () => meet(parts, row, theirs));
        return theirs !== null;
      });
    })
    .immediate();
  if (met.length > 0) follow(parts, keysOf(met));
}

/**
 * What refers to a create that was withdrawn waits for a person, also where it was itself in conflict or parked when that
 * was withdrawn.
 */
function parkAllDangling(parts: Parts, rows: readonly Row[]): void {
  const dangling = rows.filter((row) => readable(parts, row, () => isDangling(parts, row)) === true);
  if (dangling.length === 0) return;
  parts.db
    .transaction(() => {
      for (const row of dangling) parkDangling(parts, row);
    })
    .immediate();
  follow(parts, keysOf(dangling));
}

function isSendable({ state, type, resource, sequence }: Row, rows: readonly Row[]): boolean {
  if (state !== 'waiting' && state !== 'sending') return false;
  return !rows.some((one) => one.type === type && one.resource === resource && one.sequence < sequence);
}

function isHeld({ type, resource }: Row, held: ReadonlySet<string>): boolean {
  return type === 'DocumentReference' && held.has(resource);
}

function queued(row: Row, creates: ReadonlyMap<string, Row>): QueuedChange {
  return {
    id: row.id,
    sequence: row.sequence,
    patientId: row.patient,
    type: row.type,
    resourceId: row.resource,
    action: row.action,
    state: row.state === 'sending' || row.doubted === 1 ? 'sending' : 'waiting',
    attempts: row.attempts,
    size: row.mine?.length ?? 0,
    needs: needsOf(row, creates),
    baseVersionId: row.baseVersion,
    baseUpdated: row.baseBody === null ? null : lastUpdatedOf(row.baseBody),
    identifier: row.action === 'create' ? identifierToken(row.resource) : null,
    knownBy: knownBy(row.type),
    sentAfter: row.sentAfter,
    seenAs: seenAs(row),
  };
}

/** A server that was reset has forgotten what it was seen to have: that says nothing any longer. */
function seenAs(row: Row): string | null {
  if (row.action !== 'create' || row.state !== 'sending' || row.doubted === 1) return null;
  const id = field(JSON.parse(theirsOf(row)?.body ?? 'null'), 'id');
  return isId(id) ? id : null;
}

/** Unsent creates that a change refers to. */
function needsOf(row: Row, creates: ReadonlyMap<string, Row>): string[] {
  return mentioned(row).flatMap((uuid) => {
    const create = creates.get(uuid);
    return create && create.id !== row.id && refersTo(row, create) ? [create.id] : [];
  });
}

/** Marks changes as being sent. Durable before it answers: whatever happens next, the outcome will be asked for. */
export function begin(parts: Parts, { ids, serverTime }: Parameters<OutboxOperations['begin']>[0]): SentChange[] {
  const byId = () => ids.flatMap((id) => rowById(parts.db, id) ?? []);
  // One that was sent beside such a create is in doubt still where it is queued.
  parkAllDangling(parts, byId());
  // Meanwhile one may have been withdrawn, or been found to conflict.
  const rows = byId().filter(({ state }) => state === 'waiting' || state === 'sending');
  parts.db
    .transaction(() => {
      for (const { id, attempts, sentAfter } of rows) {
        const change = { attempts: attempts + 1, sentAfter: sentAfter ?? serverTime };
        updateRow(parts.db, id, { state: 'sending', doubted: 0, ...change });
      }
    })
    .immediate();
  // Not the client's identifier: a server may replace the full url wherever it finds it, in values of strings too.
  const urls = new Map(
    rows.filter(({ action }) => action === 'create').map((row) => [row, `urn:uuid:${parts.newId()}`]),
  );
  return rows.map((row) => sent(row, urls));
}

function sent(row: Row, urls: ReadonlyMap<Row, string>): SentChange {
  return {
    id: row.id,
    type: row.type,
    resourceId: row.resource,
    action: row.action,
    baseVersionId: row.baseVersion,
    fullUrl: urls.get(row) ?? null,
    identifier: row.action === 'create' ? identifierToken(row.resource) : null,
    knownBy: knownBy(row.type),
    body: row.mine === null ? null : wireText(row, urls),
  };
}

/** A change as it is sent; `urls` are those of the creates that go with it. */
export function wireText({ mine, action }: Row, urls: ReadonlyMap<Row, string>): string {
  const resource = withReferences(readResource(mine ?? ''), (reference) => {
    for (const [create, url] of urls) if (isReferenceTo(reference, create)) return url;
    return undefined;
  });
  return printResource(forSending(resource, action === 'create'));
}

/** What is marked as being sent waits again: an edit may change it now. */
export function release(parts: Parts, { ids }: { ids: readonly string[] }): void {
  const rows = ids.flatMap((id) => rowById(parts.db, id) ?? []);
  const marked = rows.filter(({ state }) => state === 'sending');
  parts.db
    .transaction(() => {
      for (const row of marked) {
        updateRow(parts.db, row.id, { state: 'waiting', sentAfter: null });
        collapse(parts, row);
      }
    })
    .immediate();
  follow(parts, keysOf(marked));
}

export function match(parts: Parts, { id, versions }: Parameters<OutboxOperations['match']>[0]): number {
  const row = rowById(parts.db, id);
  if (!row) return -1;
  if (row.mine === null) return versions.indexOf(null);
  const mine = readResource(row.mine);
  return versions.findIndex((version) => {
    if (version === null) return false;
    const server = readResource(version);
    // What a part says is no more than a part of it.
    return !isPartial(server) && saysTheSame(mine, server);
  });
}

/** Records that the server has taken changes, durably; then the cache follows. */
export function acknowledge(parts: Parts, { changes }: { changes: readonly Acknowledgement[] }): Touched {
  const keys = parts.db
    .transaction(() =>
      changes.flatMap((change) => {
        const row = rowById(parts.db, change.id);
        return row ? taken(parts, row, wholeOf(row, change)) : [];
      }),
    )
    .immediate();
  return { patients: follow(parts, keys) };
}

/** Of a version of which the server has given a part only, the whole is what was sent, or isn't known. */
function wholeOf(row: Row, change: Acknowledgement): Acknowledgement {
  const { own, current, resourceId } = change;
  const isPart = (version: ServerText | null) => version?.body != null && isPartial(readResource(version.body));
  const sentAs = ({ versionId, body }: ServerText): ServerText => {
    const text = row.mine && placed(readResource(row.mine), resourceId, readResource(body ?? ''));
    return { versionId, body: text && printResource(text) };
  };
  return {
    ...change,
    own: own && isPart(own) ? sentAs(own) : own,
    current: isPart(current) ? null : current,
  };
}

function taken(parts: Parts, row: Row, { resourceId, own, current, serverTime }: Acknowledgement): Key[] {
  const { db } = parts;
  const newest = newestOf(row, own, current) ?? asSent(row, resourceId);
  updateRow(db, row.id, {
    state: 'acknowledged',
    finalResource: resourceId,
    finalVersion: newest?.versionId ?? null,
    finalBody: newest?.body ?? null,
    finalAt: serverTime,
  });
  settleTransfer(db, row, 'sent');
  if (own) keepOwnVersion(db, row.type, resourceId, row.baseVersion ?? '', own.versionId);
  const renamed = row.action === 'create' && resourceId !== row.resource ? rename(parts, row, resourceId) : [];
  attest(parts, row);
  const later = openRows(db, row.type, row.resource).find(({ sequence }) => sequence > row.sequence);
  if (later) continueOn(parts, row, later, resourceId, own, newest);
  return [...renamed, { type: row.type, resource: resourceId }];
}

/** Taken, but not to be read: what was sent is all that is known of it. */
function asSent({ mine }: Row, resource: string): ServerText | null {
  return mine === null ? null : { versionId: '', body: printResource(placed(readResource(mine), resource, null)) };
}

/** The newest version that is known: the download may have seen one while the change was on its way. */
function newestOf(row: Row, own: ServerText | null, current: ServerText | null): ServerText | null {
  const answered = current ?? own;
  const seen = theirsOf(row);
  if (!seen || seen.versionId === own?.versionId) return answered;
  if (seen.body !== null && isPartial(readResource(seen.body))) return answered;
  // A deletion has no time to compare by; what was just read is later than what the download saw.
  if (seen.body === null) return current ?? seen;
  return answered && isOlder(answered, seen) ? seen : answered;
}

/** The server has given the resource another id: what refers to it follows. */
function rename(parts: Parts, { type, resource, id }: Row, server: string): Key[] {
  keepAlias(parts.db, type, resource, server);
  const change = (reference: string) =>
    isReferenceTo(reference, { type, resource }) ? `${type}/${server}` : undefined;
  const followed = (text: string | null) =>
    text?.includes(resource) ? printResource(withReferences(readResource(text), change)) : text;
  return rowsMentioning(parts.db, resource).flatMap((row) => {
    const isPatient = type === 'Patient' && row.patient === resource;
    const [mine, baseBody] = [followed(row.mine), followed(row.baseBody)];
    if (row.id === id || (mine === row.mine && baseBody === row.baseBody && !isPatient)) return [];
    updateRow(parts.db, row.id, { mine, baseBody, patient: isPatient ? server : row.patient });
    return [row];
  });
}

/** The edit that came while this one was on its way is one of the version that it made. */
function continueOn(
  parts: Parts,
  row: Row,
  later: Row,
  resource: string,
  own: ServerText | null,
  newest: ServerText | null,
): void {
  const sent = row.mine === null ? null : readResource(row.mine);
  const base = own?.body ? readResource(own.body) : null;
  const wanted = later.mine === null ? null : readResource(later.mine);
  const mine = wanted && sent && base ? adapted(sent, wanted, base) : wanted;
  const text = mine && printResource(placed(mine, resource, base));
  const change = {
    resource,
    baseVersion: own?.versionId ?? '',
    baseBody: own?.body ?? later.baseBody,
    mine: text,
  };
  updateRow(parts.db, later.id, change);
  if (newest && newest !== own) meet(parts, { ...later, ...change }, newest);
}

/** The edit on what the server made of the text before it: elements that the clinician did not touch are the server's. */
function adapted(sent: JsonObject, wanted: JsonObject, server: JsonObject): JsonObject {
  const result: Record<string, JsonObject[string]> = { ...server };
  for (const { mine, base, theirs, changedBy } of differences({ base: sent, mine: wanted, theirs: server })) {
    if (changedBy === 'theirs') continue;
    for (const name of Object.keys({ ...base, ...theirs })) delete result[name];
    Object.assign(result, mine);
  }
  // A generated narrative is of the text that it came with.
  if (wanted.text === undefined) delete result.text;
  else result.text = wanted.text;
  return result;
}

/** The server has another version than the base, and has not taken the change. */
export function collide(
  parts: Parts,
  { id, theirs, deletedAt = null, mayHaveGone = false }: Parameters<OutboxOperations['collide']>[0],
): Touched & { merged: boolean } {
  const row = rowById(parts.db, id);
  if (!row) return { patients: [], merged: false };
  if (theirs.body !== null && isPartial(readResource(theirs.body))) {
    return { ...park(parts, { id, problem: partial }), merged: false };
  }
  const meeting = parts.db
    .transaction(() => {
      const left = collapse(parts, row);
      if (!left) return null;
      // It was just read: it is of after a reset.
      const now = { doubted: 0, finalAt: theirs.body === null ? deletedAt : null };
      updateRow(parts.db, row.id, now);
      return meet(parts, { ...left, ...now }, theirs, mayHaveGone);
    })
    .immediate();
  return { patients: follow(parts, [row]), merged: meeting === 'merged' };
}

/** An update that is made of a part would delete the rest. */
const partial: Problem = {
  code: 'partial',
  lines: ['Somebody changed the record, and the server gives a part of it only: the two can’t be put together safely.'],
};

/** The server will not have the change as it is. */
export function park(parts: Parts, { id, problem }: { id: string; problem: Problem }): Touched {
  const row = rowById(parts.db, id);
  if (!row) return { patients: [] };
  parts.db
    .transaction(() => {
      const change = { state: 'parked' as const, problem: JSON.stringify(problem) };
      // It may have been taken: an edit that came meanwhile stays behind it.
      if (problem.code === UNCERTAIN) updateRow(parts.db, id, change);
      // An edit that came meanwhile may be what puts it right.
      else if (collapse(parts, row) === row) updateRow(parts.db, id, change);
    })
    .immediate();
  return { patients: follow(parts, [row]) };
}
