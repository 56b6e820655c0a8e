import { diffWordsWithSpace } from 'diff';

/** A stretch of text that both have, or that one of them has alone. */
export interface Stretch {
  readonly kind: 'kept' | 'added' | 'removed';
  readonly text: string;
}

/** Edits beyond which two texts have too little in common for marks to help, and the search for them takes long. */
const EDITS_MAX = 4_000;
/** Share of the longer text that must be kept for marks to be readable. */
const KEPT_MIN = 0.35;

/**
 * What was added to a text and taken out of it, by words. `null` where the texts have so little in common that marks
 * would only hide what the newer one says.
 */
export function differences(before: string, after: string): readonly Stretch[] | null {
  const changes = diffWordsWithSpace(before, after, { maxEditLength: EDITS_MAX });
  if (!changes) return null;
  const stretches = changes.map(
    ({ added, removed, value }): Stretch => ({ kind: added ? 'added' : removed ? 'removed' : 'kept', text: value }),
  );
  const joined = withoutIslands(stretches);
  const kept = joined.reduce((sum, { kind, text }) => sum + (kind === 'kept' ? text.length : 0), 0);
  return kept >= KEPT_MIN * Math.max(before.length, after.length) ? joined : null;
}

/** A space, a full stop or a short word that happens to be in both reads as part of the change around it. */
function isIsland({ kind, text }: Stretch): boolean {
  return kind === 'kept' && !text.includes('\n\n') && (text.match(/[\p{L}\p{N}]/gu)?.length ?? 0) < 4;
}

/** Changes side by side become one: first what was taken out, then what was put in its place. */
function withoutIslands(stretches: readonly Stretch[]): Stretch[] {
  const joined: Stretch[] = [];
  let removed = '';
  let added = '';
  const settle = () => {
    if (removed !== '') joined.push({ kind: 'removed', text: removed });
    if (added !== '') joined.push({ kind: 'added', text: added });
    removed = '';
    added = '';
  };
  for (const [at, stretch] of stretches.entries()) {
    const between = removed !== '' && added !== '' && (stretches[at + 1]?.kind ?? 'kept') !== 'kept';
    const inBoth = stretch.kind === 'kept' && between && isIsland(stretch);
    if (stretch.kind === 'kept' && !inBoth) {
      settle();
      joined.push(stretch);
      continue;
    }
    if (stretch.kind !== 'added') removed += stretch.text;
    if (stretch.kind !== 'removed') added += stretch.text;
  }
  settle();
  return joined;
}
