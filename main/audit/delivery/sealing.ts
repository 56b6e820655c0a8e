import type { AuditStore } from '../store.ts';
import type { DeliveryTimers } from './rounds.ts';

export interface SealingOptions {
  /** The open log; null where it can't be opened now. */
  readonly store: () => Promise<Pick<AuditStore, 'checkpoint' | 'segments'> | null>;
  /** PEM. */
  readonly organisationKey: string;
  /** Longest time from an event to the segment that takes it along. */
  readonly everyMs: number;
  readonly now: () => number;
  readonly timers: DeliveryTimers;
  /** All is sealed that could be. */
  readonly onDone: () => void;
  /** Why it could not be sealed, as a code. */
  readonly onFailure: (code: string) => void;
}

/** Seals what was recorded: by time, and whenever it is asked for. */
export interface Sealing {
  begin(): void;
  /** Signs and seals all that there is. */
  seal(): Promise<void>;
  stop(): Promise<void>;
}

export function createSealing(options: SealingOptions): Sealing {
  const { store, organisationKey, everyMs, now, timers, onDone, onFailure } = options;
  let sealing: Promise<void> = Promise.resolve();
  let cancel: () => void = () => undefined;
  let isStopped = false;

  async function sealAll(): Promise<void> {
    try {
      const log = await store();
      if (!log) return;
      await log.checkpoint();
      const time = new Date(now()).toISOString();
      while (await log.segments.seal({ organisationKey, time }));
    } catch (error) {
      // What is sealed already goes all the same.
      onFailure(String((error as { code?: unknown } | null)?.code ?? 'store-failed'));
    } finally {
      onDone();
    }
  }

  /** One after the other: each goes on where the one before has ended. */
  function seal(): Promise<void> {
    sealing = sealing.then(sealAll);
    return sealing;
  }

  function begin(): void {
    if (isStopped) return;
    cancel = timers.after(everyMs, () => void seal().then(begin));
  }

  return {
    begin,
    seal,
    async stop() {
      isStopped = true;
      cancel();
      await sealing;
    },
  };
}
