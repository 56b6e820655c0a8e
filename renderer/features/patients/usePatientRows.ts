import { keepPreviousData, type UseQueryResult, useQueries, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { PatientPage, PatientRow } from '../../../preload/contract/patients.ts';
import { bridge, unwrap } from '../../app/bridge.ts';
import { type AskedFilter, queryKeys } from '../../app/queries.ts';

export const ROW_HEIGHT = 34;

/** As many rows as fill the window: whoever is returned is recorded, and that takes longer than to find her. */
export const PAGE_SIZE = 10 * Math.ceil(window.innerHeight / ROW_HEIGHT / 10);

/** The query of one page of the list: rows, and how many there are. */
export function pageQuery(filter: AskedFilter, page: number) {
  const { scope, query, sort, descending } = filter;
  return {
    queryKey: queryKeys.patientList({ scope, query, sort, descending }, page),
    queryFn: () =>
      unwrap(bridge().patients.list({ scope, query, sort, descending, offset: page * PAGE_SIZE, limit: PAGE_SIZE })),
  };
}

/** The first page, which also says how many there are. The page before stays while another filter is read. */
export function useFirstPage(filter: AskedFilter): UseQueryResult<PatientPage> {
  return useQuery({ ...pageQuery(filter, 0), placeholderData: keepPreviousData });
}

interface Rows {
  readonly rowAt: (index: number) => PatientRow | null;
  /** Index of a patient among the rows that were read, or -1. */
  readonly indexOf: (id: string | null) => number;
}

const dataOf = (pages: UseQueryResult<PatientPage>[]) => pages.map((page) => page.data ?? null);

/** Rows by index. Pages are read as they come into sight, and stay until the filter changes. */
export function usePatientRows(filter: AskedFilter, first: PatientPage | undefined, from: number, to: number): Rows {
  const wanted = pagesBetween(from, to);
  const visited = useVisited(filterKey(filter), wanted);
  const rest = useQueries({
    queries: visited.map((page) => ({ ...pageQuery(filter, page), enabled: wanted.includes(page) })),
    combine: dataOf,
  });

  return useMemo(() => {
    const pages = new Map<number, readonly PatientRow[]>([[0, first?.items ?? []]]);
    visited.forEach((page, index) => {
      pages.set(page, rest[index]?.items ?? []);
    });
    return {
      rowAt: (index) => pages.get(Math.floor(index / PAGE_SIZE))?.[index % PAGE_SIZE] ?? null,
      indexOf: (id) => {
        for (const [page, rows] of pages) {
          const at = rows.findIndex((row) => row.id === id);
          if (at >= 0) return page * PAGE_SIZE + at;
        }
        return -1;
      },
    };
  }, [first, rest, visited]);
}

/** Two filters that show the same have the same key. */
export function filterKey({ scope, sort, descending, query }: AskedFilter): string {
  return JSON.stringify([scope, sort, descending, query]);
}

function pagesBetween(from: number, to: number): readonly number[] {
  const pages: number[] = [];
  for (let page = Math.floor(from / PAGE_SIZE); page <= Math.floor(to / PAGE_SIZE); page += 1) {
    if (page > 0) pages.push(page);
  }
  return pages;
}

/** Pages after the first that were in sight since the filter last changed. */
function useVisited(filterKey: string, wanted: readonly number[]): readonly number[] {
  const [visited, setVisited] = useState({ filterKey, pages: wanted });
  const known = visited.filterKey === filterKey ? visited.pages : [];
  const added = wanted.filter((page) => !known.includes(page));
  if (visited.filterKey === filterKey && added.length === 0) return visited.pages;
  const pages = [...known, ...added];
  setVisited({ filterKey, pages });
  return pages;
}
