import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createNotices } from '../../../main/support/notices.ts';

it('are read in pieces that make up the whole', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wl-notices-'));
  const whole = 'Licence ñ. '.repeat(45_000);
  writeFileSync(join(folder, 'THIRD-PARTY-NOTICES.txt'), whole);
  const notices = createNotices(folder);
  let text = '';
  for (let piece = 0; ; piece += 1) {
    const answer = await notices.read({ piece });
    if (!answer.ok) throw new Error(answer.error.code);
    text += answer.value.text;
    if (!answer.value.more) break;
  }
  expect(text).toBe(whole);
});

it('are missing where there is no package', async () => {
  const answer = await createNotices(mkdtempSync(join(tmpdir(), 'wl-notices-'))).read({ piece: 0 });
  expect(answer).toEqual({ ok: true, value: { missing: true, text: '', more: false } });
});
