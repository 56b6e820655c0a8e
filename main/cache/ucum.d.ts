/** The library ships no types; of what it exports this is used. */
declare module '@lhncbc/ucum-lhc' {
  import type { UnitLibrary } from './units.ts';

  const ucum: { readonly UcumLhcUtils: { getInstance(): UnitLibrary } };
  export default ucum;
}
