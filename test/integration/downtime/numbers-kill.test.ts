import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { bundledProgram } from '../../support/bundle.ts';
import { folderInMemory } from '../../support/memory.ts';

const folder = folderInMemory('wardlight-numbers-');
const program = bundledProgram(join(import.meta.dirname, 'process-entry.ts'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Before and after the write of the file and of the keychain's entry, and once a number was told. */
const STEPS = [0, 1, 2, 3, 4];

/** The numbers that were told before the program ended or was killed. */
function toldBy(...args: readonly (string | number)[]): Promise<string[]> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args.map(String)], (_error, stdout) =>
      resolve(stdout.split('\n').filter((line) => line !== '')),
    );
  });
}

it('security: gives no number twice, killed at any step of giving one', { timeout: 120_000 }, async () => {
  const killed = async (step: number) => {
    const files = [join(folder, `ledger-${step}`), join(folder, `witness-${step}`)];
    const before = await toldBy(...files, 1, step);
    return { step, before, after: await toldBy(...files, 2) };
  };
  for (const { step, before, after } of await Promise.all(STEPS.map(killed))) {
    expect(before.length).toBe(step === 4 ? 1 : 0);
    const all = [...before, ...after];
    expect(all.every((number) => /^\d{3}$/.test(number))).toBe(true);
    expect(new Set(all).size).toBe(before.length + 2);
  }
});
