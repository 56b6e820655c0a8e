import { keepPreviousData, type UseQueryResult, useQueries, useQuery } from '@tanstack/react-query';
import type { TimelineEntry, TimelineFilter, TimelineOutline } from '../../../preload/contract/timeline.ts';
import { bridge, unwrap } from '../../app/bridge.ts';
import { asOfPast, usePast } from '../../app/past.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { PAGE } from './timelineLines.ts';

/** How many entries there are, and where. What was shown before stays while another filter is read. */
export function useOutline(patientId: string, filter: TimelineFilter): UseQueryResult<TimelineOutline> {
  const past = usePast();
  return useQuery({
    queryKey: queryKeys.timelineOutline(patientId, past, filter),
    queryFn: () => unwrap(bridge().timeline.outline({ patientId, filter, ...asOfPast(past) })),
    placeholderData: keepPreviousData,
    ...recordOptions,
  });
}

interface Entries {
  readonly entryAt: (index: number) => TimelineEntry | null;
  /** The code of a page that could not be read. */
  readonly error: Error | null;
}

/** Entries by their number, of the pages that are asked for; null for one that isn't there yet. */
export function useEntries(
  patientId: string,
  filter: TimelineFilter,
  marks: readonly string[],
  pages: readonly number[],
): Entries {
  const past = usePast();
  const read = useQueries({
    queries: pages.map((page) => {
      const after = page === 0 ? null : (marks[page - 1] ?? null);
      return {
        queryKey: queryKeys.timelinePage(patientId, past, filter, after),
        queryFn: () => unwrap(bridge().timeline.page({ patientId, filter, after, ...asOfPast(past) })),
        enabled: page === 0 || after !== null,
        ...recordOptions,
      };
    }),
  });
  return {
    entryAt(index) {
      const at = pages.indexOf(Math.floor(index / PAGE));
      return read[at]?.data?.items[index % PAGE] ?? null;
    },
    error: read.find(({ error }) => error)?.error ?? null,
  };
}
