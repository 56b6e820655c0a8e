import type { Result } from '../../preload/contract/channel.ts';
import type { SyncError, SyncStatus } from '../../preload/contract/sync.ts';
import { CodedError } from '../cache/store-error.ts';
import { runSync } from './engine.ts';
import { createReceipt, type Received } from './received.ts';
import type { RunOptions, RunTimers } from './run-options.ts';
import { acceptServer, resetReason } from './server.ts';
import { createReconciliation } from './upload/reconcile.ts';
import type { Announce } from './upload/run.ts';
import { runUpload } from './upload/upload.ts';

/** How long after a complete run the next one begins, and the steps of waiting after a failure. */
const INTERVAL_MS = 5 * 60_000;
const RETRY_MS = [5_000, 15_000, 60_000, INTERVAL_MS] as const;
/** Longest wait that a server can ask for; a timer of more than 24 days would come due at once. */
const LONGEST_MS = 60 * 60_000;
/** How long the page that is under way may take when a run is cancelled, before it is given up. */
const LAST_PAGE_MS = 5_000;
/** After a clinician's change; several that belong together go together. */
const AFTER_CHANGE_MS = 1_000;
/** Differences of the clocks that are told as one. */
const OFFSET_STEP_MS = 5_000;
/** Beyond so many patients the page is told that all may have changed (preload/contract/patients.ts). */
const CHANGED_MAX = 5_000;

export interface Timers {
  now(): number;
  /** Calls back after `ms`; answers how to cancel that. */
  after(ms: number, callback: () => void): () => void;
}

/** Sync of one unlocked profile: runs by itself, on demand, after a clinician's change, and after failures. */
export interface Sync {
  status(): SyncStatus;
  start(): void;
  /** Ends the run after the pages that are under way, which are stored. */
  cancel(): void;
  /** The unsent changes are other ones: they are told anew, and sent as soon as may be. */
  changed(): void;
  /** Why the server counts as reset, as a code; null where it doesn't. */
  resetReason(): Promise<string | null>;
  /** Takes the server for what it is now, and begins the run that fetches everything before anything is sent. */
  acceptServer(): Promise<Result<Record<string, never>, 'disk-full' | 'store-failed'>>;
  /** Ends everything; resolves when nothing uses the cache any more. */
  stop(): Promise<void>;
}

export interface SyncOptions
  extends Pick<
    RunOptions,
    'cache' | 'fhir' | 'bulk' | 'practitioner' | 'policy' | 'random' | 'scopes' | 'contact' | 'onArriving'
  > {
  timers: Timers;
  /** Milliseconds that the first run waits, so that the page is drawn before it takes the processor; default: none. */
  leadMs?: number;
  onStatus: (status: SyncStatus) => void;
  onChanged: (patients: readonly string[] | 'all') => void;
  /** The list of unsent changes is another one. */
  onChanges?: () => void;
  /** Records changes before they leave. */
  announce?: Announce;
  /** Records what a run has brought, once it has ended. */
  onReceived?: (received: Received) => Promise<void>;
  /** Sends the outbox; another one in tests. */
  upload?: typeof runUpload;
}

const nothingKnown: SyncStatus = {
  activity: 'idle',
  online: null,
  asOf: null,
  complete: false,
  upToDate: false,
  progress: null,
  error: null,
  changes: { waiting: 0, conflicts: 0, parked: 0, duplicates: 0, unchecked: 0 },
  clockOffsetMs: null,
  nextRunAt: null,
};

/** Failures that only a person ends. */
const needsPerson: ReadonlySet<SyncError> = new Set(['sign-in-needed', 'server-reset']);

export function createSync(options: SyncOptions): Sync {
  const { cache, fhir, policy, timers, onStatus, onChanges = () => undefined, upload = runUpload, announce } = options;
  const runTimers = createRunTimers(timers);
  let status = nothingKnown;
  let running: Promise<void> | null = null;
  let accepting: Promise<void> | null = null;
  let aborter = new AbortController();
  let stopper = new AbortController();
  let leadMs = options.leadMs ?? 0;
  let failures = 0;
  let stopped = false;
  /** Something was changed since the outbox was last sent. */
  let isDue = false;
  /** The server wants to be left alone until then, on this clock; only a person overrides it. */
  let notBefore = 0;
  /** The last run that ended was a whole one, and stored everything. */
  let isWhole = false;
  let deletionsKnown = true;
  const stoppedAt = new Set<string>();
  /** Unsent records whose numbers the server failed to look for; they wait. */
  let unchecked = 0;
  /** Nothing is sent before everything was fetched anew. */
  let isRefetching = false;
  let unschedule: () => void = () => undefined;

  function update(change: Partial<SyncStatus>): void {
    const next = { ...status, ...change };
    const { waiting, conflicts, parked } = next.changes;
    status = { ...next, upToDate: isWhole && deletionsKnown && waiting + conflicts + parked === 0 };
    if (!stopped) onStatus(status);
  }

  function schedule(ms: number): string {
    unschedule();
    unschedule = timers.after(ms, start);
    const at = new Date(timers.now() + ms).toISOString();
    update({ nextRunAt: at });
    return at;
  }

  function leaveAlone(seconds: number | null): void {
    if (seconds !== null) notBefore = timers.now() + Math.min(seconds * 1000, LONGEST_MS);
  }

  /** Plans the run that sends a change, where one can begin without a person. */
  function sendSoon(): void {
    const code = status.error?.code;
    const isBlocked = code !== undefined && needsPerson.has(code);
    if (running || stopped || status.online === false || isBlocked) return;
    schedule(Math.max(AFTER_CHANGE_MS, notBefore - timers.now()));
  }

  /** Offline is a state that ends by itself; a person is needed only for a new sign-in, and for a server that was reset. */
  function failed(code: SyncError, retryAfter: number | null): void {
    const step = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? INTERVAL_MS;
    failures += 1;
    leaveAlone(retryAfter);
    const wait = retryAfter === null ? step : Math.min(Math.max(retryAfter * 1000, step), LONGEST_MS);
    const retryAt = needsPerson.has(code) ? null : schedule(wait);
    const unreachable = code === 'offline' || code === 'server-unreachable';
    update({ ...(unreachable && { online: false }), error: { code, retryAt } });
  }

  function onAnswer(serverTime: string | null): void {
    const offset = serverTime === null ? 0 : Date.parse(serverTime) - timers.now();
    const shown = Math.abs(offset) > policy.clockLimitMs ? Math.round(offset) : null;
    const isOther = Math.abs((shown ?? 0) - (status.clockOffsetMs ?? 0)) > OFFSET_STEP_MS;
    const clock = serverTime !== null && isOther ? { clockOffsetMs: shown } : {};
    if (status.online !== true || 'clockOffsetMs' in clock) update({ online: true, ...clock });
  }

  function onChanged(patients: readonly string[]): void {
    if (patients.length > 0) options.onChanged(patients.length > CHANGED_MAX ? 'all' : patients);
  }

  async function recount(): Promise<void> {
    const counts = await cache.outbox.counts().catch(() => null);
    const duplicates = await cache.outbox.duplicates().catch(() => null);
    // What can't be counted may be there: nothing is confirmed then.
    if (!counts) isWhole = false;
    const { changes } = status;
    update({ changes: { ...changes, ...counts, duplicates: duplicates?.length ?? changes.duplicates, unchecked } });
  }

  function onList(): void {
    onChanges();
    void recount();
  }

  async function tellKnown(): Promise<void> {
    const known = await cache.read.run().catch(() => null);
    deletionsKnown = known?.deletionsKnown ?? deletionsKnown;
    isRefetching = known?.refetch ?? isRefetching;
    if (known) update({ asOf: known.asOf, complete: known.asOf !== null });
    await recount();
  }

  const { watchHours, specimenMinutes } = policy.downtime.numbers ?? { watchHours: 72, specimenMinutes: 30 };
  const reconciliation = createReconciliation({
    ...{ cache, fhir, watchHours, specimenMinutes, onChanged, onChanges: onList },
    now: timers.now,
  });

  const send: NonNullable<RunOptions['upload']> = async ({ statement, serverTime }, signal) => {
    isDue = false;
    const looked = await reconciliation.run(signal);
    unchecked = reconciliation.failure()?.count ?? 0;
    if (!looked.ok) {
      leaveAlone(looked.error.retryAfter);
      return looked;
    }
    const sent = await upload({
      cache,
      fhir,
      capabilities: statement,
      serverTime,
      signal,
      held: reconciliation.held,
      stoppedAt,
      onProgress: ({ done, total }) =>
        update({
          progress: { phase: 'sending', label: 'Changes', done, total, resources: 0, remainingMs: null },
        }),
      onChanged,
      onChanges: onList,
      announce,
    });
    if (!sent.ok) leaveAlone(sent.error.retryAfter);
    return sent.ok ? (reconciliation.failure()?.failure ?? sent) : sent;
  };

  async function runOnce(): Promise<void> {
    const receipt = createReceipt(options.onReceived);
    try {
      const result = await runSync({
        ...options,
        timers: runTimers,
        signal: aborter.signal,
        stopping: stopper.signal,
        upload: send,
        isUploadDue: () => isDue && timers.now() >= notBefore,
        onProgress(progress) {
          receipt.count(progress.resources);
          update({ progress });
        },
        onChanged(patients) {
          receipt.changed(patients);
          onChanged(patients);
        },
        onChanges: onList,
        onAnswer,
      });
      isWhole = result.ok && (await cache.read.run()).whole;
      if (result.ok) {
        failures = 0;
        notBefore = 0;
        schedule(isDue ? AFTER_CHANGE_MS : INTERVAL_MS);
      } else if (result.error.code !== 'cancelled') failed(result.error.code, result.error.retryAfter);
    } catch (error) {
      isWhole = false;
      failed(storeCode(error), null);
    } finally {
      // What came before a failure has come.
      await receipt.end().catch(() => undefined);
    }
  }

  async function run(): Promise<void> {
    aborter = new AbortController();
    stopper = new AbortController();
    update({
      activity: 'running',
      error: null,
      nextRunAt: null,
      progress: { phase: 'panel', label: 'Care teams', done: 0, total: 1, resources: 0, remainingMs: null },
    });
    await tellKnown();
    if (leadMs > 0) await runTimers.wait(leadMs, aborter.signal);
    leadMs = 0;
    if (!stopped) await runOnce();
    await tellKnown();
    update({ activity: 'idle', progress: null });
  }

  function start(): void {
    if (running || accepting || stopped) return;
    unschedule();
    running = run().finally(() => {
      running = null;
      // What was changed while the run ended, or was cancelled; after a failure the next one is planned.
      if (isDue && !isRefetching && status.error === null) sendSoon();
    });
  }

  function cancel(): void {
    if (!running) return;
    update({ activity: 'cancelling' });
    stopper.abort();
    const { signal } = aborter;
    const giveUp = timers.after(LAST_PAGE_MS, () => aborter.abort());
    // Without a run there is nothing left to give up.
    void running.finally(giveUp);
    signal.addEventListener('abort', giveUp, { once: true });
  }

  /** No run begins meanwhile, and one that is under way has ended: what it fetched belongs to the server of before. */
  async function accept(): Promise<void> {
    await running;
    await acceptServer(cache);
    // What waits is sent as soon as everything was fetched and compared.
    isDue = true;
    isWhole = false;
    options.onChanged('all');
  }

  return {
    status: () => status,
    start,
    cancel,
    changed() {
      isDue = true;
      void recount();
      sendSoon();
    },
    resetReason: () => resetReason(cache),
    async acceptServer() {
      try {
        accepting ??= accept().finally(() => {
          accepting = null;
        });
        await accepting;
      } catch (error) {
        return { ok: false, error: { code: storeCode(error) } };
      }
      start();
      return { ok: true, value: {} };
    },
    async stop() {
      stopped = true;
      unschedule();
      aborter.abort();
      await Promise.allSettled([running, accepting]);
      // The run that was ended may have planned the next.
      unschedule();
    },
  };
}

function storeCode(error: unknown): 'disk-full' | 'store-failed' {
  return error instanceof CodedError && error.code === 'disk-full' ? 'disk-full' : 'store-failed';
}

/** Timers of a run, which can be waited for. */
export function createRunTimers({ now, after }: Timers): RunTimers {
  return {
    now,
    wait: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) {
          resolve();
          return;
        }
        const end = () => {
          forget();
          signal?.removeEventListener('abort', end);
          resolve();
        };
        const forget = after(ms, end);
        signal?.addEventListener('abort', end, { once: true });
      }),
  };
}
