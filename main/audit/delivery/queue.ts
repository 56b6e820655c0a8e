import type { Segments } from '../store.ts';
import { type Consignment, type DeliveryFailure, isLasting, type SealedSegment, type Target } from './receipt.ts';
import { createRounds, type DeliveryTimers, type RoundFailure } from './rounds.ts';
import type { DeliveredSegment } from './segments.ts';
import { waitMs } from './waits.ts';

/** How the delivery to one target stands. */
export interface TargetStatus {
  readonly target: string;
  /** Why the oldest segment is not there yet; null while it goes on, or where none waits. */
  readonly problem: DeliveryFailure | null;
  /** Whether somebody has to do something. */
  readonly needsIt: boolean;
  /** How far the target has acknowledged the log without a gap since this start; null before anything is known. */
  readonly delivered: number | null;
}

/** Something that is not as a receipt says. */
export interface DeliveryFinding {
  /** `receipt-false`: the target hasn't what it has acknowledged. `name-taken`: another object has a segment's name. */
  readonly code: 'receipt-false' | 'name-taken';
  readonly target: string;
  readonly first: number;
  readonly end: number;
}

export interface QueueOptions {
  /** The open log's segments; null where it can't be opened now. */
  readonly segments: () => Promise<Segments | null>;
  readonly target: Target;
  readonly timers: DeliveryTimers;
  /** From 0 to less than 1. */
  readonly random: () => number;
  readonly onStatus: (status: TargetStatus) => void;
  readonly onFinding: (finding: DeliveryFinding) => void;
}

/** Segments on their way to one target. */
export interface Queue {
  /** There may be a new segment, or what was in the way may be gone. */
  wake(): void;
  status(): TargetStatus;
  /** Stops what is under way; resolves when it has ended. */
  stop(): Promise<void>;
}

/** Receipts that are compared with the target at each start: the newest, and others by lot. */
const CONFIRMED = 8;
const CONFIRMED_OF = 1_000;

/**
 * Brings segments to a target in their order, each until it is acknowledged. What was acknowledged is in the log before
 * the next one goes; what a crash left without a receipt is brought again, and the target knows it again.
 */
export function createQueue({ segments, target, timers, random, onStatus, onFinding }: QueueOptions): Queue {
  let status: TargetStatus = { target: target.name, problem: null, needsIt: false, delivered: null };
  let isConfirmed = false;
  let failures = 0;
  /** Acknowledged, and not there: brought once more. */
  const again: SealedSegment[] = [];

  function tell(changes: Partial<TargetStatus>): void {
    status = { ...status, ...changes };
    onStatus(status);
  }

  const rounds = createRounds({
    round,
    onFailure: ({ code }) => tell({ problem: code, needsIt: isLasting(code) }),
    waitMs({ code, retryAfterMs }) {
      failures += 1;
      return waitMs({ needsIt: isLasting(code), retryAfterMs, failures, random });
    },
    timers,
  });

  /** All that waits now; what stopped it, or null. */
  async function round(signal: AbortSignal): Promise<RoundFailure | null> {
    const log = await segments();
    if (!log) return { code: 'segment-unreadable', retryAfterMs: null };
    if (!isConfirmed) {
      const failure = await confirmSome(log, signal);
      if (failure) return failure;
      isConfirmed = true;
    }
    while (!signal.aborted) {
      const next = again[0] ?? (await log.undelivered({ target: target.name, limit: 1 }))[0];
      if (!next) break;
      const failure = await bring(log, next, signal);
      if (failure) return failure;
      if (again[0] === next) again.shift();
    }
    failures = 0;
    tell({ problem: null, needsIt: false });
    return null;
  }

  async function bring(log: Segments, segment: SealedSegment, signal: AbortSignal): Promise<RoundFailure | null> {
    const consignment: Consignment = {
      ...segment,
      body: async () => Buffer.from(await log.sealedBody({ first: segment.first }), 'ascii'),
      events: (first, end) => log.events({ first, end }),
    };
    const delivered = await target.deliver(consignment, signal);
    if (!delivered.ok) return delivered.error;
    const { value: receipt } = delivered;
    await log.keepReceipt({ first: segment.first, target: target.name, receipt });
    failures = 0;
    if ('besideAnother' in receipt && receipt.besideAnother) find('name-taken', segment);
    tell({ problem: null, needsIt: false, delivered: Math.max(status.delivered ?? 0, segment.end) });
    return null;
  }

  /** Looks whether the target has what was acknowledged: receipts may be forged here, and objects lost there. */
  async function confirmSome(log: Segments, signal: AbortSignal): Promise<RoundFailure | null> {
    const known = await log.receipts({ target: target.name, limit: CONFIRMED_OF });
    for (const { receipt, ...segment } of drawn(known, random)) {
      const confirmed = await target.confirm(segment, receipt, signal);
      if (!confirmed.ok) return confirmed.error;
      if (confirmed.value !== false) continue;
      find('receipt-false', segment);
      again.push(segment);
    }
    tell({ delivered: known[0]?.end ?? 0 });
    return null;
  }

  function find(code: DeliveryFinding['code'], { first, end }: SealedSegment): void {
    onFinding({ code, target: target.name, first, end });
  }

  return { wake: rounds.wake, status: () => status, stop: rounds.stop };
}

/** The newest, and others by lot; the oldest first. */
function drawn([newest, ...others]: readonly DeliveredSegment[], random: () => number): DeliveredSegment[] {
  const rest = [...others];
  const chosen = newest ? [newest] : [];
  while (chosen.length < CONFIRMED && rest.length > 0) {
    chosen.push(...rest.splice(Math.floor(random() * rest.length), 1));
  }
  return chosen.sort((left, right) => left.first - right.first);
}
