import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FIRST_MS, inTime } from '../../../../renderer/viewer/limit.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a document that draws nothing is given up after a minute, and told of once', async () => {
  const tooLong = vi.fn();
  let fail: (error: Error) => void = () => undefined;
  const shown = inTime(new Promise<void>((_, reject) => (fail = reject)), tooLong);
  await vi.advanceTimersByTimeAsync(FIRST_MS - 1);
  expect(tooLong).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(tooLong).toHaveBeenCalledTimes(1);
  // What comes of it afterwards takes the place of nothing.
  fail(new Error('late'));
  await expect(shown).resolves.toBeUndefined();
  expect(FIRST_MS).toBe(60_000);
});

test('one that is drawn, or fails, is never told of as too slow', async () => {
  const tooLong = vi.fn();
  await inTime(Promise.resolve(), tooLong);
  await expect(inTime(Promise.reject(new Error('damaged')), tooLong)).rejects.toThrow('damaged');
  await vi.advanceTimersByTimeAsync(2 * FIRST_MS);
  expect(tooLong).not.toHaveBeenCalled();
});
