import type { PatientRow } from '../../../preload/contract/patients.ts';

type Named = Pick<PatientRow, 'id' | 'name' | 'birthDate'>;

/** Letters alone, without case and accents: `O'Brién` and `OBRIEN` are one name to a tired reader. */
function fold(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[^\p{L}]/gu, '')
    .toLowerCase();
}

/** Rows that share one of these can be taken for each other: the name alone, or its initials with the day of birth. */
function keysOf({ name, birthDate }: Named): string[] {
  const [family, given] = [fold(name.family), fold(name.given)];
  if (family === '') return [];
  const byName = `${family} ${given.slice(0, 1)}`;
  const byBirth = `${family.slice(0, 1)} ${given.slice(0, 1)} ${birthDate}`;
  // A year alone is shared by too many to mean anything.
  return birthDate?.length === 10 ? [byName, byBirth] : [byName];
}

/**
 * Ids of the rows that could be taken for another row: same family name and same first letter of the given name, or
 * born on the same day with the same initials (Jon Andersson, John Anderson).
 */
export function similarNames(rows: readonly Named[]): ReadonlySet<string> {
  const groups = new Map<string, string[]>();
  for (const row of rows) {
    for (const key of keysOf(row)) {
      const group = groups.get(key);
      if (group) group.push(row.id);
      else groups.set(key, [row.id]);
    }
  }
  return new Set([...groups.values()].filter((ids) => ids.length > 1).flat());
}
