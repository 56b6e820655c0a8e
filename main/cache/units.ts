/*
 * Units of measure by UCUM (https://ucum.org/ucum). The table is 0.3 MB of text and takes 16 MB of a thread's memory, so
 * that it is loaded where two units have to be compared, and never for a chart whose values have one unit each.
 */

/** What answers how a value of one UCUM unit is written in another. */
export interface Units {
  /** Null where the conversion isn't exact, or where nobody can say that it is. */
  conversion(from: string, to: string): ((value: number) => number) | null;
}

/** What is read of the library's units. */
interface Unit {
  readonly dim_: { readonly dimVec_: readonly number[] | null } | null;
  readonly moleExp_: number;
  readonly equivalentExp_: number;
  readonly isArbitrary_: boolean;
  readonly isSpecial_: boolean;
  readonly cnv_: string | null;
}

export interface UnitLibrary {
  getSpecifiedUnit(code: string, how: 'validate'): { status: string; unit: Unit | null };
  convertUnitTo(from: string, value: number, to: string): { status: string; toVal: number | null };
}

const CODE_LONGEST = 100;
const NUMBERS_MAX = 500;
/** Scales with a zero of their own that are linear all the same; the others are logarithms. */
const TEMPERATURES: readonly (string | null)[] = ['Cel', 'degF'];

export function createUnits(library: UnitLibrary): Units {
  const known = new Map<string, ReturnType<Units['conversion']>>();

  function find(from: string, to: string): ReturnType<Units['conversion']> {
    if (annotations(from) !== annotations(to)) return null;
    const [source, target] = [from, to].map((code) => unitOf(library, code));
    if (!source || !target || !isExact(source, target)) return null;
    const convert = (value: number) => {
      const { status, toVal } = library.convertUnitTo(from, value, to);
      return status === 'succeeded' && toVal !== null ? toVal : Number.NaN;
    };
    return Number.isFinite(convert(1)) ? convert : null;
  }

  return {
    conversion(from, to) {
      const both = `${from} ${to}`;
      let found = known.get(both);
      if (found === undefined) {
        if (known.size >= NUMBERS_MAX) known.clear();
        found = find(from, to);
        known.set(both, found);
      }
      return found;
    },
  };
}

function unitOf(library: UnitLibrary, code: string): Unit | null {
  // The codes are the server's: what is no code must not be searched for a meaning.
  if (code.length > CODE_LONGEST || !/^[\x21-\x7e]+$/.test(code)) return null;
  const { status, unit } = library.getSpecifiedUnit(code, 'validate');
  return status === 'valid' ? unit : null;
}

/**
 * Both of one dimension, by a factor that follows from the definitions alone. A mole is a number in UCUM, so that amounts
 * of substance are compared apart: without the substance they say nothing of a mass or a count. Of units without a
 * dimension (%, mmol/mol, log) nobody knows whether they are parts of the same whole, and an arbitrary unit is what a
 * substance's own standard makes it.
 */
function isExact(source: Unit, target: Unit): boolean {
  const [from, to] = [source, target].map((unit) => unit.dim_?.dimVec_ ?? []);
  if (!from || !to || from.every((power) => power === 0)) return false;
  if (from.length !== to.length || from.some((power, index) => power !== to[index])) return false;
  if (source.moleExp_ !== target.moleExp_ || source.equivalentExp_ !== target.equivalentExp_) return false;
  return [source, target].every((unit) => !unit.isArbitrary_ && (!unit.isSpecial_ || TEMPERATURES.includes(unit.cnv_)));
}

/** What stands in braces has no meaning in UCUM, and much to people: `ng/mL{FEU}` is not `ng/mL{DDU}`. */
function annotations(code: string): string {
  return (code.match(/\{[^}]*\}/g) ?? []).join();
}

let loaded: Units | null = null;

async function loadUnits(): Promise<Units> {
  const { UcumLhcUtils } = (await import('@lhncbc/ucum-lhc')).default;
  loaded ??= createUnits(UcumLhcUtils.getInstance());
  return loaded;
}

/**
 * Does work that may have to compare units. Where it has to, and the table isn't loaded, it is loaded and the work done
 * anew: so the work can be one transaction, which waits for nothing.
 */
export async function withUnits<Value>(work: (units: Units) => Value): Promise<Value> {
  let missed = false;
  const missing: Units = {
    conversion: () => {
      missed = true;
      return null;
    },
  };
  const value = work(loaded ?? missing);
  return missed ? work(await loadUnits()) : value;
}
