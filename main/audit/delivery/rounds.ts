import type { NotDelivered } from './receipt.ts';

/** Why a round has stopped before its end. */
export type RoundFailure = NotDelivered['error'];

export interface DeliveryTimers {
  after(ms: number, callback: () => void): () => void;
}

export interface RoundsOptions {
  /** Brings all that waits; what stopped it, or null. */
  readonly round: (signal: AbortSignal) => Promise<RoundFailure | null>;
  readonly onFailure: (failure: RoundFailure) => void;
  /** Milliseconds until it is tried again. */
  readonly waitMs: (failure: RoundFailure) => number;
  readonly timers: DeliveryTimers;
}

/** Rounds of work, one at a time: one when it is woken, and one by itself some time after a failure. */
export interface Rounds {
  wake(): void;
  /** Another round, unless one is due already. */
  wakeAfter(ms: number): void;
  /** Stops what is under way; resolves when it has ended. */
  stop(): Promise<void>;
}

export function createRounds({ round, onFailure, waitMs, timers }: RoundsOptions): Rounds {
  let running: Promise<void> | null = null;
  let isWoken = false;
  let cancelWait: (() => void) | null = null;
  const stopping = new AbortController();
  const { signal } = stopping;

  function wake(): void {
    if (signal.aborted) return;
    cancelWait?.();
    cancelWait = null;
    isWoken = true;
    running ??= run().finally(() => {
      running = null;
      // Woken after it had looked for the last time.
      if (isWoken && cancelWait === null) wake();
    });
  }

  async function run(): Promise<void> {
    while (isWoken && !signal.aborted) {
      isWoken = false;
      const failure = await round(signal).catch(
        (): RoundFailure => ({ code: 'segment-unreadable', retryAfterMs: null }),
      );
      if (failure === null || failure.code === 'cancelled') continue;
      onFailure(failure);
      if (!isWoken) wakeAfter(waitMs(failure));
    }
  }

  function wakeAfter(ms: number): void {
    if (!isWoken) cancelWait = timers.after(ms, wake);
  }

  return {
    wake,
    wakeAfter,
    async stop() {
      stopping.abort();
      cancelWait?.();
      await running;
    },
  };
}
