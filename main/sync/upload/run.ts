import type { Cache } from '../../cache/client.ts';
import type { QueuedChange } from '../../cache/operations.ts';
import type { FhirClient, FhirError } from '../../fhir/client.ts';
import { failed, type RunResult } from '../run-options.ts';
import type { Server } from './server.ts';
import { pageOf, versionOf } from './texts.ts';
import { problemOf } from './words.ts';

/** A change that is about to leave, for the record of access. */
export type Leaving = Pick<QueuedChange, 'patientId' | 'type' | 'resourceId' | 'action'>;

/** Told of the changes of one request before it leaves; answers the `X-Request-Id` that it is to have. */
export type Announce = (changes: readonly Leaving[]) => Promise<string>;

/** One upload, and what it has learned so far. */
export interface Run {
  readonly cache: Pick<Cache, 'outbox'>;
  readonly fhir: Pick<FhirClient, 'get' | 'send' | 'base'>;
  readonly server: Server;
  readonly signal: AbortSignal;
  readonly onChanged: (patients: readonly string[]) => void;
  readonly announce: Announce | undefined;
  /** Changes that go alone: they failed in a bundle, or were sent before. */
  readonly alone: Set<string>;
  /** Changes of which the server said that it has not taken them: they may be sent again. */
  readonly notTaken: Set<string>;
  /** Changes that are not tried again in this run. */
  readonly tried: Set<string>;
  /** Changes of which it was not known what became of them when the queue was read, whether or not they are asked for now. */
  inDoubt: ReadonlySet<string>;
  /** How often each was sent in this run. */
  readonly sends: Map<string, number>;
  /** Changes in a bundle, halved where the server finds one too large. */
  limit: number;
  /** The server's newest time that is known. */
  serverTime: string | null;
  /** Requests in a row that the server failed at. */
  failures: number;
}

/** Ends the upload; null: it goes on. */
export type Stop = (RunResult & { ok: false }) | null;

/** A change by id and place; what is queued and what was sent both are. */
export type Sendable = Pick<QueuedChange, 'id' | 'type' | 'resourceId' | 'action' | 'baseVersionId' | 'identifier'>;

const SENDS_MAX = 5;

/**
 * Notes that changes are about to be sent; answers those that may be. A server that never says what it made of one, or
 * a record that others change all the time, is left for the next run.
 */
export function admit(run: Run, ids: readonly string[]): string[] {
  return ids.filter((id) => {
    const sends = (run.sends.get(id) ?? 0) + 1;
    run.sends.set(id, sends);
    if (sends > SENDS_MAX) run.tried.add(id);
    else run.notTaken.delete(id);
    return sends <= SENDS_MAX;
  });
}

/** A success that says nothing of the change would come again: what is found not to be taken is left for the next run. */
export function sendNoMore(run: Run, { id }: Pick<Sendable, 'id'>): null {
  run.sends.set(id, SENDS_MAX);
  return null;
}

/** The request may have reached the server: no answer, or one that says nothing of what became of it. */
export function isUncertain({ status }: FhirError): boolean {
  return status === null || [408, 425, 429].includes(status) || status >= 500;
}

/**
 * Whether the server says that it has no such record (design rule 3), by its answer to a read of it. A 404 without an
 * OperationOutcome is a gateway's as well, whose route is gone: it counts where a search finds no such id either.
 */
export async function isGone(
  run: Run,
  { type, id }: { readonly type: string; readonly id: string },
  { status, outcome }: FhirError,
): Promise<boolean> {
  if (status === 410 || (status === 404 && outcome !== null)) return true;
  if (status !== 404) return false;
  const answer = await run.fhir.get(`${type}?_id=${encodeURIComponent(id)}&_count=1`, run.signal);
  const page = answer.ok ? pageOf(answer.value.text) : null;
  return page !== null && page.next === null && !page.resources.some((text) => versionOf(text)?.id === id);
}

const FAILURES_MAX = 3;

/** The server, not the change, is what failed: whether to stop. One change that makes it fail must not stop the others. */
export function stopFor(run: Run, error: FhirError): Stop {
  if (error.status === null || error.retryAfter !== null || [429, 502, 503, 504].includes(error.status)) {
    return failed(error);
  }
  run.failures += 1;
  return run.failures >= FAILURES_MAX ? failed(error) : null;
}

/** An answer about one change that says nothing: it is asked for again in the next run, and stops no other. */
export function answerInvalid(run: Run, { id }: Pick<Sendable, 'id'>): Stop {
  run.tried.add(id);
  run.failures += 1;
  return run.failures >= FAILURES_MAX ? failed({ code: 'server-answer-invalid', retryAfter: null }) : null;
}

/** The server did not look at the request. What was sent before stays marked: that request may be on its way still. */
export async function releaseUnread(run: Run, changes: readonly QueuedChange[]): Promise<void> {
  const first = changes.filter(({ attempts }) => attempts === 0);
  await run.cache.outbox.release({ ids: first.map(({ id }) => id) });
}

/** The server will not have the change. */
export async function parkFor(run: Run, { id }: Sendable, error: FhirError): Promise<void> {
  const { patients } = await run.cache.outbox.park({ id, problem: problemOf(error) });
  run.onChanged(patients);
}
