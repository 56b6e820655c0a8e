import type { ObservationItem } from '../../../preload/contract/chart.ts';

/** Statuses of an observation that holds no result that may be acted on. */
const NOT_SHOWN = new Set(['entered-in-error', 'cancelled']);

/** The newest value of each code, in the order given; entered-in-error values are never the latest (design rule 10). */
export function latestOfEach(items: readonly ObservationItem[]): readonly ObservationItem[] {
  const newest = new Map<string, ObservationItem>();
  for (const item of items) {
    if (NOT_SHOWN.has(item.status)) continue;
    const known = newest.get(item.code);
    if (!known || timeOf(item) > timeOf(known)) newest.set(item.code, item);
  }
  return [...newest.values()];
}

function timeOf({ effective }: ObservationItem): number {
  const time = effective === null ? Number.NaN : Date.parse(effective);
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time;
}
