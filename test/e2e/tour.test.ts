import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sessionFolder } from '../support/app.ts';
import { project } from '../support/desktop.ts';
import { runTour, type StepResult, startBuilt } from '../tour/tour.ts';

const sharedData = join(project, '..', 'shared', 'data', 'small');

async function tour(name: string, data?: string): Promise<StepResult[]> {
  const steps: StepResult[] = [];
  await runTour({
    out: sessionFolder(`${name}-screenshots`),
    start: startBuilt(sessionFolder(`${name}-profile`)),
    ...(data && { data }),
    onStep: (step) => steps.push(step),
    onProgress: () => undefined,
  });
  return steps;
}

function failures(steps: StepResult[]): string[] {
  return steps.filter(({ ok }) => !ok).map(({ step, error }) => `${step}: ${error}`);
}

describe('the tour', () => {
  it('passes on generated patients', async () => {
    const steps = await tour('generated');
    expect(failures(steps)).toEqual([]);
    expect(steps.map(({ step }) => step).at(-1)).toBe('unsent changes');
  });

  it.runIf(existsSync(sharedData))('passes on the small Synthea set', async () => {
    expect(failures(await tour('synthea', join(sharedData, 'ndjson')))).toEqual([]);
  });
});
