import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { runSeeds } from '../../sim/seeds.ts';

/** `npm run sim -- --soak` does a thousand. */
const SEEDS = 50;

it(`${SEEDS} seeds of 300 steps with 3 clients lose, double and overwrite nothing`, async () => {
  const jobs = Math.min(2, availableParallelism());
  const results = await runSeeds({ seed: 1, seeds: SEEDS, steps: 300, clients: 3, jobs });
  const wrong = results.flatMap(({ report, violations }) =>
    violations.slice(0, 5).map(({ kind, what }) => `npm run sim -- --seed ${report.seed}: ${kind}: ${what}`),
  );
  expect(wrong).toEqual([]);
  // Seeds in which nothing happens would prove nothing.
  expect(results).toHaveLength(SEEDS);
  for (const { report, requests } of results) {
    expect(report.acknowledged).toBeGreaterThan(10);
    expect(requests).toBeGreaterThan(200);
  }
}, 900_000);
