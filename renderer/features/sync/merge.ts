import type { ConflictField } from '../../../preload/contract/sync.ts';

export type Side = 'mine' | 'theirs';

/** Chosen side by path of the field. */
export type Choices = Readonly<Record<string, Side>>;

/** Who changed a field alone keeps it; where both did, nothing is decided for anybody. */
export function firstChoices(fields: readonly ConflictField[]): Choices {
  return Object.fromEntries(
    fields.flatMap(({ path, changedBy }) =>
      changedBy === 'mine' || changedBy === 'theirs' ? [[path, changedBy] as const] : [],
    ),
  );
}

/** Fields that somebody still has to decide. */
export function undecided(fields: readonly ConflictField[], choices: Choices): ConflictField[] {
  return fields.filter(({ path, changedBy }) => changedBy !== 'same' && !Object.hasOwn(choices, path));
}

/** What the merged record has in a field: a text, null where it isn't there, undefined where nobody has decided yet. */
export function mergedText(field: ConflictField, choices: Choices): string | null | undefined {
  if (field.changedBy === 'same') return field.mine;
  const side = Object.hasOwn(choices, field.path) ? choices[field.path] : undefined;
  return side && field[side];
}

/** What both sides differ in comes first: that is what there is to decide. */
export function inOrder(fields: readonly ConflictField[]): ConflictField[] {
  const rank = { both: 0, mine: 1, theirs: 2, same: 3 } as const;
  return fields.toSorted((a, b) => rank[a.changedBy] - rank[b.changedBy]);
}
