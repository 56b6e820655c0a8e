import type { RawError, RawResult } from '../../fhir/raw.ts';

export interface Waiting {
  /** Resolves after the time, or as soon as the signal says so. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** From 0 to less than 1. */
  readonly random: () => number;
}

const TRIES = 4;
const FIRST_MS = 500;
/** A longer wait ends the run, which is planned anew by it. */
const WAIT_MAX_MS = 10_000;
const passing: ReadonlySet<number> = new Set([408, 409, 423, 425, 429, 500, 502, 503, 504]);

/**
 * Repeats what goes on where it was cut off, up to four times in a row without getting on. Waits twice as long each time,
 * with jitter, and at least as long as the server asks for.
 */
export function createSteadily({ wait, random }: Waiting) {
  return async <Value>(
    attempt: () => Promise<RawResult<Value>>,
    signal: AbortSignal,
    progress: () => number,
  ): Promise<RawResult<Value>> => {
    let tries = 0;
    for (let before = progress(); ; before = Math.max(before, progress())) {
      const result = await attempt();
      if (result.ok) return result;
      tries = progress() > before ? 1 : tries + 1;
      const ms = Math.max((result.error.retryAfter ?? 0) * 1000, FIRST_MS * 2 ** (tries - 1) * (0.5 + random()));
      if (!isPassing(result.error) || tries >= TRIES || ms > WAIT_MAX_MS || signal.aborted) return result;
      await wait(ms, signal);
      if (signal.aborted) return result;
    }
  };
}

function isPassing({ code, status }: RawError): boolean {
  return status === null ? code === 'server-unreachable' : passing.has(status);
}
