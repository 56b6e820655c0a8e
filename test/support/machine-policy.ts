import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { expect } from 'vitest';
import type * as z from 'zod';
import type { policySchema } from '../../main/managed/policy.ts';
import { sessionFolder } from './app.ts';

export type PolicyInput = z.input<typeof policySchema>;

/** A policy file that is changed while the program runs, with the switch that names it. */
export function policyFile(first: PolicyInput) {
  const file = join(mkdtempSync(sessionFolder('machine-policy-')), 'policy.json');
  const set = (policy: PolicyInput) => writeFileSync(file, JSON.stringify({ unlock: { kdfTargetMs: 0 }, ...policy }));
  set(first);
  return { set, args: [`--wardlight-policy=${file}`] };
}

/** Waits until the value of a setting that holds has something in it. */
export async function takenUp(page: Page, key: string, part: string): Promise<void> {
  const value = () =>
    page.evaluate(async (asked) => {
      const answer = await window.wardlight.managed.settings({ language: 'en' });
      return answer.ok ? answer.value.find((one) => one.key === asked)?.value : undefined;
    }, key);
  await expect.poll(value, { timeout: 10_000 }).toContain(part);
}
