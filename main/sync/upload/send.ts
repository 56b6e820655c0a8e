import type { Acknowledgement, Problem, QueuedChange, SentChange, ServerText } from '../../cache/operations.ts';
import type { FhirAnswer, FhirError, FhirWrite } from '../../fhir/client.ts';
import { failed } from '../run-options.ts';
import { findOut } from './find-out.ts';
import { admit, isGone, isUncertain, parkFor, type Run, releaseUnread, type Stop, sendNoMore, stopFor } from './run.ts';
import {
  answeredVersion,
  isForeign,
  isIdentified,
  isIdentifiedBy,
  isTag,
  locationOf,
  refusalIn,
  tagOf,
  type Version,
} from './texts.ts';

/** Sends one change by itself. */
export async function sendAlone(run: Run, queued: QueuedChange): Promise<Stop> {
  const [change] = await run.cache.outbox.begin({ ids: admit(run, [queued.id]), serverTime: run.serverTime });
  if (!change) return null;
  const write = writeOf(change);
  if (!write) return parkUnversioned(run, change);
  const requestId = await run.announce?.([queued]);
  const answer = await run.fhir.send({ ...write, requestId }, run.signal);
  const asSent = { ...queued, baseVersionId: change.baseVersionId };
  if (!answer.ok) return refused(run, asSent, answer.error);
  // It stays marked as being sent, and is asked for.
  if (isUnsaid(change, answer.value)) return sendNoMore(run, change);
  run.failures = 0;
  return settleAnswered(run, change, answer.value);
}

/** The request of a change (R4 http.html#create, #update, #delete); null where it would have no condition. */
function writeOf({ type, resourceId, action, body, baseVersionId, identifier, knownBy }: SentChange): FhirWrite | null {
  const prefer = 'return=representation';
  if (action === 'create') {
    return { method: 'POST', url: type, body: body ?? '', ifNoneExist: `${knownBy}=${identifier}`, prefer };
  }
  // Nothing that replaces or deletes leaves without If-Match (design rule 4).
  if (!isTag(baseVersionId)) return null;
  const url = `${type}/${resourceId}`;
  return action === 'delete'
    ? { method: 'DELETE', url, ifMatch: baseVersionId }
    : { method: 'PUT', url, body: body ?? '', ifMatch: baseVersionId, prefer };
}

export async function parkUnversioned(run: Run, { id, baseVersionId }: SentChange): Promise<Stop> {
  const problem = baseVersionId ? unusable : notVersioned;
  const { patients } = await run.cache.outbox.park({ id, problem });
  run.onChanged(patients);
  return null;
}

const notVersioned: Problem = {
  code: 'not-versioned',
  lines: ['The server keeps no versions of such records: it could not be sent without perhaps overwriting others.'],
};
const unusable: Problem = {
  code: 'version-unusable',
  lines: ['The server names its version in a way that can’t be sent back: it could overwrite what others wrote.'],
};

async function refused(run: Run, change: QueuedChange, error: FhirError): Promise<Stop> {
  const { status, code } = error;
  if (status === 401 || (status === null && code === 'unauthorized')) {
    await releaseUnread(run, [change]);
    return failed(error);
  }
  if (isUncertain(error)) {
    run.tried.add(change.id);
    return stopFor(run, error);
  }
  const isMissing = change.action !== 'create' && (status === 404 || status === 410);
  if (status === 409 || status === 412 || isMissing) return findOut(run, change, error);
  await parkFor(run, change, error);
  return null;
}

/**
 * A firewall or a proxy answers for the server, with success and a page of its own: that says nothing of the change. A
 * version that the headers name is an answer all the same; a deletion makes none that could be told from a page's.
 */
function isUnsaid({ type, action }: SentChange, { text, etag, location }: FhirAnswer): boolean {
  if (!isForeign(text)) return false;
  return action === 'delete' || (tagOf(etag) === null && locationOf(location, type) === null);
}

/** The server says that it has taken the change: which version that made is in the answer, or is asked for. */
async function settleAnswered(run: Run, change: SentChange, answer: FhirAnswer): Promise<Stop> {
  const place = locationOf(answer.location, change.type);
  const versionId = tagOf(answer.etag) ?? place?.versionId ?? null;
  const version = answeredVersion(answer, change.type);
  const said: Said = { change, version, status: answer.status, id: place?.id ?? null, versionId };
  const outcome = refusalIn(answer.text);
  if (outcome && !namesNew(said)) {
    const { status, serverTime } = answer;
    await parkFor(run, change, { code: 'rejected', status, outcome, retryAfter: null, serverTime });
    return null;
  }
  return settleAll(run, [said], answer.serverTime);
}

/** The headers name what the change has made: whatever else the answer says, it is there. */
function namesNew({ change, id, versionId }: Said): boolean {
  if (change.action === 'create') return id !== null;
  return change.action === 'update' && versionId !== null && versionId !== change.baseVersionId;
}

/** What the server said of one change that it took. */
export interface Said {
  readonly change: SentChange;
  /** The resource as the answer has it; null where it hasn't. */
  readonly version: Version | null;
  readonly status: number;
  /** From `Location`. */
  readonly id: string | null;
  /** From ETag or `Location`. */
  readonly versionId: string | null;
}

/** Records changes that were taken; what the answer does not hold is read back. */
export async function settleAll(run: Run, said: readonly Said[], serverTime: string | null): Promise<Stop> {
  let stop: Stop = null;
  const changes: Acknowledgement[] = [];
  for (const one of said) {
    const settled = await versionsOf(run, one);
    if (settled === 'unnamed') {
      sendNoMore(run, one.change);
      continue;
    }
    // It stays marked as being sent, and is asked for the next time.
    if ('code' in settled) {
      run.tried.add(one.change.id);
      stop ??= stopFor(run, settled);
    } else changes.push({ id: one.change.id, serverTime, ...settled });
  }
  const { patients } = await run.cache.outbox.acknowledge({ changes });
  run.onChanged(patients);
  return stop;
}

type Settled = Pick<Acknowledgement, 'resourceId' | 'own' | 'current'>;

const deleted: ServerText = { versionId: '', body: null };

/** `unnamed`: the answer doesn't say what the change has made, if anything; it has to be asked for. */
async function versionsOf(run: Run, said: Said): Promise<Settled | FhirError | 'unnamed'> {
  const { change, version, id } = said;
  if (change.action === 'delete') return { resourceId: change.resourceId, own: null, current: deleted };
  // An answer that holds another record says nothing of this one.
  if (version && (await isOurs(run, said, version))) {
    return { resourceId: version.id, ...(await ownOf(run, said, version)) };
  }
  const resourceId = change.action === 'update' ? change.resourceId : id;
  return resourceId === null ? 'unnamed' : readBack(run, said, resourceId);
}

/**
 * Whether a record that is answered is the one that was sent. A server may not look at what `If-None-Exist` asks for and
 * answer with any record, or answer the entries of a transaction in another order. One that says that it has created, and
 * keeps no identifier of a client, is believed: it could be asked for nothing that it has.
 */
async function isOurs(run: Run, { change, status }: Said, { id, body }: Version): Promise<boolean> {
  if (change.action !== 'create') return id === change.resourceId;
  const text = body ?? '';
  if (isIdentifiedBy(text, change.identifier ?? '') || (status === 201 && !isIdentified(text))) return true;
  return (await run.cache.outbox.match({ id: change.id, versions: [text] })) === 0;
}

/** Whether a version is the one that the change made, or one that was there or has come since. */
async function ownOf(run: Run, said: Said, version: Version): Promise<Omit<Settled, 'resourceId'>> {
  const text: ServerText = { versionId: version.versionId, body: version.body };
  const isNamed = said.versionId !== null && said.versionId === version.versionId;
  const wasThere = said.change.action === 'create' && said.status === 200;
  if (isNamed && !wasThere) return { own: text, current: null };
  const at = await run.cache.outbox.match({ id: said.change.id, versions: [version.body] });
  return at === 0 ? { own: text, current: null } : { own: null, current: text };
}

async function readBack(run: Run, said: Said, resourceId: string): Promise<Settled | FhirError | 'unnamed'> {
  const { type } = said.change;
  const answer = await run.fhir.get(`${type}/${resourceId}`, run.signal);
  if (answer.ok) {
    const version = answeredVersion(answer.value, type);
    if (version?.id !== resourceId || (await isStillBase(run, said, version))) return 'unnamed';
    if (!(await isOurs(run, said, version))) return 'unnamed';
    return { resourceId, ...(await ownOf(run, said, version)) };
  }
  const { error } = answer;
  if (await isGone(run, { type, id: resourceId }, error)) return { resourceId, own: null, current: deleted };
  // May be written, and may not be read: what was sent is all that is known of it.
  if (error.code === 'forbidden') return { resourceId, own: null, current: null };
  return error;
}

/** Called done, and not done. A server that keeps the version where an update changes nothing says so by naming it. */
async function isStillBase(run: Run, { change, status, versionId }: Said, version: Version): Promise<boolean> {
  const { id, action, baseVersionId } = change;
  if (action !== 'update' || version.versionId !== baseVersionId) return false;
  if (status === 304 || versionId === baseVersionId) return false;
  return (await run.cache.outbox.match({ id, versions: [version.body] })) !== 0;
}
