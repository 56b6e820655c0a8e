import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { piecesOf, rowsOf } from '../../../main/downtime/blocks.ts';
import { divide, type Unit } from '../../../main/downtime/pages.ts';

const ROOM = 900;
const unit = fc.record({
  kind: fc.constantFrom('title', 'columns', 'row', 'row', 'row', 'line'),
  // What is higher than this is written smaller, or replaced, before.
  height: fc.double({ min: 1, max: ROOM * 0.8, noNaN: true }),
});
const leadHeight = (one: Unit): Unit => (one.kind === 'title' || one.kind === 'columns' ? { ...one, height: 20 } : one);

describe('dividing a sheet into pages', () => {
  it('puts each part on one page, in order, and none beyond its end', () => {
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 250 }), (some) => {
        const units = some.map(leadHeight);
        const pages = divide(units, ROOM);
        expect(pages.flatMap((page) => page.units)).toEqual(units.map((_, index) => index));
        for (const { again, units: own } of pages) {
          const leads = own.filter((index) => ['title', 'columns'].includes(units[index]?.kind ?? ''));
          // Leads that follow one another without an end are no sheet.
          if (leads.length > 30) continue;
          const used = [...again, ...own].reduce((sum, index) => sum + (units[index]?.height ?? 0), 0);
          expect(used).toBeLessThanOrEqual(ROOM);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never leaves a title alone at the end of a page, and says it again where its rows go on', () => {
    const row = { kind: 'row', height: 200 };
    const units = [
      row,
      row,
      row,
      row,
      { kind: 'title', height: 50 },
      { kind: 'columns', height: 20 },
      row,
      row,
      row,
      row,
      row,
    ];
    expect(divide(units, ROOM)).toEqual([
      { again: [], units: [0, 1, 2, 3] },
      { again: [], units: [4, 5, 6, 7, 8, 9] },
      { again: [4, 5], units: [10] },
    ]);
  });

  it('makes one page of nothing', () => {
    expect(divide([], ROOM)).toEqual([{ again: [], units: [] }]);
  });
});

const hostile = fc.string({
  unit: fc.constantFrom('a', ' ', '\u202e', '\u2067', 'ש', 'م', '漢', '👩‍⚕️', 'é', '<', '&', '\n'),
  maxLength: 3_000,
});

describe('a long text', () => {
  it('is the same when its pieces are put together, of which none is too long', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const pieces = piecesOf(text);
        expect(pieces.join('')).toBe(text);
        expect(pieces.every((piece) => Array.from(piece).length <= 400 && !/\p{Surrogate}/u.test(piece))).toBe(true);
      }),
    );
  });

  it('takes as many rows as it needs, with the hours to sign below the last', () => {
    const rows = rowsOf('medicines', [{ text: 'x'.repeat(900) }, { text: 'once' }], { hours: ['06'] });
    expect(rows.map((row) => [row.kind === 'row' && row.continues, 'hours' in row])).toEqual([
      [false, false],
      [true, false],
      [true, true],
    ]);
  });
});
