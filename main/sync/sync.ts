import type { SyncError, SyncStatus } from '../../preload/contract/sync.ts';
import type { Cache } from '../cache/client.ts';
import type { FhirClient } from '../fhir/client.ts';
import { runSync } from './engine.ts';

/** How long after a complete run the next one begins, and the steps of waiting after a failure. */
const INTERVAL_MS = 5 * 60_000;
const RETRY_MS = [5_000, 15_000, 60_000, INTERVAL_MS] as const;
/** Longest wait that a server can ask for; a timer of more than 24 days would come due at once. */
const LONGEST_MS = 60 * 60_000;

export interface Timers {
  now(): number;
  /** Calls back after `ms`; answers how to cancel that. */
  after(ms: number, callback: () => void): () => void;
}

/** Sync of one unlocked profile: runs by itself, on demand, and after failures. */
export interface Sync {
  status(): SyncStatus;
  start(): void;
  /** Ends the run after the page that is being stored. */
  cancel(): void;
  /** Ends everything; resolves when nothing uses the cache any more. */
  stop(): Promise<void>;
}

export interface SyncOptions {
  cache: Cache;
  fhir: FhirClient;
  practitioner: string;
  timers: Timers;
  onStatus: (status: SyncStatus) => void;
  onChanged: (patients: readonly string[]) => void;
}

export function createSync(options: SyncOptions): Sync {
  const { cache, fhir, practitioner, timers, onStatus, onChanged } = options;
  let status: SyncStatus = { activity: 'idle', online: null, asOf: null, complete: false, progress: null, error: null };
  let running: Promise<void> | null = null;
  let aborter = new AbortController();
  let failures = 0;
  let stopped = false;
  let unschedule: () => void = () => undefined;

  function update(change: Partial<SyncStatus>): void {
    status = { ...status, ...change };
    if (!stopped) onStatus(status);
  }

  function schedule(ms: number): string {
    unschedule();
    unschedule = timers.after(ms, start);
    return new Date(timers.now() + ms).toISOString();
  }

  /** Offline is a state that ends by itself; a person is needed only for a new sign-in. */
  function failed(code: SyncError, retryAfter: number | null): void {
    const step = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? INTERVAL_MS;
    failures += 1;
    const wait = retryAfter === null ? step : Math.min(Math.max(retryAfter * 1000, step), LONGEST_MS);
    const retryAt = code === 'sign-in-needed' ? null : schedule(wait);
    const unreachable = code === 'offline' || code === 'server-unreachable';
    update({ ...(unreachable && { online: false }), error: { code, retryAt } });
  }

  async function run(): Promise<void> {
    aborter = new AbortController();
    update({ activity: 'running', error: null, progress: { label: 'Care teams', done: 0, total: 1, resources: 0 } });
    try {
      const result = await runSync({
        cache,
        fhir,
        practitioner,
        signal: aborter.signal,
        onProgress: (progress) => update({ progress }),
        onChanged,
        onAnswer: () => {
          if (status.online !== true) update({ online: true });
        },
      });
      if (result.ok) {
        failures = 0;
        schedule(INTERVAL_MS);
      } else if (result.error.code !== 'cancelled') {
        failed(result.error.code, result.error.retryAfter);
      }
    } catch {
      failed('store-failed', null);
    }
    const known = await cache.read.run().catch(() => null);
    update({ activity: 'idle', progress: null, ...(known && { asOf: known.asOf, complete: known.asOf !== null }) });
  }

  function start(): void {
    if (running || stopped) return;
    unschedule();
    running = run().finally(() => {
      running = null;
    });
  }

  return {
    status: () => status,
    start,
    cancel() {
      if (!running) return;
      unschedule();
      update({ activity: 'cancelling' });
      aborter.abort();
    },
    async stop() {
      stopped = true;
      unschedule();
      aborter.abort();
      await running;
      // The run that was ended may have planned the next.
      unschedule();
    },
  };
}
