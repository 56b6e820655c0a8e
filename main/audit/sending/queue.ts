import type { SendingLine } from '../../../preload/contract/audit.ts';
import { isLasting } from '../delivery/receipt.ts';
import { createRounds, type DeliveryTimers, type RoundFailure } from '../delivery/rounds.ts';
import { waitMs } from '../delivery/waits.ts';
import type { AuditStore } from '../store.ts';
import { type News, newsOf } from './news.ts';
import type { Channel } from './outcome.ts';

export interface SendingQueueOptions {
  readonly channel: Channel;
  /** The open log; null where it can't be opened now. */
  readonly store: () => Promise<Pick<AuditStore, 'sendings' | 'range'> | null>;
  readonly timers: DeliveryTimers;
  readonly now: () => number;
  /** From 0 to less than 1. */
  readonly random: () => number;
  /** Some were received, others wait, or something else is in the way. */
  readonly onStatus: (status: SendingLine) => void;
}

/** Alarms on one of the ways by which they are sent. */
export interface SendingQueue {
  wake(): void;
  status(): SendingLine;
  /** Stops what is under way; resolves when it has ended. */
  stop(): Promise<void>;
}

/** An alarm is to be known soon after the network is back. */
const LONGEST_MS = 5 * 60_000;
/** What is refused for what it is, is tried again after so long: by then somebody may have mended the other side. */
const PARKED_MS = 24 * 3_600_000;

/**
 * Sends each alarm of the log until it was received. That it was stands in the log before the next one goes; what a crash
 * left without that goes again, and the other side knows it by its id.
 */
export function createSendingQueue(options: SendingQueueOptions): SendingQueue {
  const { channel, store, timers, now, random, onStatus } = options;
  const { name } = channel;
  let status: SendingLine = { channel: name, waiting: null, problem: null, needsIt: false };
  let failures = 0;
  /** They go last the next time, so that one that can't be sent keeps no other one back. */
  const failed = new Set<number>();
  const rounds = createRounds({
    round,
    onFailure: ({ code }) => tell(status.waiting, code),
    waitMs({ code, retryAfterMs }) {
      failures += 1;
      // A log whose process has ended is open again with the next access.
      const needsIt = isLasting(code) && code !== 'segment-unreadable';
      return waitMs({ needsIt, retryAfterMs, failures, random, longestMs: LONGEST_MS });
    },
    timers,
  });

  function tell(waiting: number | null, problem: RoundFailure['code'] | null): void {
    const next = { channel: name, waiting, problem, needsIt: problem !== null && isLasting(problem) };
    const isNews = next.waiting !== status.waiting || next.problem !== status.problem;
    status = next;
    if (isNews) onStatus(status);
  }

  /** All that is due now; what stopped it, or null. */
  async function round(signal: AbortSignal): Promise<RoundFailure | null> {
    const log = await store();
    if (!log) return { code: 'segment-unreadable', retryAfterMs: null };
    const [time, refusedBefore] = [now(), now() - PARKED_MS].map((at) => new Date(at).toISOString()) as [
      string,
      string,
    ];
    const { due, parked } = await log.sendings.alarmsDue({ channel: name, time, refusedBefore });
    const left = { due: due.length, parked, elsewhere: 0 };
    tell(left.due + parked, status.problem);
    for (const seq of [...due.filter((one) => !failed.has(one)), ...due.filter((one) => failed.has(one))]) {
      if (signal.aborted) return { code: 'cancelled', retryAfterMs: null };
      const alarm = (await log.range(seq, seq + 1)).map(newsOf)[0];
      left.due -= 1;
      // What is no alarm any more is for the verification to find.
      if (!alarm) continue;
      const failure = await bring(log, alarm, left, signal);
      if (failure) {
        failed.add(seq);
        tell(left.due + 1 + left.parked + left.elsewhere, status.problem);
        return failure;
      }
    }
    failures = 0;
    failed.clear();
    tell(left.parked + left.elsewhere, problemOf(left));
    if (left.parked > 0) rounds.wakeAfter(PARKED_MS);
    return null;
  }

  /** One alarm; what keeps this one and the next ones from going, or null. */
  async function bring(
    log: Pick<AuditStore, 'sendings'>,
    alarm: News,
    left: { parked: number; elsewhere: number },
    signal: AbortSignal,
  ): Promise<RoundFailure | null> {
    if (!channel.takes(alarm)) {
      left.elsewhere += 1;
      return null;
    }
    const sent = await channel.send(alarm, signal);
    if (!sent.ok) return sent.error;
    const { value: outcome } = sent;
    failures = 0;
    await log.sendings.keepOutcome({ seq: alarm.seq, alarm: alarm.id, channel: name, outcome });
    if (outcome.kind === 'refused') left.parked += 1;
    return null;
  }

  return { wake: rounds.wake, status: () => status, stop: rounds.stop };
}

/** Why some still wait after all were tried. */
function problemOf({ parked, elsewhere }: { parked: number; elsewhere: number }): RoundFailure['code'] | null {
  if (parked > 0) return 'request-refused';
  return elsewhere > 0 ? 'not-signed-in' : null;
}
