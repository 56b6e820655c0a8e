import { describe, expect, it } from 'vitest';
import { simulateWeek } from '../../ward-week/week.ts';

describe('a simulated week of a small hospital', () => {
  it('security: finds the ten planted abuses with at most one false alarm a clinician and month', () => {
    const week = simulateWeek({ seed: 11, clinicians: 100, weeksBefore: 3 });
    expect(week.planted.filter(({ toldBy }) => toldBy.length === 0)).toEqual([]);
    expect(week.found).toBe(10);
    expect(week.falseAlarmsPerClinicianMonth).toBeLessThanOrEqual(1);
    expect(week.ok).toBe(true);
  });

  it('is the same by the same seed, and another one by another', () => {
    const small = { clinicians: 50, weeksBefore: 0 };
    const week = simulateWeek({ ...small, seed: 3 });
    expect(simulateWeek({ ...small, seed: 3 })).toEqual(week);
    expect(simulateWeek({ ...small, seed: 4 })).not.toEqual({ ...week, seed: 4 });
  });
});
