import { isIdentical, type Json, type JsonObject } from './content.ts';

/** An element, by who has changed it (merge.ts). */
interface Contested {
  readonly path: string;
  readonly changedBy: string;
  readonly base: JsonObject;
  readonly mine: JsonObject;
  readonly theirs: JsonObject;
}

/** Lists whose items stand for themselves. Not dosages: two of them are more than either prescribed. */
const joinable: ReadonlySet<string> = new Set([
  'basedOn',
  'derivedFrom',
  'detectedIssue',
  'evidence',
  'identifier',
  'note',
  'partOf',
  'participant',
  'performer',
  'reaction',
  'reasonCode',
  'reasonReference',
  'relevantHistory',
  'supportingInformation',
]);

/** An item of a list, by whose version has it. */
export interface Taken {
  readonly side: 'mine' | 'theirs';
  readonly index: number;
}

/**
 * The items of a list to which both sides did something: theirs and what mine added, without what either took out of the
 * base. Null where it is no such list, or is as one of the sides has it.
 */
export function bothOf({ path, changedBy, ...sides }: Contested): Taken[] | null {
  const [base, mine, theirs] = [sides.base, sides.mine, sides.theirs].map((group) => listIn(group, path));
  if (changedBy !== 'both' || !joinable.has(path) || !base || !mine || !theirs) return null;
  const has = (list: readonly Json[], item: Json) => list.some((one) => isIdentical(one, item));
  const kept = theirs.flatMap((item, index): Taken[] =>
    has(base, item) && !has(mine, item) ? [] : [{ side: 'theirs', index }],
  );
  const added = mine.flatMap((item, index): Taken[] =>
    has(base, item) || has(theirs, item) ? [] : [{ side: 'mine', index }],
  );
  const isTheirs = added.length === 0 && kept.length === theirs.length;
  const items = [...kept, ...added].map(({ side, index }) => (side === 'mine' ? mine : theirs)[index] ?? null);
  return isTheirs || items.length === 0 || isIdentical(items, mine) ? null : [...kept, ...added];
}

/** The one list that an element is; none where it is anything else. */
function listIn(group: JsonObject, path: string): readonly Json[] | undefined {
  const names = Object.keys(group);
  if (names.length === 0) return [];
  const list = group[path];
  return names.length === 1 && Array.isArray(list) ? (list as readonly Json[]) : undefined;
}

/** The list that `bothOf` names, as an element of a resource. */
export function joinedOf(difference: Contested): JsonObject | null {
  const { path, mine, theirs } = difference;
  const items = bothOf(difference)?.map(({ side, index }) => listIn(side === 'mine' ? mine : theirs, path)?.[index]);
  return items ? { [path]: items.map((item) => item ?? null) } : null;
}
