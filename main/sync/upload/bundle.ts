import type { QueuedChange, SentChange } from '../../cache/operations.ts';
import { type AnswerEntry, readTransactionAnswer } from '../../fhir/bundle-text.ts';
import type { FhirAnswer, FhirError } from '../../fhir/client.ts';
import { failed } from '../run-options.ts';
import { admit, isUncertain, type Run, releaseUnread, type Stop, stopFor } from './run.ts';
import { parkUnversioned, type Said, settleAll } from './send.ts';
import { isTag, locationOf, tagOf, versionOf } from './texts.ts';

/** Sends changes as one transaction: all of them are taken, or none (R4 http.html#transaction). */
export async function sendTogether(run: Run, batch: readonly QueuedChange[]): Promise<Stop> {
  const ids = admit(
    run,
    batch.map(({ id }) => id),
  );
  const begun = await run.cache.outbox.begin({ ids, serverTime: run.serverTime });
  const entries = begun.map((change) => ({ change, entry: entryOf(change, run.fhir.base) }));
  for (const { change, entry } of entries) if (entry === null) await parkUnversioned(run, change);
  const sent = entries.flatMap(({ change, entry }) => (entry === null ? [] : [{ change, entry }]));
  if (sent.length === 0) return null;
  const body = `{"resourceType":"Bundle","type":"transaction","entry":[${sent.map(({ entry }) => entry).join(',')}]}`;
  const changes = sent.map(({ change }) => change);
  const leaving = new Set(changes.map(({ id }) => id));
  const requestId = await run.announce?.(batch.filter(({ id }) => leaving.has(id)));
  const prefer = 'return=representation';
  const answer = await run.fhir.send({ method: 'POST', url: '', body, prefer, requestId }, run.signal);
  if (!answer.ok) return refused(run, batch, changes, answer.error);
  run.failures = 0;
  const said = readAnswer(answer.value, changes);
  // What can't be read says nothing of what became of the changes: each is asked for.
  return said ? settleAll(run, said, answer.value.serverTime) : null;
}

/** An entry as JSON text, the resource in it as it was written; null where the request would have no condition. */
function entryOf(change: SentChange, base: string): string | null {
  const { type, resourceId, action, body, baseVersionId, identifier, knownBy, fullUrl } = change;
  const path = `${type}/${resourceId}`;
  if (action === 'create') {
    const request = { method: 'POST', url: type, ifNoneExist: `${knownBy}=${identifier}` };
    return `{"fullUrl":${JSON.stringify(fullUrl)},"resource":${body},"request":${JSON.stringify(request)}}`;
  }
  // Nothing that replaces or deletes leaves without If-Match (design rule 4).
  if (!isTag(baseVersionId)) return null;
  const ifMatch = `W/"${baseVersionId}"`;
  if (action === 'delete') return `{"request":${JSON.stringify({ method: 'DELETE', url: path, ifMatch })}}`;
  const request = { method: 'PUT', url: path, ifMatch };
  return `{"fullUrl":${JSON.stringify(base + path)},"resource":${body},"request":${JSON.stringify(request)}}`;
}

async function refused(
  run: Run,
  batch: readonly QueuedChange[],
  changes: readonly SentChange[],
  error: FhirError,
): Promise<Stop> {
  const ids = changes.map(({ id }) => id);
  if (error.status === 401 || (error.status === null && error.code === 'unauthorized')) {
    await releaseUnread(run, batch);
    return failed(error);
  }
  if (isUncertain(error)) {
    for (const id of ids) run.alone.add(id);
    return stopFor(run, error);
  }
  // For certain none was taken. They stay marked: no edit that comes now may change what is sent again.
  for (const id of ids) run.notTaken.add(id);
  if (error.status === 413) run.limit = Math.max(1, Math.floor(ids.length / 2));
  else for (const id of ids) run.alone.add(id);
  return null;
}

/** What the answer says of each change, in their order; null where it is no answer to them all. */
function readAnswer({ text }: FhirAnswer, changes: readonly SentChange[]): Said[] | null {
  const entries = entriesOf(text);
  if (entries?.length !== changes.length) return null;
  if (!entries.every(({ status }) => status >= 200 && status < 300)) return null;
  return changes.map((change, at) => saidOf(change, entries[at] as AnswerEntry));
}

function entriesOf(text: string): AnswerEntry[] | null {
  try {
    return readTransactionAnswer(text);
  } catch {
    return null;
  }
}

function saidOf(change: SentChange, { status, location, etag, resource }: AnswerEntry): Said {
  const place = locationOf(location, change.type);
  const version = resource === null ? null : versionOf(resource, etag);
  return {
    change,
    version: version?.type === change.type ? version : null,
    status,
    id: place?.id ?? null,
    versionId: tagOf(etag) ?? place?.versionId ?? null,
  };
}
