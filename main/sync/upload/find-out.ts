import type { QueuedChange, ServerText } from '../../cache/operations.ts';
import type { FhirAnswer, FhirError } from '../../fhir/client.ts';
import { failed } from '../run-options.ts';
import { answerInvalid, isGone, parkFor, type Run, type Stop, stopFor } from './run.ts';
import { answeredVersion, isIdentifiedBy, pageOf, type Version, versionOf } from './texts.ts';

const PAGES_MAX = 20;
const OVERLAP_MS = 2 * 60_000;

/**
 * Asks the server what became of a change: it was taken, others have changed the record since it was made, or it may be
 * sent (again). `refusal`: the server said that it did not take it, as another version is there.
 */
export async function findOut(run: Run, change: QueuedChange, refusal: FhirError | null = null): Promise<Stop> {
  return change.action === 'create' ? findCreated(run, change, refusal) : findChanged(run, change, refusal);
}

/** Nothing of it is on the server: it is sent again, but for what the server will not have. */
async function notTaken(run: Run, change: QueuedChange, refusal: FhirError | null): Promise<Stop> {
  if (refusal) await parkFor(run, change, refusal);
  else {
    run.alone.add(change.id);
    run.notTaken.add(change.id);
  }
  return null;
}

/** A request that only asks failed: nothing is known more than before, unless the server forbids asking. */
async function unknown(run: Run, change: QueuedChange, error: FhirError, refusal: FhirError | null): Promise<Stop> {
  if (error.status === 401 || error.code === 'unauthorized' || error.code === 'cancelled') return failed(error);
  if (error.status === null || error.status >= 500 || error.status === 429) return unanswered(run, change, error);
  // An update is sent with If-Match and a create with If-None-Exist: to repeat it changes nothing twice.
  return notTaken(run, change, refusal);
}

/** It stays marked as being sent, and is asked for with the next run. */
function unanswered(run: Run, { id }: QueuedChange, error: FhirError): Stop {
  run.tried.add(id);
  return stopFor(run, error);
}

/** What a read of a record's id says that gave none. */
async function notRead(
  run: Run,
  change: QueuedChange,
  { id, error, refusal }: { id: string; error: FhirError; refusal: FhirError | null },
  whenGone: () => Promise<Stop>,
): Promise<Stop> {
  if (await isGone(run, { type: change.type, id }, error)) return whenGone();
  return error.status === 404 ? unanswered(run, change, error) : unknown(run, change, error, refusal);
}

async function findChanged(run: Run, change: QueuedChange, refusal: FhirError | null): Promise<Stop> {
  const { type, resourceId } = change;
  const answer = await run.fhir.get(`${type}/${resourceId}`, run.signal);
  if (!answer.ok) {
    const { error } = answer;
    return notRead(run, change, { id: resourceId, error, refusal }, () => metDeletion(run, change, error.serverTime));
  }
  const current = answeredVersion(answer.value, type);
  // Another record than the one that was asked for is never compared with it, let alone shown beside it.
  if (current?.id !== resourceId) return answerInvalid(run, change);
  if (isBase(current, change)) return notTaken(run, change, refusal);
  const [at] =
    change.action === 'update' ? [await run.cache.outbox.match({ id: change.id, versions: [current.body] })] : [-1];
  if (at === 0) return taken(run, change, current, null, answer.value);
  const own = await ownInHistory(run, change);
  if (own === 'unknown') return null;
  if (own) return taken(run, change, own, current, answer.value);
  // Without a history nobody can tell whether others have changed what it had become.
  return met(run, change, current, { mayHaveGone: change.attempts > 0 && !run.server.hasHistory(type) });
}

async function metDeletion(run: Run, change: QueuedChange, serverTime: string | null): Promise<Stop> {
  const deleted: ServerText = { versionId: '', body: null };
  if (change.action === 'delete') return taken(run, change, null, deleted, { serverTime });
  const own = await ownInHistory(run, change);
  if (own === 'unknown') return null;
  return own ? taken(run, change, own, deleted, { serverTime }) : met(run, change, deleted, { deletedAt: serverTime });
}

/** A server that was restored gives version ids out again: the time belongs to the version. */
function isBase({ versionId, updated }: Version, { baseVersionId, baseUpdated }: QueuedChange): boolean {
  if (versionId !== baseVersionId) return false;
  return updated === null || baseUpdated === null || Date.parse(updated) === Date.parse(baseUpdated);
}

type About = Omit<Parameters<Run['cache']['outbox']['collide']>[0], 'id' | 'theirs'>;

async function met(run: Run, { id }: QueuedChange, theirs: ServerText, about: About): Promise<Stop> {
  const { versionId, body } = theirs;
  const { patients } = await run.cache.outbox.collide({ id, theirs: { versionId, body }, ...about });
  run.onChanged(patients);
  return null;
}

async function taken(
  run: Run,
  { id, resourceId }: QueuedChange,
  own: Version | null,
  current: ServerText | null,
  { serverTime }: Pick<FhirAnswer, 'serverTime'>,
  serverId = resourceId,
): Promise<Stop> {
  const text = (version: ServerText | null) => version && { versionId: version.versionId, body: version.body };
  const change = { id, resourceId: serverId, own: text(own), current: text(current), serverTime };
  const { patients } = await run.cache.outbox.acknowledge({ changes: [change] });
  run.onChanged(patients);
  return null;
}

/** The version that an update made, where others have changed or deleted the record since. */
async function ownInHistory(run: Run, change: QueuedChange): Promise<Version | null | 'unknown'> {
  const { id, type, resourceId, action } = change;
  if (action !== 'update' || !run.server.hasHistory(type)) return null;
  const pages = versionsOf(run, `${type}/${resourceId}/_history`);
  for await (const page of pages) {
    if (page === 'failed') {
      run.tried.add(id);
      return 'unknown';
    }
    // Newest first: what is older than the base is none of ours.
    const end = page.findIndex((version) => isBase(version, change));
    const since = end < 0 ? page : page.slice(0, end);
    const at = await run.cache.outbox.match({ id, versions: since.map(({ body }) => body) });
    const found = since[at];
    if (found) return found;
    if (end >= 0) return null;
  }
  return null;
}

/** Pages of a history; ends early, with `failed`, where one can't be had. */
async function* versionsOf(run: Run, url: string): AsyncGenerator<Version[] | 'failed'> {
  let next: string | null = url;
  for (let count = 0; next !== null && count < PAGES_MAX; count += 1) {
    const answer = await run.fhir.get(next, run.signal);
    const page = answer.ok ? pageOf(answer.value.text) : null;
    if (!page) {
      // A history that the server refuses is none; one that it can't give now is asked for later.
      if (answer.ok || answer.error.status === null || answer.error.status >= 500 || answer.error.status === 429) {
        yield 'failed';
      }
      return;
    }
    yield page.resources.flatMap((text) => versionOf(text) ?? []);
    next = page.next;
  }
}

async function findCreated(run: Run, change: QueuedChange, refusal: FhirError | null): Promise<Stop> {
  const { id, type, identifier, knownBy } = change;
  const token = identifier ?? '';
  const answer = await run.fhir.get(`${type}?${knownBy}=${encodeURIComponent(token)}`, run.signal);
  if (!answer.ok) {
    if (answer.error.status !== null && answer.error.status < 500 && !run.server.createsConditionally(type)) {
      return park(run, id, 'uncertain', 'It may be on the server already, and the server does not let this be asked.');
    }
    return unknown(run, change, answer.error, refusal);
  }
  const page = pageOf(answer.value.text);
  if (!page) return answerInvalid(run, change);
  const found = page.resources
    .filter((text) => isIdentifiedBy(text, token))
    .flatMap((text) => versionOf(text) ?? [])
    .filter((version) => version.type === type)
    .sort((a, b) => String(a.updated).localeCompare(String(b.updated)));
  const [first] = found;
  if (first) return createdAs(run, change, first, answer.value);
  return findDeletedSince(run, change, refusal);
}

async function park(run: Run, id: string, code: string, line: string): Promise<Stop> {
  const { patients } = await run.cache.outbox.park({ id, problem: { code, lines: [line] } });
  run.onChanged(patients);
  return null;
}

/** It is there: as it was created, or as others have changed it since. */
async function createdAs(run: Run, change: QueuedChange, found: Version, answer: FhirAnswer): Promise<Stop> {
  const at = await run.cache.outbox.match({ id: change.id, versions: [found.body] });
  return at === 0
    ? taken(run, change, found, null, answer, found.id)
    : taken(run, change, null, found, answer, found.id);
}

/** Created, and deleted by somebody before it was asked for: the download has seen it, or only the type's history tells. */
async function findDeletedSince(run: Run, change: QueuedChange, refusal: FhirError | null): Promise<Stop> {
  const { type, identifier, sentAfter, seenAs } = change;
  if (seenAs !== null) return readCreated(run, change, { id: seenAs, version: null }, refusal);
  if (!run.server.hasTypeHistory(type)) return notTaken(run, change, refusal);
  const since = sentAfter === null ? null : new Date(Date.parse(sentAfter) - OVERLAP_MS).toISOString();
  const url = `${type}/_history?_count=500${since === null ? '' : `&_since=${encodeURIComponent(since)}`}`;
  let created: Version | null = null;
  for await (const page of versionsOf(run, url)) {
    if (page === 'failed') {
      run.tried.add(change.id);
      return null;
    }
    // Newest first: the last one found is the version that the create made.
    created = page.findLast(({ body }) => body !== null && isIdentifiedBy(body, identifier ?? '')) ?? created;
  }
  if (!created) return notTaken(run, change, refusal);
  return readCreated(run, change, { id: created.id, version: created }, refusal);
}

/** What has become of a record that a create is known to have made; `version`: the one that it made. */
async function readCreated(
  run: Run,
  change: QueuedChange,
  { id, version }: { id: string; version: Version | null },
  refusal: FhirError | null,
): Promise<Stop> {
  const answer = await run.fhir.get(`${change.type}/${id}`, run.signal);
  if (answer.ok) {
    const current = answeredVersion(answer.value, change.type);
    if (current?.id !== id) return answerInvalid(run, change);
    return version
      ? taken(run, change, version, current, answer.value, id)
      : createdAs(run, change, current, answer.value);
  }
  const { error } = answer;
  // It was made: that it may not be read now is no reason to make it again.
  if (error.code === 'forbidden') return taken(run, change, version, null, error, id);
  return notRead(run, change, { id, error, refusal }, () =>
    taken(run, change, version, { versionId: '', body: null }, error, id),
  );
}
