import { FLOOR, type KdfCosts, newKdfParameters, passphraseKey } from './crypto.ts';

/** More memory hurts whoever guesses on special hardware most, but several clinicians may unlock one workstation at once. */
const MEMORY_FACTOR_MAX = 4;
const PASSES_MAX = 64;

/**
 * What deriving a key should cost on this machine, from one measurement at the floor: the time grows with memory times
 * passes, so first the memory is doubled, to 256 MiB at most, then passes are added, until the target would be exceeded.
 */
export async function calibrate(targetMs: number, measure: () => Promise<number> = floorMs): Promise<KdfCosts> {
  if (targetMs <= 0) return FLOOR;
  const factor = targetMs / Math.max(1, await measure());
  if (factor <= 1) return FLOOR;
  const memoryFactor = Math.min(MEMORY_FACTOR_MAX, 2 ** Math.floor(Math.log2(factor)));
  const passes = Math.floor((FLOOR.passes * factor) / memoryFactor);
  return {
    memoryKiB: FLOOR.memoryKiB * memoryFactor,
    passes: Math.min(PASSES_MAX, Math.max(FLOOR.passes, passes)),
    parallelism: FLOOR.parallelism,
  };
}

async function floorMs(): Promise<number> {
  const begun = performance.now();
  (await passphraseKey('calibration', newKdfParameters())).fill(0);
  return performance.now() - begun;
}
