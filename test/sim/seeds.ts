import { type ChildProcess, fork } from 'node:child_process';
import { MUCH_GARBAGE } from '../support/garbage.ts';
import type { SeedOptions, SeedResult } from './seed.ts';

export interface SeedsOptions extends SeedOptions {
  /** How many seeds, from `seed` on. */
  readonly seeds: number;
  /** Processes at once. */
  readonly jobs: number;
  readonly onResult?: (result: SeedResult) => void;
}

const SEEDS_PER_PROCESS = 25;

function runIn(child: ChildProcess, options: SeedOptions): Promise<SeedResult> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error(`the process that ran seed ${options.seed} ended`));
    child.once('exit', ended);
    child.once('message', (result: SeedResult) => {
      child.off('exit', ended);
      resolve(result);
    });
    child.send(options);
  });
}

/** Runs many seeds, in processes beside each other. */
export async function runSeeds({ seed, seeds, steps, clients, jobs, onResult }: SeedsOptions): Promise<SeedResult[]> {
  const results: SeedResult[] = [];
  let next = seed;
  /** Runs some seeds in a process, which is then replaced: timers of what died would pile up in it. */
  async function work(): Promise<void> {
    const child = fork(new URL('child.ts', import.meta.url), {
      execArgv: MUCH_GARBAGE,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    try {
      for (let n = 0; n < SEEDS_PER_PROCESS && next < seed + seeds; n++) {
        const mine = next;
        next += 1;
        const result = await runIn(child, { seed: mine, steps, clients });
        results.push(result);
        onResult?.(result);
      }
    } finally {
      if (child.connected) child.disconnect();
    }
  }
  async function lane(): Promise<void> {
    while (next < seed + seeds) await work();
  }
  await Promise.all(Array.from({ length: Math.min(jobs, seeds) }, lane));
  return results.sort((a, b) => a.report.seed - b.report.seed);
}
