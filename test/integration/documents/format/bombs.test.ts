import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { createIntake } from '../../../../main/documents/intake/intake.ts';
import { SNIFFED } from '../../../../main/documents/intake/kind.ts';
import { bombs } from '../../../support/bombs.ts';
import { bench, openRequest, testKey, rules as usual } from './support.ts';

const device = testKey();
const intake = createIntake();
const rules = { ...usual, maxPixels: 16 << 20 };
let handles = 0;
/** A client that looks at nothing that it attaches. */
const on = bench([device.recipient], {
  intake: {
    ...intake,
    inspect: async (path) => ({ ok: true, value: await intake.kindOf(readFileSync(path).subarray(0, SNIFFED)) }),
  },
  newId() {
    handles += 1;
    return `handle ${handles}`;
  },
});
afterAll(async () => {
  await on.service.end();
  on.remove();
});

describe('attack table: what becomes large where it is opened', () => {
  test.each(bombs)('security: $name → $attach, $open', async ({ bytes, attach, open }) => {
    const content = bytes();
    expect(await intake.inspect(on.file(content), rules)).toEqual({ ok: false, error: { code: attach } });
    const written = await on.encrypt(content);
    const before = handles;
    const answer = await on.service.open({ ...openRequest(on.folder, written, device), limits: rules });
    if (open === null) return expect(answer.ok).toBe(true);
    expect(answer).toEqual({ ok: false, error: { code: open } });
    // Nothing to read it by, and nothing to be read.
    expect(handles).toBe(before);
    expect(on.leftovers()).toEqual([]);
  });
});
