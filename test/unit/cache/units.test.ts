import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createUnits, type Units, withUnits } from '../../../main/cache/units.ts';

let units: Units;
beforeAll(async () => {
  // Whoever asks for a conversion is handed the table.
  units = await withUnits((found) => {
    found.conversion('kg', 'g');
    return found;
  });
});

describe('a conversion of units', () => {
  it.each([
    ['kPa', 'mm[Hg]', 16, 120.01],
    ['[degF]', 'Cel', 98.6, 37],
    ['[lb_av]', 'kg', 100, 45.359237],
    ['umol/L', 'mmol/L', 88, 0.088],
    ['g/dL', 'g/L', 11.2, 112],
    ['10*3/uL', '10*9/L', 4.5, 4.5],
    ['[in_i]', 'cm', 10, 25.4],
  ])('%s into %s is exact', (from, to, value, expected) => {
    expect(units.conversion(from, to)?.(value)).toBeCloseTo(expected, 2);
  });

  it.each([
    ['mg/dL', 'mmol/L', 'needs to know the substance'],
    ['mmol/L', '10*9/L', 'is of moles and of a count'],
    ['meq/L', 'mmol/L', 'needs to know the charge'],
    ['[iU]/L', 'm[iU]/mL', 'is of arbitrary units'],
    ['mmol/mol', '%', 'is HbA1c by two definitions'],
    ['%', '1', 'has no dimension'],
    ['ng/mL{FEU}', 'ng/mL{DDU}', 'means other things in braces'],
    ['[pH]', 'mol/L', 'is a logarithm'],
    ['kg', 'mm[Hg]', 'is of two dimensions'],
    ['furlongs', 'm', 'is of no unit'],
    ['__proto__', 'kg', 'is of no unit'],
    ['kg'.repeat(200), 'kg', 'is too long'],
  ])('%s into %s is none: it %s', (from, to) => {
    expect(units.conversion(from, to)).toBeNull();
    expect(units.conversion(to, from)).toBeNull();
  });

  it('is refused whatever the library would make of it', () => {
    const plain = {
      dim_: { dimVec_: [-3, 0] },
      moleExp_: 0,
      equivalentExp_: 0,
      isArbitrary_: false,
      isSpecial_: false,
      cnv_: null,
    };
    const known: Record<string, typeof plain | object> = {
      plain,
      other: plain,
      moles: { ...plain, moleExp_: 1 },
      equivalents: { ...plain, equivalentExp_: 1 },
      arbitrary: { ...plain, isArbitrary_: true },
      logarithm: { ...plain, isSpecial_: true, cnv_: 'ln' },
      area: { ...plain, dim_: { dimVec_: [2, 0] } },
      bare: { ...plain, dim_: { dimVec_: [0, 0] } },
    };
    const convertsAll = createUnits({
      getSpecifiedUnit: (code) => ({ status: 'valid', unit: (known[code] ?? null) as typeof plain | null }),
      convertUnitTo: (_from, value) => ({ status: 'succeeded', toVal: value }),
    });
    expect(convertsAll.conversion('plain', 'other')?.(5)).toBe(5);
    for (const code of ['moles', 'equivalents', 'arbitrary', 'logarithm', 'area', 'bare', 'unknown']) {
      expect(convertsAll.conversion('plain', code), code).toBeNull();
    }
    expect(convertsAll.conversion('bare', 'bare')).toBeNull();
  });

  it('leads back to the same number', () => {
    const pairs = fc.constantFrom(['kPa', 'mm[Hg]'], ['[degF]', 'Cel'], ['[lb_av]', 'kg'], ['umol/L', 'mmol/L']);
    fc.assert(
      fc.property(pairs, fc.double({ min: 0.01, max: 1e6, noNaN: true }), ([a = '', b = ''], value) => {
        const there = units.conversion(a, b)?.(value) ?? Number.NaN;
        expect(units.conversion(b, a)?.(there)).toBeCloseTo(value, 6 - Math.ceil(Math.log10(value + 1)));
      }),
    );
  });

  it('asks for the table only where something has to be converted', async () => {
    let times = 0;
    await withUnits(() => {
      times += 1;
    });
    expect(times).toBe(1);
  });
});
