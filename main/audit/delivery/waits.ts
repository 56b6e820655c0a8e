import { isLasting, type NotDelivered } from './receipt.ts';

const FIRST_MS = 5_000;
const LONGEST_MS = 3_600_000;

/**
 * How long to wait after so many failures in a row: twice as long each time, and the longest where somebody has to do
 * something first. Up to half as long again: workstations of a ward don't come back at once.
 */
export function waitMs(
  { code, retryAfterMs }: NotDelivered['error'],
  failures: number,
  random: () => number,
  longestMs = LONGEST_MS,
): number {
  const step = isLasting(code) ? LONGEST_MS : Math.min(longestMs, FIRST_MS * 2 ** (failures - 1));
  return Math.max(step * (1 + random() / 2), Math.min(retryAfterMs ?? 0, LONGEST_MS));
}
