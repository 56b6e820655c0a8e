import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TIMELINE_PAGE } from '../../../../../preload/contract/timeline.ts';
import { linesOf, PAGE, pagesAround } from '../../../../../renderer/features/timeline/timelineLines.ts';

test('each month has one head before its entries, and each entry one line', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }), (counts) => {
      const months = counts.map((count, at) => ({ month: `${2026 - at}-01`, count }));
      const expected = months.flatMap((head, at) => {
        const before = counts.slice(0, at).reduce((sum, one) => sum + one, 0);
        const entries = Array.from({ length: head.count }, (_, n) => ({ kind: 'entry', index: before + n }));
        return [{ kind: 'month', ...head }, ...entries];
      });
      const lines = linesOf({ months });
      expect(Array.from({ length: lines.count }, (_, at) => lines.lineAt(at))).toEqual(expected);
      for (const [at, line] of expected.entries()) {
        if ('index' in line) expect(lines.lineOf(line.index)).toBe(at);
        else expect(lines.lineOfMonth(line.month)).toBe(at);
      }
      expect(lines.lineAt(lines.count)).toBeNull();
    }),
  );
});

test('a jump to a month without entries lands on the next one before it', () => {
  const lines = linesOf({
    months: [
      { month: '2026-03', count: 2 },
      { month: '2025-01', count: 1 },
      { month: null, count: 1 },
    ],
  });
  expect(lines.lineOfMonth('2025-12')).toBe(3);
  expect(lines.lineOfMonth('2020-01')).toBe(6);
});

test('pages beside those in sight are asked for too, and none beyond the last', () => {
  expect(PAGE).toBe(TIMELINE_PAGE);
  expect(pagesAround(0, 20, 50_000)).toEqual([0, 1]);
  expect(pagesAround(950, 1_010, 50_000)).toEqual([8, 9, 10, 11]);
  expect(pagesAround(49_990, 49_999, 50_000)).toEqual([498, 499]);
  expect(pagesAround(0, 0, 0)).toEqual([0]);
});
