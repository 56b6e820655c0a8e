import fc from 'fast-check';
import { expect, it } from 'vitest';
import { calibrate } from '../../../main/vault/calibrate.ts';
import { FLOOR, kdfParameters, newKdfParameters } from '../../../main/vault/crypto.ts';

it('security: never costs less than the floor, and grows to the target where the machine is faster', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 10_000 }), async (target, took) => {
      const costs = await calibrate(target, async () => took);
      expect(costs.memoryKiB).toBeGreaterThanOrEqual(FLOOR.memoryKiB);
      expect(costs.passes).toBeGreaterThanOrEqual(FLOOR.passes);
      expect(kdfParameters.safeParse(newKdfParameters(costs)).success).toBe(true);
      const work = (costs.memoryKiB * costs.passes) / (FLOOR.memoryKiB * FLOOR.passes);
      expect(work * Math.max(1, took)).toBeLessThanOrEqual(Math.max(target, Math.max(1, took)));
    }),
  );
});

it.each([
  [0, 70, 65_536, 3],
  [500, 600, 65_536, 3],
  [500, 400, 65_536, 3],
  [500, 250, 131_072, 3],
  [500, 70, 262_144, 5],
])('for %d ms where the floor takes %d: %d KiB and %d passes', async (target, took, memoryKiB, passes) => {
  expect(await calibrate(target, async () => took)).toEqual({ memoryKiB, passes, parallelism: 1 });
});

it('does not measure where no target is set', async () => {
  await expect(calibrate(0, () => Promise.reject(new Error('measured')))).resolves.toEqual(FLOOR);
});

it('measures by itself', async () => {
  expect((await calibrate(1)).memoryKiB).toBe(FLOOR.memoryKiB);
});
