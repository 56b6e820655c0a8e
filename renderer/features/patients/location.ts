/** `Ward 4A, Bay 3, Bed 12` as the last part, which finds the patient, and all before it. */
export function splitLocation(location: string): { readonly ward: string; readonly bed: string | null } {
  const comma = location.lastIndexOf(', ');
  if (comma <= 0) return { ward: location, bed: null };
  return { ward: location.slice(0, comma), bed: location.slice(comma + 2) };
}
