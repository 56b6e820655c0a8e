import { rmSync } from 'node:fs';
import { folderInMemory } from '../support/memory.ts';
import { checkHistory, type Violation } from './checker.ts';
import { compare } from './compare.ts';
import { heal } from './heal.ts';
import { look } from './look.ts';
import type { Mutant } from './mutants.ts';
import { perform } from './perform.ts';
import type { Plan } from './plan.ts';
import { random } from './random.ts';
import { createWorld } from './world.ts';

/** What a simulation found. */
export interface Outcome {
  readonly acknowledged: number;
  readonly violations: readonly Violation[];
  readonly trace: readonly string[];
  /** Requests that left the workstations. */
  readonly requests: number;
}

export interface SimulateOptions {
  /** What is broken on purpose, to see that it is found. */
  readonly mutant?: Mutant;
  /** Keeps the trace; default: no. */
  readonly traced?: boolean;
}

/** Runs a plan from the first step to the last check. The same plan always does the same. */
export async function simulate(plan: Plan, { mutant, traced = false }: SimulateOptions = {}): Promise<Outcome> {
  const folder = folderInMemory('wardlight-sim-');
  const world = createWorld(plan, { folder, mutant, traced });
  const { server, network, stations, time } = world;
  try {
    for (const station of stations) station.start();
    const draw = random(plan.seed, 'ids');
    for (const step of plan.steps) {
      await perform(world, step, draw);
      if (step.do === 'wait') await time.pass(step.ms);
      await time.happen(step.events);
      look(world);
    }
    await heal(world, random(plan.seed, 'heal'));
    const { violations, ledger, forgotten, trace } = world;
    violations.push(...checkHistory(server.store.log(), ledger, forgotten, network.accepted));
    violations.push(...network.unconditional.map((what): Violation => ({ kind: 'unconditional', what })));
    for (const station of stations) violations.push(...compare(world, station));
    const acknowledged = ledger.edits.filter(({ state }) => state === 'acknowledged').length;
    return { acknowledged, violations, trace, requests: network.requests() };
  } finally {
    for (const station of stations) station.end();
    rmSync(folder, { recursive: true, force: true });
  }
}
