import type { SyncError, SyncPhase } from '../../preload/contract/sync.ts';
import type { Cache } from '../cache/client.ts';
import type { PhaseState, SyncRun, SyncTask, TaskPhase } from '../cache/operations.ts';
import { fetchExport } from './bulk.ts';
import { createDivision, type Division } from './division.ts';
import { type Fetching, fetchPages, fetchResource, refuseUnasked, SWEEP_AT, type TaskResult } from './fetch.ts';
import { isGranted } from './granted.ts';
import { CONCURRENCY_MAX, createPace, type Pace } from './pace.ts';
import { createPatience, type Patience } from './patience.ts';
import { saysPanel, taskPhases } from './plan.ts';
import { beginRun, leaveOut, planNext, searchInstead } from './planning.ts';
import { type Failure, type RunOptions, type RunResult, type ServerFacts, stopped } from './run-options.ts';
import { meetServer } from './server.ts';

/**
 * One whole run: makes certain that the server is the one that is known and wasn't reset, sends what clinicians changed,
 * then fetches. The plan of a run is in the cache, and each page and its cursor are one transaction (design rule 1): a
 * run that is cut off goes on where it was.
 */
export async function runSync(options: RunOptions): Promise<RunResult> {
  const contact = (await options.contact?.()) ?? { ok: true };
  if (!contact.ok) return contact;
  const server = await meetServer(options);
  if (!server.ok) return server;
  if (isStopping(options)) return stopped('cancelled');
  const sent = await send(options, server.value);
  // What could not be sent is told, but keeps nothing from being fetched.
  if (!sent.ok && endsRun.has(sent.error.code)) return sent;
  const upload = { last: sent };
  const fetched = await download(options, server.value, upload);
  return fetched.ok ? upload.last : fetched;
}

/** Failures of the upload after which nothing can be fetched either. */
const endsRun: ReadonlySet<SyncError | 'cancelled'> = new Set([
  'cancelled',
  'offline',
  'sign-in-needed',
  'server-reset',
  'disk-full',
  'store-failed',
]);

/** After a reset that was accepted nothing is sent before everything was fetched anew. */
async function send({ cache, upload, signal }: RunOptions, server: ServerFacts): Promise<RunResult> {
  const { refetch } = await cache.read.run();
  return !upload || refetch ? { ok: true } : upload(server, signal);
}

function isStopping({ signal, stopping }: RunOptions): boolean {
  return signal.aborted || stopping?.aborted === true;
}

async function download(options: RunOptions, server: ServerFacts, upload: Download['upload']): Promise<RunResult> {
  const { cache, timers, random, signal, stopping, concurrency = CONCURRENCY_MAX } = options;
  const ending = stopping ? AbortSignal.any([signal, stopping]) : signal;
  const pace = createPace({ timers, random, concurrency, signal: ending });
  const [patience, division] = [createPatience(), createDivision()];
  const counter = { resources: 0 };
  let left: Failure | null = null;
  await beginRun(options, server);
  await leaveOut(options, server);
  for (;;) {
    if (isStopping(options)) return stopped('cancelled');
    const run = await cache.read.run();
    const phase = nextPhase(run);
    if (phase === undefined) {
      const planned = await planNext(options, server, run);
      if (planned === 'planned') continue;
      if (planned !== 'finished') return planned;
      // What was left out before the run was cut off is told as well, but not when to ask again: that was meant for then.
      return left ?? (run.failure === null ? { ok: true } : stopped(run.failure));
    }
    const done = await doPhase({ options, server, pace, patience, division, counter, upload }, run, phase);
    if (done.stop) return done.stop;
    left = done.left ?? left;
  }
}

/** The first phase that has something left. What was planned for an older panel waits until the new one is known. */
function nextPhase({ planned, phases }: SyncRun): PhaseState | undefined {
  const names = planned ? taskPhases : (['panel'] as const);
  return names.flatMap((name) => phases.find(({ phase, pending }) => phase === name && pending > 0) ?? [])[0];
}

/** Tasks that are read at once: a panel of thousands of patients has tens of thousands, with all their patients' ids. */
const TASKS_AT_ONCE = 200;

/** The pending tasks of a phase as it stands, in their order. */
async function* pendingTasks(cache: Cache, { phase, pending }: PhaseState): AsyncGenerator<SyncTask> {
  let after = -1;
  for (let left = pending; left > 0; ) {
    const limit = Math.min(left, TASKS_AT_ONCE);
    const tasks = await cache.read.tasks({ phase, state: 'pending', after, limit });
    if (tasks.length === 0) return;
    yield* tasks;
    after = tasks.at(-1)?.seq ?? after;
    left -= tasks.length;
  }
}

interface Download {
  readonly options: RunOptions;
  readonly server: ServerFacts;
  readonly pace: Pace;
  readonly patience: Patience;
  readonly division: Division;
  readonly counter: { resources: number };
  /** What became of the last upload of the run: it has sent what those before it could not. */
  readonly upload: { last: RunResult };
}

/** How a phase ended: with what the run has to stop, and why something of it was left out. */
interface PhaseEnd {
  readonly stop: Failure | null;
  readonly left: Failure | null;
}

/** All tasks of a phase, several at a time. One that the server can't answer keeps no other from being done. */
async function doPhase(
  { options, server, pace, patience, division, counter, upload }: Download,
  { asOf }: SyncRun,
  state: PhaseState,
): Promise<PhaseEnd> {
  const { cache, onProgress } = options;
  const { phase, total, pending } = state;
  const estimate = estimator(options, pending);
  let failure: Failure | null = null;
  let leftOut: Failure | null = null;
  let left = pending;
  let isSending = false;

  const fetching: Fetching = {
    options,
    pace,
    division,
    isStopping: () => failure !== null || isStopping(options),
    sendMore,
    onStored({ label }, stored) {
      counter.resources += stored;
      onProgress({
        phase: shownPhase(phase, asOf),
        label,
        done: total - left,
        total,
        resources: counter.resources,
        remainingMs: estimate(left),
      });
    },
  };

  async function work(task: SyncTask): Promise<void> {
    const result = await fetchTask(fetching, server, task);
    await sendMore();
    if (result.ok) {
      patience.answered();
      left -= 1;
      return;
    }
    const { code, retryAfter } = result.error;
    if (code !== 'cancelled' && isLeftOut(task, result, patience)) {
      // Later it is fetched whole; what was got of it stays. Deletions, a comparison finds.
      if (task.kind === 'history') await cache.write.setMeta({ key: SWEEP_AT, value: '' });
      await cache.write.endTask({ seq: task.seq, state: saysPanel(task) ? 'refused' : 'incomplete', failure: code });
      left -= 1;
      leftOut = stopped(code, retryAfter);
    } else failure ??= stopped(code, retryAfter);
  }

  /** What a clinician writes while a long run is under way does not wait for its end. */
  async function sendMore(): Promise<void> {
    if (isSending || failure !== null || isStopping(options) || !options.isUploadDue?.()) return;
    isSending = true;
    const sent = await send(options, server).finally(() => {
      isSending = false;
    });
    upload.last = sent;
    if (!sent.ok && endsRun.has(sent.error.code)) failure ??= sent;
  }

  await inParallel(pendingTasks(cache, state), pace.concurrency, fetching.isStopping, work);
  return { stop: failure ?? (isStopping(options) ? stopped('cancelled') : null), left: leftOut };
}

/**
 * Whether the run goes on without what a task would have brought, and tells so at its end: where the server refuses it, or
 * fails at it alone. Without the searches for the panel nobody knows what else to ask for.
 */
function isLeftOut(task: SyncTask, result: TaskResult & Failure, patience: Patience): boolean {
  if (result.error.code === 'server-refused') return true;
  const ofPanel = task.phase === 'panel' && (task.kind === 'teams' || saysPanel(task));
  return 'alone' in result && result.alone && !ofPanel && patience.bears(task.resourceType);
}

function fetchTask(fetching: Fetching, server: ServerFacts, task: SyncTask): Promise<TaskResult> {
  const { scopes } = fetching.options;
  if (scopes && !isGranted(task, scopes)) return refuseUnasked(fetching, task, server.serverTime);
  if (task.kind === 'read') return fetchResource(fetching, task);
  if (task.kind !== 'export') return fetchPages(fetching, task);
  return fetchExport(fetching, server, task, () => searchInstead(fetching.options, server, task));
}

/** What the page calls a phase: whatever comes after the first complete run is a change. */
function shownPhase(phase: TaskPhase, asOf: string | null): SyncPhase {
  if (phase === 'references') return asOf === null ? 'rest' : 'changes';
  return phase === 'check' ? 'changes' : phase;
}

/** How long a phase still takes at the pace of what was done of it; null before anything was. */
function estimator({ timers }: RunOptions, total: number): (left: number) => number | null {
  const began = timers.now();
  return (left) => {
    const done = total - left;
    return done === 0 ? null : Math.max(0, Math.round(((timers.now() - began) / done) * left));
  };
}

/**
 * Works on items in order, as many at a time as `limit` says when one is begun. A work that throws ends it, and so do
 * items that can't be had; what is under way is waited for.
 */
async function inParallel<Item>(
  items: AsyncIterable<Item>,
  limit: () => number,
  isStopping: () => boolean,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const active = new Set<Promise<void>>();
  const thrown: unknown[] = [];
  try {
    for await (const item of items) {
      while (active.size >= limit()) await Promise.race(active);
      if (isStopping() || thrown.length > 0) break;
      const running: Promise<void> = work(item)
        .catch((error: unknown) => {
          thrown.push(error);
        })
        .finally(() => active.delete(running));
      active.add(running);
    }
  } finally {
    await Promise.all(active);
  }
  if (thrown.length > 0) throw thrown[0];
}
