import { describe, expect, it } from 'vitest';
import type { Channel } from '../../../../preload/contract/channel.ts';
import { commonErrors } from '../../../../preload/contract/channel.ts';
import { contract } from '../../../../preload/contract/index.ts';
import { keyringErrors } from '../../../../preload/contract/session.ts';
import { syncErrors } from '../../../../preload/contract/sync.ts';
import { errorWords, hasWords } from '../../../../renderer/app/errors.ts';
import '../../../../renderer/app/recordErrors.ts';
import '../../../../renderer/features/charting/chartingErrors.ts';
import '../../../../renderer/features/documents/documentErrors.ts';
import '../../../../renderer/features/downtime/downtimeErrors.ts';
import '../../../../renderer/features/forms/formErrors.ts';
import '../../../../renderer/features/support/supportWords.ts';

const calls = Object.values(contract).flatMap((feature): Channel[] => Object.values(feature.calls));
const codes = [...new Set([...commonErrors, ...syncErrors, ...calls.flatMap((channel) => channel.errors)])];

describe('words for errors', () => {
  it.each(codes)('%s says what happened, what it means and what to do', (code) => {
    expect(hasWords(code)).toBe(true);
    const { title, means, act } = errorWords(code);
    for (const words of [title, means, act]) expect(words.trim()).not.toBe('');
  });

  it('no two codes have the same title', () => {
    const titles = codes.map((code) => errorWords(code).title);
    expect(new Set(titles).size).toBe(codes.length);
  });

  it.each(keyringErrors)('%s says that nothing was deleted', (code) => {
    expect(errorWords(code).means).toContain('Nothing was deleted');
  });

  it('a code from a newer main is told like an internal error, and no inherited name is taken for a code', () => {
    expect(hasWords('toString')).toBe(false);
    expect(errorWords('toString')).toEqual(errorWords('internal'));
  });
});
