import { describe, expect, it } from 'vitest';
import type { ConflictField } from '../../../../../preload/contract/sync.ts';
import { firstChoices, inOrder, mergedText, undecided } from '../../../../../renderer/features/sync/merge.ts';

const field = (path: string, changedBy: ConflictField['changedBy']): ConflictField => ({
  path,
  label: path,
  base: 'base',
  mine: 'mine',
  theirs: 'theirs',
  encrypted: { base: false, mine: false, theirs: false },
  changedBy,
});

const fields = [field('a', 'mine'), field('b', 'theirs'), field('c', 'both'), field('d', 'same')];

describe('a merge', () => {
  it('begins with each who changed a part alone, and with nothing where both did', () => {
    expect(firstChoices(fields)).toEqual({ a: 'mine', b: 'theirs' });
    expect(undecided(fields, firstChoices(fields)).map(({ path }) => path)).toEqual(['c']);
  });

  it('previews what was chosen, and nothing where nobody has', () => {
    const choices = firstChoices(fields);
    expect(fields.map((one) => mergedText(one, choices))).toEqual(['mine', 'theirs', undefined, 'mine']);
    expect(mergedText(field('c', 'both'), { ...choices, c: 'theirs' })).toBe('theirs');
  });

  it('takes no inherited name for a choice', () => {
    const odd = field('constructor', 'both');
    expect(undecided([odd], {})).toEqual([odd]);
    expect(mergedText(odd, {})).toBeUndefined();
  });

  it('shows first what there is to decide', () => {
    expect(inOrder(fields).map(({ path }) => path)).toEqual(['c', 'a', 'b', 'd']);
  });
});
