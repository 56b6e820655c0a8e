import { describe, expect, it } from 'vitest';
import { type Mutant, mutants } from '../../sim/mutants.ts';
import { type Report, runSeed } from '../../sim/seed.ts';

/** Seeds that are tried until one shows what is broken; whole, they all pass. */
const SEEDS = 15;

type Count = 'lost' | 'duplicated' | 'unconditional' | 'diverged';

const shownBy: Readonly<Record<keyof typeof mutants, readonly Count[]>> = {
  'sends updates without If-Match': ['unconditional', 'lost'],
  'sends creates without If-None-Exist': ['unconditional'],
  'takes no answer for a good one': ['lost'],
  'repeats a POST that got no answer': ['duplicated'],
  'moves the cursor past what it did not store': ['diverged'],
  'lets the download overwrite what was not sent': ['lost'],
  'takes what others wrote for what it sent itself': ['lost'],
  'forgets to ask whether the server was restored': ['lost'],
};

async function find(mutant: Mutant, count: Count): Promise<Report | undefined> {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { report } = await runSeed({ seed, steps: 300, clients: 3 }, mutant);
    if (report[count] > 0) return report;
  }
  return undefined;
}

describe('the simulator finds a client that', () => {
  const cases = Object.entries(shownBy).flatMap(([name, counts]) => counts.map((count) => [name, count] as const));
  it.each(cases)(
    '%s (%s)',
    async (name, count) => {
      expect(await find(mutants[name as keyof typeof mutants], count)).toBeDefined();
    },
    300_000,
  );
});
