import { compilePath } from '../path.ts';
import type { Leaf } from '../table.ts';

export interface Found {
  readonly element: string;
  readonly value: unknown;
}

/** Everything at some places of a resource, with its type. */
export function leavesWalk(leaves: readonly Leaf[]): (resource: unknown) => Found[] {
  const walks = leaves.map(({ path, element }) =>
    compilePath<Found[]>(path, (value, found) => void found.push({ element, value })),
  );
  return (resource) => {
    const found: Found[] = [];
    for (const walk of walks) walk(resource, found);
    return found;
  };
}
