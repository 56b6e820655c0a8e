import type { Violation } from './checker.ts';
import type { Mutant } from './mutants.ts';
import { planOf } from './plan.ts';
import { shrink } from './shrink.ts';
import { simulate } from './simulate.ts';

export interface SeedOptions {
  readonly seed: number;
  readonly steps: number;
  readonly clients: number;
}

export interface Report {
  readonly seed: number;
  readonly steps: number;
  readonly ok: boolean;
  readonly acknowledged: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly unconditional: number;
  readonly diverged: number;
}

export interface SeedResult {
  readonly report: Report;
  readonly requests: number;
  readonly violations: readonly Violation[];
}

/** Runs one seed and counts what went wrong. */
export async function runSeed({ seed, steps, clients }: SeedOptions, mutant?: Mutant): Promise<SeedResult> {
  const outcome = await simulate(planOf(seed, { steps, clients }), mutant ? { mutant } : {});
  const { violations, acknowledged, requests } = outcome;
  const count = (kind: Violation['kind']) => violations.filter((one) => one.kind === kind).length;
  const report: Report = {
    seed,
    steps,
    ok: violations.length === 0,
    acknowledged,
    lost: count('lost'),
    duplicated: count('duplicated'),
    unconditional: count('unconditional'),
    diverged: count('diverged'),
  };
  return { report, requests, violations };
}

/** What a person needs of a failing seed: the fewest steps that still fail in the same way, and what happened in them. */
export async function explain({ seed, steps, clients }: SeedOptions, tries: number): Promise<string[]> {
  const plan = planOf(seed, { steps, clients });
  const first = await simulate(plan);
  const kind = first.violations[0]?.kind;
  const fails = async (shorter: typeof plan) =>
    (await simulate(shorter)).violations.some((violation) => violation.kind === kind);
  const shrunk = await shrink(plan, fails, tries);
  const last = await simulate(shrunk.plan, { traced: true });
  return [
    `seed ${seed}: ${first.violations.length} violations in ${steps} steps; the same kind in ${shrunk.plan.steps.length} (${shrunk.tried} tries)`,
    `dialect ${JSON.stringify(plan.dialect)}, ${plan.patients} patients, ${plan.bulk ? 'with' : 'without'} bulk export`,
    ...last.trace,
    ...last.violations.map(({ kind: what, what: line }) => `${what.toUpperCase()}: ${line}`),
  ];
}
