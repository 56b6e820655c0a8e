import type { PatientRow } from '../../../preload/contract/patients.ts';

type Named = Pick<PatientRow, 'id' | 'name'>;

/** Letters alone, without case and accents: `O'Brién` and `OBRIEN` are one name to a tired reader. */
function fold(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[^\p{L}]/gu, '')
    .toLowerCase();
}

/** Ids of the rows whose name could be taken for another row's: same family name and same first letter of the given name. */
export function similarNames(rows: readonly Named[]): ReadonlySet<string> {
  const groups = new Map<string, string[]>();
  for (const { id, name } of rows) {
    const family = fold(name.family);
    if (family === '') continue;
    const key = `${family} ${fold(name.given).slice(0, 1)}`;
    const group = groups.get(key);
    if (group) group.push(id);
    else groups.set(key, [id]);
  }
  return new Set([...groups.values()].filter((ids) => ids.length > 1).flat());
}
