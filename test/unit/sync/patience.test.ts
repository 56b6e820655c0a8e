import { describe, expect, it } from 'vitest';
import { createPatience } from '../../../main/sync/patience.ts';

describe('the patience of a run', () => {
  it('bears what fails between answers, without an end', () => {
    const patience = createPatience();
    for (let at = 0; at < 1_000; at += 1) {
      expect([patience.bears('Goal'), patience.bears('CarePlan')]).toEqual([true, true]);
      patience.answered();
    }
  });

  it('ends with the third type that fails in a row', () => {
    const patience = createPatience();
    expect(['Goal', 'Goal', 'CarePlan', 'Task'].map(patience.bears)).toEqual([true, true, true, false]);
  });

  it('ends where a single type fails thirty times in a row', () => {
    const patience = createPatience();
    const borne = Array.from({ length: 31 }, () => patience.bears('Goal'));
    expect(borne.indexOf(false)).toBe(29);
  });
});
