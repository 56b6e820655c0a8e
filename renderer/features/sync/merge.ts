import type { SaidItems } from '../../../preload/contract/said.ts';
import type { Choice, Conflict, ConflictField } from '../../../preload/contract/sync.ts';
import { elementName } from '../../parts/elementNames.ts';

/** What was chosen, by path of the field. */
export type Choices = Readonly<Record<string, Choice>>;

/**
 * Who changed a field alone keeps it; where both did, nothing is decided for anybody. Of an allergy, a problem or a medicine,
 * and where what one side changed is about what the other did, nothing at all is.
 */
export function firstChoices({ fields, decideAll }: Pick<Conflict, 'fields' | 'decideAll'>): Choices {
  return Object.fromEntries(
    fields.flatMap(({ path, changedBy }) =>
      !decideAll && (changedBy === 'mine' || changedBy === 'theirs') ? [[path, changedBy] as const] : [],
    ),
  );
}

export function choiceOf(choices: Choices, path: string): Choice | undefined {
  return Object.hasOwn(choices, path) ? choices[path] : undefined;
}

/** Fields that somebody still has to decide. */
export function undecided(fields: readonly ConflictField[], choices: Choices): ConflictField[] {
  return fields.filter(({ path, changedBy }) => changedBy !== 'same' && choiceOf(choices, path) === undefined);
}

/** What the merged record has in a field: null where it isn't there, undefined where nobody has decided yet. */
export function mergedItems(field: ConflictField, choices: Choices): SaidItems | null | undefined {
  if (field.changedBy === 'same') return field.mine;
  const side = choiceOf(choices, field.path);
  return side && field[side];
}

const RANK = { both: 0, mine: 1, theirs: 2, same: 3 } as const;

export interface Sorted {
  /** With a clinical name; what both sides differ in comes first: that is what there is to decide. */
  readonly named: readonly ConflictField[];
  /** What only FHIR has a name for. */
  readonly others: readonly ConflictField[];
}

export function sorted(type: string, fields: readonly ConflictField[]): Sorted {
  const all = fields.toSorted((a, b) => RANK[a.changedBy] - RANK[b.changedBy]);
  const isNamed = ({ path }: ConflictField) => elementName(type, path) !== null;
  return { named: all.filter(isNamed), others: all.filter((field) => !isNamed(field)) };
}
