const FIRST_MS = 5_000;
const LONGEST_MS = 3_600_000;

export interface Wait {
  /** Somebody has to do something first. */
  readonly needsIt: boolean;
  /** What the other side asks for. */
  readonly retryAfterMs: number | null;
  /** In a row, this one included. */
  readonly failures: number;
  /** From 0 to less than 1. */
  readonly random: () => number;
  readonly longestMs?: number;
}

/**
 * How long to wait before it is tried again: twice as long each time. Up to half as long again: workstations of a ward
 * don't come back at once.
 */
export function waitMs({ needsIt, retryAfterMs, failures, random, longestMs = LONGEST_MS }: Wait): number {
  const step = needsIt ? LONGEST_MS : Math.min(longestMs, FIRST_MS * 2 ** (failures - 1));
  return Math.max(step * (1 + random() / 2), Math.min(retryAfterMs ?? 0, LONGEST_MS));
}
