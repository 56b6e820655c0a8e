import type { TimelineOutline } from '../../../preload/contract/timeline.ts';

/** Entries of one page (the contract's `TIMELINE_PAGE`, whose value would bring its schemas into the page). */
export const PAGE = 100;

/** A line of the list: the head of a month, or the entry of a number. */
export type Line =
  | { readonly kind: 'month'; readonly month: string | null; readonly count: number }
  | { readonly kind: 'entry'; readonly index: number };

export interface Lines {
  readonly count: number;
  readonly lineAt: (at: number) => Line | null;
  /** Line of an entry. */
  readonly lineOf: (index: number) => number;
  /** Line of the first month that is no later than one. */
  readonly lineOfMonth: (month: string) => number;
}

/** Where months and entries stand, worked out from the months' numbers alone: no entry has to be there for it. */
export function linesOf({ months }: Pick<TimelineOutline, 'months'>): Lines {
  const starts: number[] = [];
  let next = 0;
  for (const { count } of months) {
    starts.push(next);
    next += count + 1;
  }
  /** The last month whose line is no later. */
  const monthAt = (at: number, lineOf: (month: number) => number): number => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (lineOf(middle) <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const startOf = (month: number) => starts[month] ?? 0;
  return {
    count: next,
    lineAt(at) {
      const month = monthAt(at, startOf);
      const head = months[month];
      if (!head || at < 0 || at >= next) return null;
      return at === startOf(month) ? { kind: 'month', ...head } : { kind: 'entry', index: at - month - 1 };
    },
    // Entries before a month are as many as its line, without the heads before it.
    lineOf: (index) => index + 1 + monthAt(index, (month) => startOf(month) - month),
    lineOfMonth(wanted) {
      const found = months.findIndex(({ month }) => month !== null && month <= wanted);
      return found < 0 ? Math.max(0, next - 1) : startOf(found);
    },
  };
}

/** Pages on which some entries are, with the ones beside them: what is scrolled to next is there already. */
export function pagesAround(from: number, to: number, total: number): readonly number[] {
  const last = Math.max(0, Math.ceil(total / PAGE) - 1);
  const [first, end] = [Math.floor(from / PAGE) - 1, Math.floor(to / PAGE) + 1];
  const pages: number[] = [];
  for (let page = Math.max(0, first); page <= Math.min(last, end); page += 1) pages.push(page);
  return pages;
}
