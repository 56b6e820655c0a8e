import type { CapabilityStatement } from 'fhir/r4';
import type { Cache } from '../../cache/client.ts';
import type { QueuedChange } from '../../cache/operations.ts';
import type { FhirClient } from '../../fhir/client.ts';
import { type RunResult, stopped } from '../run-options.ts';
import { sendTogether } from './bundle.ts';
import { findOut } from './find-out.ts';
import { type Limits, nextBatch } from './plan.ts';
import type { Announce, Run, Stop } from './run.ts';
import { sendAlone } from './send.ts';
import { serverOf } from './server.ts';

/** Bounds of a transaction: what a server takes at once without making others wait. */
const LIMITS: Limits = { count: 50, size: 1_000_000 };

export interface UploadOptions {
  readonly cache: Pick<Cache, 'outbox'>;
  readonly fhir: Pick<FhirClient, 'get' | 'send' | 'base'>;
  /** What the server can do; null where that isn't known: records are then sent one at a time. */
  readonly capabilities: CapabilityStatement | null;
  /** Time of the server's last answer, where it is known. */
  readonly serverTime?: string | null | undefined;
  readonly signal: AbortSignal;
  /** Changes that must not leave now; asked before each plan, as more may have been written meanwhile. */
  readonly held?: (() => Promise<ReadonlySet<string>>) | undefined;
  /**
   * Changes at which the uploads before had to stop, kept from one to the next: they go last, so that one that makes a
   * gateway fail doesn't keep all others from being sent.
   */
  readonly stoppedAt?: Set<string> | undefined;
  /** Records what leaves; without it nothing is recorded, and each request has an id that nobody else knows. */
  readonly announce?: Announce | undefined;
  /** Changes of this run that are settled, and all that there were. */
  readonly onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
  /** Patients whose records in the cache are other ones now. */
  readonly onChanged?: ((patients: readonly string[]) => void) | undefined;
  /** The list of unsent changes is another one. */
  readonly onChanges?: (() => void) | undefined;
}

/**
 * Sends what waits in the outbox (docs/architecture.md, "Sending changes"). A change that the server refuses is parked
 * or becomes a conflict, and the others go on; only a server that can't be reached, or asks to wait, ends the upload.
 */
export async function runUpload(options: UploadOptions): Promise<RunResult> {
  const run = startRun(options);
  let total = 0;
  for (;;) {
    const queued = await run.cache.outbox.queue();
    run.inDoubt = new Set(queued.filter(({ state }) => state === 'sending').map(({ id }) => id));
    // After the queue was read: a change that came in between is in neither, or is held.
    const held = (await options.held?.()) ?? new Set();
    const queue = queued.filter(({ id }) => !run.tried.has(id) && !held.has(id));
    total = Math.max(total, queue.length);
    const tell = (left: number) => options.onProgress?.({ done: total - Math.min(left, total), total });
    if (queue.length > 0) tell(queue.length);
    const worked = await workInTurn(run, queue, tell, options);
    if (worked === 'worked') continue;
    if (worked !== 'nothing') return worked;
    // What the server has not taken, and what can't be sent now as it refers to what waits for a person.
    await run.cache.outbox.release({ ids: [...run.notTaken] });
    // What the server failed at is tried again with the next run; it keeps nothing from being fetched.
    return run.tried.size > 0 ? stopped('server-refused') : { ok: true };
  }
}

function startRun(options: UploadOptions): Run {
  const { cache, fhir, capabilities, serverTime = null, signal, onChanged, announce } = options;
  return {
    cache,
    fhir,
    announce,
    server: serverOf(capabilities),
    signal,
    serverTime,
    alone: new Set(),
    notTaken: new Set(),
    tried: new Set(),
    inDoubt: new Set(),
    sends: new Map(),
    limit: LIMITS.count,
    failures: 0,
    onChanged(patients) {
      if (patients.length > 0) onChanged?.(patients);
    },
  };
}

type Worked = 'worked' | 'nothing' | (RunResult & { ok: false });

/** First what no upload had to stop at, then one after the other what some did, the longest ago first. */
async function workInTurn(
  run: Run,
  queue: readonly QueuedChange[],
  tell: (left: number) => void,
  options: UploadOptions,
): Promise<Worked> {
  const ids = new Set(queue.map(({ id }) => id));
  const late = [...(options.stoppedAt ?? [])].filter((id) => ids.has(id));
  for (let turn = 0; turn <= late.length; turn += 1) {
    const waiting = new Set(late.slice(turn));
    const due = queue.filter(({ id }) => !waiting.has(id));
    const worked = await workThrough(run, due, tell, options);
    if (worked !== 'nothing') return worked;
  }
  return 'nothing';
}

/** Sends what the queue holds, as far as what is learned on the way doesn't change the plan. */
async function workThrough(
  run: Run,
  queue: readonly QueuedChange[],
  tell: (left: number) => void,
  { onChanges, stoppedAt }: UploadOptions,
): Promise<Worked> {
  let left = queue;
  let worked: Worked = 'nothing';
  while (left.length > 0) {
    if (run.signal.aborted) return stopped('cancelled');
    const step = nextStep(run, left);
    if (step === null) return worked;
    const stop = await step.take();
    onChanges?.();
    noteStop(stoppedAt, step.changes, stop);
    if (stop) return stop;
    worked = 'worked';
    const taken = new Set(step.changes.map(({ id }) => id));
    // A create that others need may have another id now, or be none: they are planned anew.
    if (left.some(({ needs }) => needs.some((id) => taken.has(id)))) return worked;
    left = left.filter(({ id }) => !taken.has(id));
    tell(left.length);
  }
  return worked;
}

/** A bundle tells of none of its changes: they go alone the next time. */
function noteStop(stoppedAt: Set<string> | undefined, [only, ...others]: readonly QueuedChange[], stop: Stop): void {
  if (!only || others.length > 0) return;
  stoppedAt?.delete(only.id);
  if (stop) stoppedAt?.add(only.id);
}

interface Step {
  readonly changes: readonly QueuedChange[];
  readonly take: () => Promise<Stop>;
}

/** What is to be asked comes before what is to be sent; null where nothing can be. */
function nextStep(run: Run, left: readonly QueuedChange[]): Step | null {
  const doubtful = left.filter(({ id, state }) => state === 'sending' && !run.notTaken.has(id));
  const next = nextDoubtful(run, doubtful);
  if (next) return { changes: [next], take: () => findOut(run, next) };
  const limits = run.server.transactions ? { ...LIMITS, count: run.limit } : { ...LIMITS, count: 1 };
  const plan = nextBatch({ queue: left.filter((one) => !doubtful.includes(one)), limits, alone: run.alone });
  if (plan.kind === 'nothing') return null;
  if (plan.kind === 'entangled') return { changes: plan.changes, take: () => parkEntangled(run, plan.changes) };
  const [first, ...others] = plan.batch;
  if (!first) return null;
  const take = () => (others.length === 0 ? sendAlone(run, first) : sendTogether(run, plan.batch));
  return { changes: plan.batch, take };
}

/**
 * What refers to a create says on the server what that is called there, which is known once the create was asked for:
 * until then it would be taken for the text of others. Where they refer to each other, the oldest is asked for.
 */
function nextDoubtful(run: Run, doubtful: readonly QueuedChange[]): QueuedChange | undefined {
  const unanswered = (change: QueuedChange) =>
    change.needs.filter((id) => run.inDoubt.has(id) && !run.notTaken.has(id));
  const next = doubtful.find((change) => unanswered(change).length === 0);
  if (next) return next;
  const ids = new Set(doubtful.map(({ id }) => id));
  // Some wait for what isn't asked for now: nothing says which of the others would, too.
  return doubtful.every((change) => unanswered(change).every((id) => ids.has(id))) ? doubtful[0] : undefined;
}

/** They refer to each other, and the server does not take them together. */
async function parkEntangled(run: Run, changes: readonly QueuedChange[]): Promise<Stop> {
  const lines = ['It refers to another new record that the server did not take together with it.'];
  for (const { id } of changes) {
    const { patients } = await run.cache.outbox.park({ id, problem: { code: 'entangled', lines } });
    run.onChanged(patients);
  }
  return null;
}
