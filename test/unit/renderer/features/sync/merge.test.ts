import { describe, expect, it } from 'vitest';
import type { ConflictField } from '../../../../../preload/contract/sync.ts';
import { firstChoices, mergedItems, sorted, undecided } from '../../../../../renderer/features/sync/merge.ts';
import { said } from '../../../../support/said.ts';

const field = (path: string, changedBy: ConflictField['changedBy']): ConflictField => ({
  path,
  base: said('base'),
  mine: said('mine'),
  theirs: said('theirs'),
  both: said('mine', 'theirs'),
  encrypted: { base: false, mine: false, theirs: false },
  changedBy,
  exact: { all: [], more: 0 },
});

const fields = [field('note', 'mine'), field('onset', 'theirs'), field('code', 'both'), field('status', 'same')];
const first = firstChoices({ fields, decideAll: false });

describe('a merge', () => {
  it('begins with each who changed a part alone, and with nothing where both did', () => {
    expect(first).toEqual({ note: 'mine', onset: 'theirs' });
    expect(undecided(fields, first).map(({ path }) => path)).toEqual(['code']);
  });

  it('security: begins with nothing at all where a person has to decide everything', () => {
    const none = firstChoices({ fields, decideAll: true });
    expect(none).toEqual({});
    expect(undecided(fields, none).map(({ path }) => path)).toEqual(['note', 'onset', 'code']);
  });

  it('previews what was chosen, and nothing where nobody has', () => {
    expect(fields.map((one) => mergedItems(one, first))).toEqual([
      said('mine'),
      said('theirs'),
      undefined,
      said('mine'),
    ]);
    expect(mergedItems(field('code', 'both'), { code: 'theirs' })).toEqual(said('theirs'));
    expect(mergedItems(field('note', 'both'), { note: 'both' })).toEqual(said('mine', 'theirs'));
  });

  it('takes no inherited name for a choice', () => {
    const odd = field('constructor', 'both');
    expect(undecided([odd], {})).toEqual([odd]);
    expect(mergedItems(odd, {})).toBeUndefined();
  });

  it('shows first what there is to decide, and apart what only FHIR has a name for', () => {
    const { named, others } = sorted('Condition', [...fields, field('implicitRules', 'both')]);
    expect(named.map(({ path }) => path)).toEqual(['code', 'note', 'onset', 'status']);
    expect(others.map(({ path }) => path)).toEqual(['implicitRules']);
  });
});
