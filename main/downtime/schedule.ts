import type { DowntimePolicy } from '../managed/downtime.ts';

export interface ScheduleOptions {
  readonly policy: Pick<DowntimePolicy, 'binder' | 'everyMinutes' | 'leastMinutes'>;
  readonly now: () => number;
  /** Milliseconds of the newest binder of the whole list; null where there is none. */
  readonly lastMade: () => number | null;
  readonly make: () => Promise<void>;
  readonly after: (ms: number, callback: () => void) => () => void;
}

/** Makes the binder of the list by itself, while Wardlight is unlocked. */
export interface Schedule {
  start(): void;
  /** A run of sync has ended well. */
  synced(): void;
  stop(): void;
}

const MINUTE_MS = 60_000;
/** After an unlock or a sync the clinician comes first. */
const LEAD_MS = MINUTE_MS;

export function createSchedule({ policy, now, lastMade, make, after }: ScheduleOptions): Schedule {
  let cancel: (() => void) | null = null;
  let isMaking = false;
  let isStopped = false;

  /** A clock that was set back makes one rather than none. */
  function age(): number {
    const last = lastMade();
    return last === null || last > now() ? Number.POSITIVE_INFINITY : now() - last;
  }

  function plan(leastWait: number): void {
    cancel?.();
    if (isStopped || !policy.binder) return;
    const wait = Math.max(leastWait, policy.everyMinutes * MINUTE_MS - age());
    cancel = after(wait, () => void due());
  }

  async function due(): Promise<void> {
    if (isMaking || isStopped) return;
    isMaking = true;
    try {
      await make();
    } finally {
      isMaking = false;
      // One that failed is tried again when as much time has passed as between two.
      plan(policy.leastMinutes * MINUTE_MS);
    }
  }

  return {
    start: () => plan(LEAD_MS),
    synced() {
      if (age() < policy.leastMinutes * MINUTE_MS || isMaking || isStopped || !policy.binder) return;
      cancel?.();
      cancel = after(LEAD_MS, () => void due());
    },
    stop() {
      isStopped = true;
      cancel?.();
    },
  };
}
