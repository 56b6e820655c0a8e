import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadPolicy } from '../../../main/managed/load.ts';
import { defaultPolicy } from '../../../main/managed/policy.ts';

const folder = mkdtempSync(join(tmpdir(), 'wardlight-policy-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(content: string): string {
  const file = join(folder, 'policy.json');
  writeFileSync(file, content);
  return file;
}

it('is the defaults where no file is named', async () => {
  expect(await loadPolicy('')).toEqual(defaultPolicy);
});

it('keeps the defaults of what a file does not say', async () => {
  const policy = await loadPolicy(fileWith('{ "lock": { "idleMs": 1000 } }'));
  expect(policy).toEqual({ ...defaultPolicy, lock: { ...defaultPolicy.lock, idleMs: 1_000 } });
});

it.each(['{ "lokc": {} }', '{ "unlock": { "maxAttempts": "many" } }', '{'])('refuses %s', async (content) => {
  await expect(loadPolicy(fileWith(content))).rejects.toThrow();
});
