import { describe, expect, it } from 'vitest';
import { type Plan, planOf } from '../../sim/plan.ts';
import { random } from '../../sim/random.ts';
import { shrink } from '../../sim/shrink.ts';

describe('the plan of a seed', () => {
  it('is the same each time, and plain data', () => {
    const plan = planOf(7, { steps: 300, clients: 3 });
    expect(planOf(7, { steps: 300, clients: 3 })).toEqual(plan);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(planOf(8, { steps: 300, clients: 3 })).not.toEqual(plan);
  });

  it('begins alike, however long it is', () => {
    const { steps } = planOf(7, { steps: 300, clients: 3 });
    expect(planOf(7, { steps: 40, clients: 3 }).steps).toEqual(steps.slice(0, 40));
  });

  it('has every kind of step, trouble and server among a hundred seeds', () => {
    const plans = Array.from({ length: 100 }, (_, n) => planOf(n + 1, { steps: 300, clients: 3 }));
    const steps = plans.flatMap((plan) => plan.steps);
    const fates = steps.flatMap((step) => (step.do === 'sync' ? step.fates : []));
    const deaths = steps.flatMap((step) => (step.do === 'sync' && step.death ? [step.death] : []));
    expect(new Set(steps.map((step) => step.do)).size).toBe(21);
    expect(new Set(fates.map(({ kind }) => kind)).size).toBe(9);
    expect(new Set(deaths.map(({ at, side }) => `${side} ${at}`)).size).toBe(4);
    const defects = steps.flatMap((step) => (step.do === 'defect' ? [step.defect] : []));
    expect(new Set(defects.map((defect) => defect?.of)).size).toBe(5);
    for (const [name, values] of [
      ['transactions', [true, false]],
      ['history', [true, false]],
      ['versionIds', ['number', 'uuid']],
      ['patchIfMatch', ['honoured', 'ignored']],
      ['maxCount', [3, 7, 1_000]],
      ['deletedReads', ['gone', 'not-found', 'bare']],
      ['historyTimes', [true, false]],
    ] as const) {
      expect(new Set<unknown>(plans.map(({ dialect }) => dialect[name]))).toEqual(new Set<unknown>(values));
    }
  });
});

describe('a stream of randomness', () => {
  it('draws the same from the same name, and something else from another', () => {
    const draws = (name: string) => {
      const draw = random(1, name);
      return Array.from({ length: 20 }, () => draw.below(1_000));
    };
    expect(draws('a')).toEqual(draws('a'));
    expect(draws('a')).not.toEqual(draws('b'));
  });

  it('draws evenly enough', () => {
    const draw = random(3, 'even');
    const counts = [0, 0, 0, 0];
    for (let n = 0; n < 4_000; n++) counts[draw.below(4)]! += 1;
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(120);
  });
});

describe('shrinking', () => {
  const plan = planOf(7, { steps: 200, clients: 3 });
  const has = ({ steps }: Plan, n: number) => steps.includes(plan.steps[n]!);

  it('finds the steps without which nothing fails', async () => {
    const shrunk = await shrink(plan, async (tried) => has(tried, 17) && has(tried, 154), 1_000);
    expect(shrunk.plan.steps).toEqual([plan.steps[17], plan.steps[154]]);
  });

  it('ends after as many tries as it was given, with something that still fails', async () => {
    const fails = async (tried: Plan) => has(tried, 17) && has(tried, 154);
    const shrunk = await shrink(plan, fails, 12);
    expect(shrunk.tried).toBe(12);
    expect(shrunk.plan.steps.length).toBeLessThan(200);
    expect(await fails(shrunk.plan)).toBe(true);
  });
});
