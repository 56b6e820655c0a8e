import type { Plan, Step } from './plan.ts';

export interface Shrunk {
  readonly plan: Plan;
  /** How many plans were tried. */
  readonly tried: number;
}

/**
 * Leaves out steps as long as the plan still fails: first large parts, then smaller ones, down to single steps (delta
 * debugging). Ends after `limit` tries with the shortest plan found.
 */
export async function shrink(plan: Plan, fails: (plan: Plan) => Promise<boolean>, limit: number): Promise<Shrunk> {
  let steps: readonly Step[] = plan.steps;
  let tried = 0;
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < steps.length; ) {
      if (tried === limit) return { plan: { ...plan, steps }, tried };
      const fewer = [...steps.slice(0, from), ...steps.slice(from + size)];
      tried += 1;
      if (await fails({ ...plan, steps: fewer })) steps = fewer;
      else from += size;
    }
  }
  return { plan: { ...plan, steps }, tried };
}
