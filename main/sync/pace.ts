import { PAGE } from './plan.ts';
import type { RunTimers } from './run-options.ts';

const PAGE_MIN = 20;
const PAGE_FIRST = 500;
/** Requests under way at most: as many connections as Chromium opens to one host over HTTP/1.1. */
export const CONCURRENCY_MAX = 6;
const CONCURRENCY_FIRST = 3;
/** Good answers after which a page may be twice as large, and one more request under way. */
const STREAK = 8;
/** A wait that the server asks for is kept within the run up to here; longer, and the run ends and is planned anew. */
export const WAIT_MAX_MS = 30_000;
const WAIT_FIRST_MS = 1_000;
const WAITS_MAX = 4;
const HALVINGS_MAX = 4;

const COUNT = /([?&]_count=)(\d+)/;

/** How much a run asks of the server at once: slowly more while it answers well, and less when it struggles. */
export interface Pace {
  /** Requests that may be under way. */
  concurrency(): number;
  /** An address with as many records a page as the server bears now. */
  sized(url: string): string;
  /** An answer came. */
  good(): void;
  /** The server could not make this page, or not in time. False: it makes no sense to ask for less. */
  tooLarge(sized: string): boolean;
  /** The server asks to be left alone for a while; waits, or answers false where that is too long. */
  slowDown(retryAfter: number | null): Promise<boolean>;
}

export interface PaceOptions {
  timers: RunTimers;
  random: () => number;
  /** Requests under way at most. */
  concurrency: number;
  signal: AbortSignal;
}

export function createPace({ timers, random, concurrency, signal }: PaceOptions): Pace {
  let size = PAGE_FIRST;
  let allowed = Math.min(CONCURRENCY_FIRST, concurrency);
  let streak = 0;
  let waits = 0;
  let halvings = 0;

  return {
    concurrency: () => allowed,
    sized: (url) => url.replace(COUNT, (_whole, name, count) => `${name}${Math.min(Number(count), size)}`),
    good() {
      waits = 0;
      halvings = 0;
      streak += 1;
      if (streak % STREAK !== 0) return;
      size = Math.min(PAGE, size * 2);
      allowed = Math.min(concurrency, allowed + 1);
    },
    tooLarge(sized) {
      streak = 0;
      // Several were under way, and one of the others has learnt it already.
      if (Number(COUNT.exec(sized)?.[2]) > size) return true;
      if (halvings === HALVINGS_MAX || size === PAGE_MIN) return false;
      halvings += 1;
      size = Math.max(PAGE_MIN, Math.floor(size / 2));
      return true;
    },
    async slowDown(retryAfter) {
      streak = 0;
      allowed = 1;
      const step = WAIT_FIRST_MS * 2 ** waits * (0.5 + random());
      const ms = Math.max(step, (retryAfter ?? 0) * 1000);
      if (waits === WAITS_MAX || ms > WAIT_MAX_MS) return false;
      waits += 1;
      await timers.wait(ms, signal);
      return !signal.aborted;
    },
  };
}
