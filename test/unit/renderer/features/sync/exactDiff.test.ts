import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isIdentical, type Json, readResource } from '../../../../../main/cache/outbox/content.ts';
import { exactDifferences } from '../../../../../main/cache/outbox/exact.ts';
import { readableElement } from '../../../../../main/cache/outbox/readable.ts';
import type { ConflictField } from '../../../../../preload/contract/sync.ts';
import { readsAlike } from '../../../../../renderer/features/sync/ExactDiff.tsx';
import { saidWords } from '../../../../../renderer/parts/said.ts';

const TYPE = 'AllergyIntolerance';

/** A field as main tells it. */
function fieldOf(path: string, base: unknown, mine: unknown, theirs: unknown): ConflictField {
  const groups = [base, mine, theirs].map((value) =>
    readResource(JSON.stringify(value === undefined ? {} : { [path]: value })),
  );
  const [b = null, m = null, t = null] = groups.map((group) => readableElement(group));
  const encrypted = { base: false, mine: false, theirs: false };
  return {
    path,
    base: b,
    mine: m,
    theirs: t,
    both: null,
    encrypted,
    changedBy: 'both',
    exact: exactDifferences(groups),
  };
}

it.each([
  [
    'a code of another system',
    'code',
    [
      { system: 'a', code: '1' },
      { system: 'b', code: '1' },
    ],
  ],
  ['a time of another zone', 'recordedDate', ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00.000Z']],
  ['a character that isn’t seen', 'note', [[{ text: 'ten mg' }], [{ text: 'ten\u200B mg' }]]],
])('%s reads alike', (_, path, [mine, theirs]) => {
  const coded = (one: unknown) => (path === 'code' ? { coding: [one], text: 'Penicillin' } : one);
  const field = fieldOf(path, undefined, coded(mine), coded(theirs));
  expect(readsAlike(TYPE, field)).toBe(true);
  expect(field.exact.all.some((place) => place.mine !== place.theirs)).toBe(true);
});

it('shows no two versions that differ in the same way', () => {
  const word = fc.oneof(
    fc.constantFrom('high', 'High', 'high\u200B', '2026-03-01', '2026-03-01T00:00:00Z', '1'),
    fc.string(),
  );
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { depthSize: 'small' },
      fc.oneof(word, fc.boolean(), fc.integer()),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.record(
        { system: word, code: word, text: word, value: tie('json'), coding: fc.array(tie('json'), { maxLength: 2 }) },
        { requiredKeys: [] },
      ),
    ),
  }));
  fc.assert(
    fc.property(fc.constantFrom('code', 'criticality', 'onset', 'note'), json, json, json, (path, ...values) => {
      const field = fieldOf(path, ...values);
      const [, mine, theirs] = values.map((value) => readResource(JSON.stringify({ value }))) as [Json, Json, Json];
      if (isIdentical(mine, theirs)) return;
      const [one, other] = [field.mine, field.theirs].map((said) => said && saidWords(TYPE, said));
      const isToldExactly = field.exact.all.some((place) => place.mine !== place.theirs);
      expect(isToldExactly).toBe(true);
      if (one === other) expect(readsAlike(TYPE, field)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});
